import { type KeyObject, sign, timingSafeEqual, verify } from 'node:crypto'
import { hmacSha256 } from '../crypto/hmac.ts'
import { findSecretKey } from './secret.ts'
import { findPublicKey, type SigningKey } from './signing-key.ts'

/** How far a callback's time stamp may lie from the receiver's clock, in both directions. */
const toleranceS = 300
const timestampShape = /^[0-9]{1,11}$/

export interface SignatureHeaders {
  readonly 'webhook-id': string
  readonly 'webhook-timestamp': string
  readonly 'webhook-signature': string
}

/**
 * The three headers of Standard Webhooks 1.0 for exactly these bytes. There is one `v1` signature for each secret, so
 * that receivers may change to a new one in their own time, and one `v1a` for each signing key. `id` is the same at
 * every attempt, `timestampS` (whole seconds) is that of this one. Throws for an id or a secret that cannot be signed
 * with: both were made or checked by us.
 */
export const signCallback = (message: {
  id: string
  timestampS: number
  body: Buffer
  secrets: readonly string[]
  signingKeys?: readonly SigningKey[]
}): SignatureHeaders => {
  const { id, timestampS, body, secrets, signingKeys = [] } = message
  if (!isSignableId(id)) throw new TypeError('A callback id must be visible ASCII without a dot.')
  if (!Number.isSafeInteger(timestampS)) throw new TypeError('A callback is signed at a whole second.')
  if (secrets.length + signingKeys.length === 0)
    throw new TypeError('A callback needs a secret to be signed with.')

  const signed = signedBytes(id, String(timestampS), body)
  const signatures = [
    ...secrets.map((secret) => `v1,${hmacSha256(getSecretKey(secret), signed).toString('base64')}`),
    ...signingKeys.map(({ privateKey }) => `v1a,${sign(null, signed, privateKey).toString('base64')}`),
  ]
  return {
    'webhook-id': id,
    'webhook-timestamp': String(timestampS),
    'webhook-signature': signatures.join(' '),
  }
}

export type CallbackVerification =
  | { outcome: 'verified'; id: string; timestampS: number }
  | {
      outcome: 'rejected'
      reason: 'missing_headers' | 'malformed_headers' | 'too_old' | 'too_new' | 'wrong_signature'
    }

/**
 * What a receiver does, before it parses anything: is this body from the holder of one of the keys, and recent? The
 * time stamp is always checked. `body` is the raw body; header names may be in any case. A receiver must still remember
 * the id for ten minutes, for a replay within the tolerance.
 */
export const verifyCallback = (message: {
  headers: Readonly<Record<string, string | string[] | undefined>>
  body: Buffer | string
  /** `whsec_…` secrets and `whpk_…` public keys; any one of them may match. */
  keys: readonly string[]
  nowMs: number
}): CallbackVerification => {
  const headers = Object.fromEntries(
    Object.entries(message.headers).map(([name, value]) => [name.toLowerCase(), value]),
  )
  const { 'webhook-id': id, 'webhook-timestamp': timestamp, 'webhook-signature': signatures } = headers
  if (!id || !timestamp || !signatures) return { outcome: 'rejected', reason: 'missing_headers' }
  if (typeof id !== 'string' || typeof timestamp !== 'string' || typeof signatures !== 'string') {
    return { outcome: 'rejected', reason: 'malformed_headers' }
  }
  if (!isSignableId(id) || !timestampShape.test(timestamp)) {
    return { outcome: 'rejected', reason: 'malformed_headers' }
  }

  const ageS = Math.floor(message.nowMs / 1_000) - Number(timestamp)
  if (ageS < -toleranceS) return { outcome: 'rejected', reason: 'too_new' }
  if (!(ageS <= toleranceS)) return { outcome: 'rejected', reason: 'too_old' }

  const signed = signedBytes(id, timestamp, message.body)
  return message.keys.some((key) => isSignedBy(key, signed, signatures))
    ? { outcome: 'verified', id, timestampS: Number(timestamp) }
    : { outcome: 'rejected', reason: 'wrong_signature' }
}

/** The dot separates the signed parts; an id that held one could borrow from the time stamp. */
const isSignableId = (id: string): boolean => /^[\x21-\x2d\x2f-\x7e]{1,256}$/.test(id)

const signedBytes = (id: string, timestamp: string, body: Buffer | string): Buffer =>
  Buffer.concat([
    Buffer.from(`${id}.${timestamp}.`, 'ascii'),
    typeof body === 'string' ? Buffer.from(body, 'utf8') : body,
  ])

const getSecretKey = (secret: string): Buffer => {
  const key = findSecretKey(secret)
  if (key === null) throw new TypeError('A callback secret must be whsec_ and 24 to 64 bytes in base64.')
  return key
}

/** Signatures of versions that the key is not for, unknown ones included, are passed over. */
const isSignedBy = (key: string, signed: Buffer, signatures: string): boolean => {
  const matches = matcherOf(key, signed)
  return signatures.split(' ').some((entry) => {
    const [version = '', encoded = ''] = entry.split(',', 2)
    return version === matches.version && matches.test(Buffer.from(encoded, 'base64'))
  })
}

const matcherOf = (key: string, signed: Buffer): { version: string; test(signature: Buffer): boolean } => {
  const publicKey: KeyObject | null = findPublicKey(key)
  if (publicKey !== null) {
    return { version: 'v1a', test: (signature) => verify(null, signed, publicKey, signature) }
  }
  const expected = hmacSha256(getSecretKey(key), signed)
  return {
    version: 'v1',
    test: (signature) => signature.length === expected.length && timingSafeEqual(signature, expected),
  }
}
