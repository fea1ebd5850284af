import type { Readable } from 'node:stream'
import { errors } from 'undici'
import type { Deadline } from './deadline.ts'
import { type EgressFailure, failureOf } from './failure.ts'
import type { PinnedPool } from './pinned-pool.ts'
import { type TargetRules, vetTarget } from './target.ts'

/** One request as it goes to one target. */
export interface Call {
  readonly url: string
  readonly method: 'GET' | 'POST'
  readonly headers: Readonly<Record<string, string>>
  readonly body: Buffer | null
  /** The longest silence within the answer's body; 0 leaves it to the deadline. */
  readonly idleTimeoutMs: number
}

/** Names in lower case; a header that came more than once is an array, whatever it is. */
export type ResponseHeaders = Readonly<Record<string, string | string[] | undefined>>

/** A response whose body is still on the wire. It must be read or destroyed. */
export interface OpenResponse {
  readonly outcome: 'response'
  readonly url: URL
  readonly statusCode: number
  readonly headers: ResponseHeaders
  readonly wireBody: Readable
}

export interface Road {
  readonly rules: TargetRules
  readonly pool: PinnedPool
}

const redirectStatuses = new Set([301, 302, 303, 307, 308])

/** Vets the target, connects to a vetted address and sends the request once. Never follows and never retries. */
export const exchange = async (
  { rules, pool }: Road,
  call: Call,
  deadline: Deadline,
): Promise<OpenResponse | EgressFailure> => {
  try {
    const vetting = await deadline.wait(vetTarget(call.url, rules))
    if (vetting.outcome === 'forbidden') return { outcome: 'refused' }
    if (vetting.outcome === 'unresolved') return { outcome: 'unreachable', cause: 'dns' }

    const { url } = vetting.target
    const unpin = pool.pin(vetting.target)
    const { statusCode, headers, body } = await deadline
      .wait(pool.dispatcher.request(requestTo(url, call, deadline)))
      .finally(unpin)
    return { outcome: 'response', url, statusCode, headers, wireBody: body }
  } catch (error) {
    if (error instanceof errors.InvalidArgumentError) throw error
    return failureOf(error)
  }
}

/** The deadline covers the wait for headers; the idle time covers the body. undici's own defaults are switched off. */
const requestTo = (url: URL, call: Call, deadline: Deadline) => ({
  origin: url.origin,
  path: url.pathname + url.search,
  method: call.method,
  headers: { 'user-agent': 'Clipline', ...call.headers, 'accept-encoding': 'identity' },
  body: call.body,
  signal: deadline.signal,
  headersTimeout: 0,
  bodyTimeout: call.idleTimeoutMs,
})

/**
 * Follows at most `maxRedirects` redirects; each hop is vetted anew, and none may go from https to http. A redirect
 * beyond the last hop, or without a usable Location, is the response itself.
 */
export const exchangeFollowing = async (
  road: Road,
  call: Call,
  maxRedirects: number,
  deadline: Deadline,
): Promise<OpenResponse | EgressFailure> => {
  const response = await exchange(road, call, deadline)
  if (response.outcome !== 'response' || maxRedirects === 0) return response
  const next = redirectOf(response)
  if (next === null) return response
  discard(response.wireBody)
  if (response.url.protocol === 'https:' && next.protocol !== 'https:') return { outcome: 'refused' }
  return exchangeFollowing(road, { ...call, url: next.href }, maxRedirects - 1, deadline)
}

/** Where a redirect leads. One with two Locations leads nowhere. */
const redirectOf = ({ statusCode, headers, url }: OpenResponse): URL | null => {
  const { location } = headers
  if (!redirectStatuses.has(statusCode) || typeof location !== 'string') return null
  return URL.parse(location, url.href)
}

/** Gives up a body unread, with its connection. The abort that this raises is the one that was asked for. */
export const discard = (body: Readable): void => {
  body.once('error', () => undefined).destroy()
}
