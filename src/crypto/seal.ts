import {
  createCipheriv,
  createDecipheriv,
  createSecretKey,
  hkdfSync,
  type KeyObject,
  randomBytes,
} from 'node:crypto'

const nonceBytes = 12
const tagBytes = 16
const keyIdBytes = 6
/** `v1.<key id>.<nonce, ciphertext and tag>`, the last two in base64url. */
const sealedShape = /^v1\.([A-Za-z0-9_-]{8})\.([A-Za-z0-9_-]+)$/

/** Why a sealed value could not be opened. */
export type UnsealCode =
  /** Not something that a sealer wrote. */
  | 'malformed'
  /** Sealed under another key: CLIPLINE_SECRET is not the one that was used. */
  | 'unknown_key'
  /** Changed since, or moved to a row, a table or a tenant that it was not sealed for. */
  | 'not_authentic'

const unsealMessages: Record<UnsealCode, string> = {
  malformed: 'The value is not a sealed secret.',
  unknown_key: 'The secret was sealed with another CLIPLINE_SECRET.',
  not_authentic: 'The sealed secret was changed, or belongs to another row.',
}

export class UnsealError extends Error {
  override readonly name = 'UnsealError'
  readonly code: UnsealCode

  constructor(code: UnsealCode, options?: ErrorOptions) {
    super(unsealMessages[code], options)
    this.code = code
  }
}

/** Keeps secrets that must be read again (callback secrets, provider tokens) unreadable in the database. */
export interface Sealer {
  /** Encrypts `plaintext` for one place. Two seals of the same text differ. */
  seal(plaintext: string, aad: string): string
  /** Gives the plaintext back, or throws {@link UnsealError}. `aad` must be what it was sealed with. */
  open(sealed: string, aad: string): string
}

/** The place that a secret is bound to. Sealed text copied to another row, table or tenant does not open there. */
export const sealedPlace = (place: { table: string; rowId: string; tenantId: string }): string => {
  const parts = [place.table, place.rowId, place.tenantId]
  if (parts.some((part) => part.includes('|'))) throw new TypeError('A part of a sealed place holds a "|".')
  return parts.join('|')
}

/**
 * A sealer with AES-256-GCM under random 96-bit nonces (guarantees.md §4.5). `masterKey` is the `seal` key of
 * `deriveKeys`; the encryption key and the key id written beside each value are derived from it.
 */
export const createSealer = (masterKey: Buffer): Sealer => {
  const key = createSecretKey(expand(masterKey, 'key', 32))
  const keyId = expand(masterKey, 'id', keyIdBytes).toString('base64url')

  return {
    seal(plaintext, aad) {
      const nonce = randomBytes(nonceBytes)
      const cipher = createCipheriv('aes-256-gcm', key, nonce).setAAD(boundTo(keyId, aad))
      const sealed = Buffer.concat([
        nonce,
        cipher.update(plaintext, 'utf8'),
        cipher.final(),
        cipher.getAuthTag(),
      ])
      return `v1.${keyId}.${sealed.toString('base64url')}`
    },

    open(sealed, aad) {
      const [, sealedKeyId, encoded] = sealedShape.exec(sealed) ?? []
      if (sealedKeyId === undefined || encoded === undefined) throw new UnsealError('malformed')
      const bytes = Buffer.from(encoded, 'base64url')
      if (bytes.length < nonceBytes + tagBytes || bytes.toString('base64url') !== encoded) {
        throw new UnsealError('malformed')
      }
      if (sealedKeyId !== keyId) throw new UnsealError('unknown_key')
      return decrypt(key, bytes, boundTo(keyId, aad))
    },
  }
}

const decrypt = (key: KeyObject, bytes: Buffer, aad: Buffer): string => {
  const tagAt = bytes.length - tagBytes
  const decipher = createDecipheriv('aes-256-gcm', key, bytes.subarray(0, nonceBytes), {
    authTagLength: tagBytes,
  })
  decipher.setAAD(aad).setAuthTag(bytes.subarray(tagAt))
  try {
    return Buffer.concat([decipher.update(bytes.subarray(nonceBytes, tagAt)), decipher.final()]).toString(
      'utf8',
    )
  } catch (cause) {
    throw new UnsealError('not_authentic', { cause })
  }
}

/** The version and the key id are authenticated too: neither can be rewritten. */
const boundTo = (keyId: string, aad: string): Buffer => Buffer.from(`v1.${keyId}|${aad}`, 'utf8')

const expand = (masterKey: Buffer, use: 'key' | 'id', sizeBytes: number): Buffer =>
  Buffer.from(hkdfSync('sha256', masterKey, Buffer.alloc(0), `clipline/v1/sealer/${use}`, sizeBytes))
