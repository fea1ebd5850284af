/** Is what came in from whom the intake is for, and which event is it? (api.md §6, guarantees.md §4.5) */
import { createHash, createHmac, timingSafeEqual } from 'node:crypto'
import { verifyCallback } from '../callbacks/signature.ts'

export const verifierTypes = ['standard-webhooks', 'hmac-sha256', 'github', 'none'] as const
export type VerifierType = (typeof verifierTypes)[number]

export const signatureEncodings = ['hex', 'base64'] as const

/** How long a signed body is not taken again under another id, where an intake does not say. */
export const usualReplayWindowS = 86_400

/** How an intake verifies; what its type does not use is null. */
export interface Verifier {
  readonly type: VerifierType
  /** Names of headers are in lower case. */
  readonly header: string | null
  readonly encoding: (typeof signatureEncodings)[number] | null
  /** What stands before the signature in its header. */
  readonly prefix: string | null
  readonly idHeader: string | null
}

export interface IncomingEvent {
  readonly headers: Readonly<Record<string, string | string[] | undefined>>
  /** The raw body: what was signed. */
  readonly body: Buffer
  readonly nowMs: number
}

export type Verification =
  | { readonly outcome: 'verified'; readonly eventId: string }
  /** `detail` says what is wrong with the request, and nothing of the secret. */
  | { readonly outcome: 'rejected'; readonly detail: string }
  /** It is from the right one, and its id is no id. */
  | { readonly outcome: 'unidentified'; readonly header: string; readonly detail: string }

type Verify = (verifier: Verifier, secret: string, event: IncomingEvent) => Verification

/** Throws for a verifier that needs a secret and has none: it cannot have been stored so. */
export const verifyIncoming = (
  verifier: Verifier,
  secret: string | null,
  event: IncomingEvent,
): Verification => {
  if (verifier.type === 'none') return identify(event, verifier.idHeader)
  if (secret === null) throw new Error(`an intake with the verifier ${verifier.type} has no secret`)
  return verifyBy[verifier.type](verifier, secret, event)
}

const rejections = {
  missing_headers: 'the headers webhook-id, webhook-timestamp and webhook-signature are required',
  malformed_headers: 'webhook-id, webhook-timestamp or webhook-signature is malformed',
  too_old: 'webhook-timestamp is more than five minutes ago',
  too_new: 'webhook-timestamp is more than five minutes ahead',
  wrong_signature: 'webhook-signature is not the signature of this body',
} as const

const verifyBy: Readonly<Record<Exclude<VerifierType, 'none'>, Verify>> = {
  'standard-webhooks': (_verifier, secret, event) => {
    const verified = verifyCallback({ ...event, keys: [secret] })
    return verified.outcome === 'verified'
      ? { outcome: 'verified', eventId: verified.id }
      : rejected(rejections[verified.reason])
  },
  'hmac-sha256': ({ header, encoding, prefix, idHeader }, secret, event) =>
    verifyHmac({ header: header ?? '', encoding: encoding ?? 'hex', prefix: prefix ?? '' }, secret, event) ??
    identify(event, idHeader),
  github: (_verifier, secret, event) =>
    verifyHmac({ header: 'x-hub-signature-256', encoding: 'hex', prefix: 'sha256=' }, secret, event) ??
    identify(event, 'x-github-delivery'),
}

const rejected = (detail: string): Verification => ({ outcome: 'rejected', detail })

/** Null when the signature is right. */
const verifyHmac = (
  place: { readonly header: string; readonly encoding: 'hex' | 'base64'; readonly prefix: string },
  secret: string,
  { headers, body }: IncomingEvent,
): Verification | null => {
  const given = headers[place.header]
  if (typeof given !== 'string' || given === '') return rejected(`the header ${place.header} is required`)
  if (!given.startsWith(place.prefix)) return rejected(`${place.header} must begin with ${place.prefix}`)
  const signature = Buffer.from(given.slice(place.prefix.length).trim(), place.encoding)
  const expected = createHmac('sha256', secret).update(body).digest()
  return signature.length === expected.length && timingSafeEqual(signature, expected)
    ? null
    : rejected(`${place.header} is not the ${place.encoding} HMAC-SHA-256 of this body`)
}

const idShape = /^[\x21-\x7e]{1,255}$/

/** The event's own id where there is a header for it, else the digest of its body. */
const identify = ({ headers, body }: IncomingEvent, idHeader: string | null): Verification => {
  const given = idHeader === null ? undefined : headers[idHeader]
  if (given === undefined)
    return { outcome: 'verified', eventId: `sha256:${createHash('sha256').update(body).digest('hex')}` }
  return typeof given === 'string' && idShape.test(given)
    ? { outcome: 'verified', eventId: given }
    : {
        outcome: 'unidentified',
        header: idHeader ?? '',
        detail: 'must have 1 to 255 visible ASCII characters',
      }
}
