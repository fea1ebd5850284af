import { createHash, createPrivateKey, createPublicKey, type KeyObject, randomBytes } from 'node:crypto'

const secretPrefix = 'whsk_'
const publicPrefix = 'whpk_'
const seedBytes = 32
/** The DER around an ed25519 seed (RFC 8410 §7) and around an ed25519 public key (§4). */
const seedHeader = Buffer.from('302e020100300506032b657004220420', 'hex')
const publicHeader = Buffer.from('302a300506032b6570032100', 'hex')

/** An ed25519 key pair for `v1a` signatures, which receivers check without knowing a secret. */
export interface SigningKey {
  readonly privateKey: KeyObject
  /** `whsk_` and the base64 of seed and public key, 64 bytes. */
  readonly secret: string
  /** `whpk_` and the base64 of the public key, 32 bytes. */
  readonly publicKey: string
}

/** A public key as JWKS lists it (RFC 8037). */
export interface PublicJwk {
  readonly kty: 'OKP'
  readonly crv: 'Ed25519'
  readonly x: string
  readonly kid: string
  readonly use: 'sig'
  readonly alg: 'EdDSA'
}

export const newSigningKey = (): SigningKey => signingKeyFromSeed(randomBytes(seedBytes))

/** The key pair of a 32-byte seed, for example of the `callbacks` key of `deriveKeys`. */
export const signingKeyFromSeed = (seed: Buffer): SigningKey => {
  const privateKey = createPrivateKey({
    key: Buffer.concat([seedHeader, seed]),
    format: 'der',
    type: 'pkcs8',
  })
  const publicBytes = createPublicKey(privateKey).export({ format: 'der', type: 'spki' }).subarray(-seedBytes)
  return {
    privateKey,
    secret: secretPrefix + Buffer.concat([seed, publicBytes]).toString('base64'),
    publicKey: publicPrefix + publicBytes.toString('base64'),
  }
}

/** Reads `whsk_…`: a seed, alone or followed by its own public key. Null when it is neither. */
export const findSigningKey = (text: string): SigningKey | null => {
  const bytes = decodePrefixed(text, secretPrefix)
  if (bytes?.length !== seedBytes && bytes?.length !== 2 * seedBytes) return null
  const key = signingKeyFromSeed(bytes.subarray(0, seedBytes))
  return bytes.length === seedBytes || key.secret === text ? key : null
}

/** Reads `whpk_…`. Null when it is not an ed25519 public key. */
export const findPublicKey = (text: string): KeyObject | null => {
  const bytes = decodePrefixed(text, publicPrefix)
  if (bytes?.length !== seedBytes) return null
  return createPublicKey({ key: Buffer.concat([publicHeader, bytes]), format: 'der', type: 'spki' })
}

/** The document behind `/.well-known/clipline-keys.json` (api.md §5). A key's id is its RFC 7638 thumbprint. */
export const jwksOf = (keys: readonly SigningKey[]): { keys: PublicJwk[] } => ({
  keys: keys.map(({ publicKey }) => {
    const x = Buffer.from(publicKey.slice(publicPrefix.length), 'base64').toString('base64url')
    const kid = createHash('sha256').update(`{"crv":"Ed25519","kty":"OKP","x":"${x}"}`).digest('base64url')
    return { kty: 'OKP', crv: 'Ed25519', x, kid, use: 'sig', alg: 'EdDSA' }
  }),
})

const decodePrefixed = (text: string, prefix: string): Buffer | null => {
  if (!text.startsWith(prefix)) return null
  const encoded = text.slice(prefix.length)
  const bytes = Buffer.from(encoded, 'base64')
  return bytes.toString('base64') === encoded ? bytes : null
}
