import { hkdfSync, randomBytes } from 'node:crypto'

const secretBytes = 32
/** A random secret has about 30 distinct byte values; fewer than this is a placeholder, not a secret. */
const fewestDistinctBytes = 12
const hexShape = /^[0-9a-fA-F]{64}$/
const base64Shape = /^[A-Za-z0-9+/_-]{43}=?$/

export type MasterSecretParse = { ok: true; secret: Buffer } | { ok: false; detail: string }

/** What the master secret is used for. Each purpose has its own key, so that no two uses can be played against each other. */
export const keyPurposes = ['seal', 'pepper', 'links', 'callbacks'] as const
export type KeyPurpose = (typeof keyPurposes)[number]

/**
 * Reads CLIPLINE_SECRET (api.md §8): exactly 32 bytes as hex, base64 or base64url. Refuses placeholders such as all
 * zeros. The detail says what is accepted and never repeats the value.
 */
export const parseMasterSecret = (text: string): MasterSecretParse => {
  const secret = decodeSecret(text)
  if (secret === null) return { ok: false, detail: 'must be 32 random bytes as 64 hex digits or as base64' }
  if (new Set(secret).size < fewestDistinctBytes) {
    return {
      ok: false,
      detail: 'is a placeholder, not 32 random bytes; make one with: openssl rand -base64 32',
    }
  }
  return { ok: true, secret }
}

const decodeSecret = (text: string): Buffer | null => {
  if (hexShape.test(text)) return Buffer.from(text, 'hex')
  if (!base64Shape.test(text)) return null
  const secret = Buffer.from(text, 'base64')
  const canonical = secret.toString('base64url')
  const given = text.replaceAll('+', '-').replaceAll('/', '_').replace('=', '')
  return secret.length === secretBytes && given === canonical ? secret : null
}

/** A fresh master secret in the form that {@link parseMasterSecret} reads. */
export const newMasterSecret = (): string => randomBytes(secretBytes).toString('base64')

/** The 32-byte key of every purpose, by HKDF-SHA-256 (RFC 5869). The same secret always gives the same keys. */
export const deriveKeys = (secret: Buffer): Readonly<Record<KeyPurpose, Buffer>> => ({
  seal: deriveKey(secret, 'seal'),
  pepper: deriveKey(secret, 'pepper'),
  links: deriveKey(secret, 'links'),
  callbacks: deriveKey(secret, 'callbacks'),
})

const deriveKey = (secret: Buffer, purpose: KeyPurpose): Buffer =>
  Buffer.from(hkdfSync('sha256', secret, Buffer.alloc(0), `clipline/v1/${purpose}`, secretBytes))
