/** Verifies callbacks (Standard Webhooks 1.0) before anything in them is believed. */
import { createHmac, createPublicKey, type KeyObject, timingSafeEqual, verify } from 'node:crypto'
import type { EndpointCallback, JobCallback } from './shapes.ts'
import { nowMs as systemNowMs } from './time.ts'

/** The time stamp may lie this far from our clock, in both directions. */
const longestToleranceS = 300

export type Callback = (JobCallback | EndpointCallback) & {
  /** The same at every try: drop what you have seen. Remember it for at least ten minutes. */
  readonly id: string
}

export type CallbackFault =
  | 'missing_headers'
  | 'malformed_headers'
  | 'too_old'
  | 'too_new'
  | 'wrong_signature'
  | 'malformed_body'

/** The callback is not to be believed: answer 400. */
export class CallbackRejected extends Error {
  override readonly name = 'CallbackRejected'
  readonly reason: CallbackFault

  constructor(reason: CallbackFault) {
    super(`the callback is not to be believed: ${reason.replaceAll('_', ' ')}`)
    this.reason = reason
  }
}

export interface VerifyOptions {
  /** How far the time stamp may lie from the clock: more than 0 and at most 300, which holds when left out. */
  readonly toleranceS?: number
  /** The clock that the time stamp is held against, in milliseconds since 1970; that of the system when left out. */
  readonly nowMs?: () => number
}

export type CallbackHeaders = Headers | Readonly<Record<string, string | readonly string[] | undefined>>

/**
 * The callback, when it was signed with one of the keys within the last minutes; else throws `CallbackRejected`.
 *
 * `body` is the raw body as it came: one that was parsed and written again has other bytes. `keys` are `whsec_…` secrets
 * or `whpk_…` public keys, any one of which may match: give the old and the new one while a secret is being changed.
 * The time stamp is checked whatever the options say: without it, an old callback could be sent again.
 */
export const verifyCallback = (
  body: string | Uint8Array,
  headers: CallbackHeaders,
  keys: string | readonly string[],
  { toleranceS = longestToleranceS, nowMs = systemNowMs }: VerifyOptions = {},
): Callback => {
  if (!(toleranceS > 0 && toleranceS <= longestToleranceS))
    throw new RangeError(`toleranceS is more than 0 and at most ${longestToleranceS}`)
  const checks = [keys].flat().map(checkOf)
  if (checks.length === 0) throw new TypeError('a key is needed to verify a callback')

  const { id, timestamp, signatures } = readHeaders(headers)
  const ageS = nowMs() / 1_000 - Number(timestamp)
  if (ageS < -toleranceS) throw new CallbackRejected('too_new')
  if (!(ageS <= toleranceS)) throw new CallbackRejected('too_old')
  const signed = Buffer.concat([Buffer.from(`${id}.${timestamp}.`), Buffer.from(body as Uint8Array)])
  const isSigned = checks.some((check) => signatures.some((signature) => check(signed, signature)))
  if (!isSigned) throw new CallbackRejected('wrong_signature')
  return { ...parse(body), id }
}

const idShape = /^[\x21-\x2d\x2f-\x7e]{1,256}$/
const timestampShape = /^\d{1,11}$/

const readHeaders = (headers: CallbackHeaders) => {
  const find = headers instanceof Headers ? (name: string) => headers.get(name) : finderOf(headers)
  const id = find('webhook-id')
  const timestamp = find('webhook-timestamp')
  const signatures = find('webhook-signature')
  if (!id || !timestamp || !signatures) throw new CallbackRejected('missing_headers')
  if (!idShape.test(id) || !timestampShape.test(timestamp)) throw new CallbackRejected('malformed_headers')
  return { id, timestamp, signatures: signatures.split(' ') }
}

/** Names may be in any case; a header that came twice is malformed. */
const finderOf = (headers: Readonly<Record<string, string | readonly string[] | undefined>>) => {
  const byName = new Map(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]))
  return (name: string): string | null => {
    const value = byName.get(name)
    if (value === undefined) return null
    if (typeof value === 'string') return value
    throw new CallbackRejected('malformed_headers')
  }
}

type SignatureCheck = (signed: Buffer, signature: string) => boolean

/** What fits a key. Signatures of other versions are passed over. */
const checkOf = (key: string): SignatureCheck => {
  const secret = decode(key, 'whsec_')
  if (secret !== null && secret.length >= 24)
    return (signed, signature) => fitsSecret(secret, signed, signature)
  const publicBytes = decode(key, 'whpk_')
  if (publicBytes?.length === 32) {
    const publicKey = toPublicKey(publicBytes)
    return (signed, signature) => fitsPublicKey(publicKey, signed, signature)
  }
  throw new TypeError('a key is whsec_ or whpk_ and base64, as Clipline shows it')
}

const decode = (key: string, prefix: string): Buffer | null =>
  key.startsWith(prefix) ? Buffer.from(key.slice(prefix.length), 'base64') : null

const fitsSecret = (secret: Buffer, signed: Buffer, signature: string): boolean => {
  if (!signature.startsWith('v1,')) return false
  const given = Buffer.from(signature.slice(3), 'base64')
  const expected = createHmac('sha256', secret).update(signed).digest()
  return given.length === expected.length && timingSafeEqual(given, expected)
}

const fitsPublicKey = (publicKey: KeyObject, signed: Buffer, signature: string): boolean =>
  signature.startsWith('v1a,') && verify(null, signed, publicKey, Buffer.from(signature.slice(4), 'base64'))

/** An ed25519 public key, as JWK has it. */
const toPublicKey = (bytes: Buffer): KeyObject =>
  createPublicKey({ key: { kty: 'OKP', crv: 'Ed25519', x: bytes.toString('base64url') }, format: 'jwk' })

const parse = (body: string | Uint8Array): JobCallback | EndpointCallback => {
  try {
    return JSON.parse(typeof body === 'string' ? body : new TextDecoder().decode(body))
  } catch (error) {
    if (error instanceof SyntaxError) throw new CallbackRejected('malformed_body')
    throw error
  }
}
