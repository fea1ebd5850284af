/** Readers of the request headers that mean something to us. */
import type { Fault } from '../actions/fault.ts'

export type IdempotencyHeader =
  | { readonly outcome: 'absent' }
  | { readonly outcome: 'given'; readonly key: string }
  | { readonly outcome: 'invalid'; readonly fault: Fault }

const visibleAscii = /^[\x21-\x7e]{1,255}$/
const quotedString = /^"((?:[\x20\x21\x23-\x5b\x5d-\x7e]|\\["\\])*)"$/

/** `Idempotency-Key`: 1 to 255 visible ASCII characters, bare or as a quoted string; both forms name the same key. */
export const readIdempotencyKey = (header: string | string[] | undefined): IdempotencyHeader => {
  if (header === undefined) return { outcome: 'absent' }
  const text = String(header)
  const quoted = quotedString.exec(text)?.[1]
  const key = quoted === undefined ? text : quoted.replace(/\\(["\\])/g, '$1')
  return visibleAscii.test(key)
    ? { outcome: 'given', key }
    : {
        outcome: 'invalid',
        fault: {
          pointer: '/headers/idempotency-key',
          code: 'not_accepted',
          detail: 'must have 1 to 255 visible ASCII characters, bare or in quotes',
        },
      }
}

const longestWaitS = 60
const waitPreference = /^wait\s*=\s*("?)(\d+)\1\s*(?:;.*)?$/i

/** The seconds of `Prefer: wait=n` (RFC 7240 §4.3), at most 60; 0 when there is none. */
export const readWaitS = (header: string | string[] | undefined): number => {
  if (header === undefined) return 0
  for (const preference of String(header).split(',')) {
    const seconds = waitPreference.exec(preference.trim())?.[2]
    if (seconds !== undefined) return Math.min(Number(seconds), longestWaitS)
  }
  return 0
}

/** Does `If-None-Match` name this entity tag (RFC 9110 §13.1.2)? Weak tags compare equal to strong ones here. */
export const isNoneMatch = (header: string | undefined, etag: string): boolean =>
  (header ?? '').split(',').some((candidate) => {
    const tag = candidate.trim()
    return tag === '*' || tag.replace(/^W\//, '') === etag
  })

const mediaTypeShape = /^[\w!#$%&'*+.^`|~-]+\/[\w!#$%&'*+.^`|~-]+\s*(;|$)/

/** Is this a `Content-Type` as fastify reads one? What it cannot read it would refuse. */
export const isMediaType = (header: string | undefined): boolean => mediaTypeShape.test(header ?? '')

const requestIdShape = /^[A-Za-z0-9_-]{1,64}$/

/** The client's own name for the request, if it gave one that is safe to repeat in headers and logs. */
export const readRequestId = (header: string | string[] | undefined): string | null =>
  typeof header === 'string' && requestIdShape.test(header) ? header : null
