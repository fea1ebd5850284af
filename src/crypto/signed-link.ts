import { timingSafeEqual } from 'node:crypto'
import { hmacSha256 } from './hmac.ts'

/** What a token opens. It is part of the signature: a stream token never opens an artifact. */
export type TokenPurpose = 'stream' | 'artifact'

/** Small, non-secret facts that a token carries, for example `{ job_id: 'job_…' }`. Anyone who holds it can read them. */
export type TokenClaims = Readonly<Record<string, string>>

export type TokenVerification =
  | { outcome: 'valid'; claims: TokenClaims; expiresAtMs: number }
  | { outcome: 'invalid'; reason: 'malformed' | 'forged' | 'expired' }

/** Longer tokens are not read: they are never ours, and hashing them would be work done for a stranger. */
const longestToken = 2_048
const tokenShape = /^v1\.([A-Za-z0-9_-]+)\.([A-Za-z0-9_-]{43})$/

/**
 * A token for a URL: `v1.<payload>.<HMAC-SHA-256>`, made only of `A–Z a–z 0–9 - _ .`. It stands for a key where no
 * header can be sent: event streams of browsers and links to artifacts (api.md §0, §1). `key` is the `links` key of
 * `deriveKeys`.
 */
export const signToken = (
  key: Buffer,
  purpose: TokenPurpose,
  claims: TokenClaims,
  expiresAtMs: number,
): string => {
  if (!Number.isSafeInteger(expiresAtMs)) throw new TypeError('A token must expire at a whole millisecond.')
  const payload = Buffer.from(JSON.stringify([expiresAtMs, claims]), 'utf8').toString('base64url')
  const token = `v1.${payload}.${signature(key, purpose, payload).toString('base64url')}`
  if (token.length > longestToken) throw new TypeError('The claims do not fit in a token.')
  return token
}

/** Checks signature, purpose and expiry, in that order: of a forged token nothing is parsed. A token is dead at its expiry. */
export const verifyToken = (
  key: Buffer,
  purpose: TokenPurpose,
  token: string,
  nowMs: number,
): TokenVerification => {
  if (token.length > longestToken) return { outcome: 'invalid', reason: 'malformed' }
  const [, payload, encodedSignature] = tokenShape.exec(token) ?? []
  if (payload === undefined || encodedSignature === undefined)
    return { outcome: 'invalid', reason: 'malformed' }

  const given = Buffer.from(encodedSignature, 'base64url')
  const isCanonical = given.toString('base64url') === encodedSignature
  if (!isCanonical || !timingSafeEqual(given, signature(key, purpose, payload))) {
    return { outcome: 'invalid', reason: 'forged' }
  }

  const [expiresAtMs, claims] = readPayload(payload)
  return nowMs < expiresAtMs
    ? { outcome: 'valid', claims, expiresAtMs }
    : { outcome: 'invalid', reason: 'expired' }
}

const signature = (key: Buffer, purpose: TokenPurpose, payload: string): Buffer =>
  hmacSha256(key, `clipline/v1/${purpose}.${payload}`)

/** Only called on what `signToken` signed, so the shape is known. */
const readPayload = (payload: string): [expiresAtMs: number, claims: TokenClaims] =>
  JSON.parse(Buffer.from(payload, 'base64url').toString('utf8')) as [number, TokenClaims]
