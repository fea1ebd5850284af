import type { Readable } from 'node:stream'
import { type Clock, systemClock } from '../clock.ts'
import type { AllowList } from './allow-list.ts'
import { cappedBody, collectBody, decodedBody } from './body.ts'
import { startDeadline } from './deadline.ts'
import { discard, exchange, exchangeFollowing, type ResponseHeaders, type Road } from './exchange.ts'
import type { EgressFailure } from './failure.ts'
import { createSystemLookup, type Lookup } from './lookup.ts'
import { createPinnedPool } from './pinned-pool.ts'
import { checkTarget, type TargetCheck } from './target.ts'

/** The guarded way out: every call to a URL that a client gave goes through here (guarantees.md §4.2). */
export interface Egress {
  /** May this URL be a target? Asked at submit; every use asks again by itself. */
  check(url: string): Promise<TargetCheck>
  /** Sends once, follows nothing, and reads the response into memory. */
  request(request: EgressRequest): Promise<EgressResponse | EgressFailure>
  /** Fetches a file with GET as a stream, following a few redirects. */
  download(download: EgressDownload): Promise<EgressStream | EgressFailure>
  /** Waits for the calls in flight and closes all connections. */
  close(): Promise<void>
}

export interface EgressRequest {
  readonly url: string
  readonly method: 'GET' | 'POST'
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: Buffer
  /** For the whole call: name, connection, and response to its last byte. */
  readonly timeoutMs: number
  /** On the wire and decoded. */
  readonly maxResponseBytes: number
  /**
   * What a response is worth whose body is too long, too slow or cut off. `refuse`: the call failed. `accept`: its
   * status counts, and it carries what came of the body.
   */
  readonly partialBody: 'refuse' | 'accept'
  readonly signal?: AbortSignal
}

export interface EgressDownload {
  readonly url: string
  /** For the whole call, until the last byte of the body was read. */
  readonly timeoutMs: number
  /** The longest silence within the body. */
  readonly idleTimeoutMs: number
  /** On the wire and decoded. */
  readonly maxResponseBytes: number
  readonly maxRedirects: number
  readonly signal?: AbortSignal
}

export interface EgressResponse {
  readonly outcome: 'response'
  readonly statusCode: number
  readonly headers: ResponseHeaders
  readonly body: Buffer
  /** False only where `partialBody` is `accept`. */
  readonly isBodyComplete: boolean
}

export interface EgressStream {
  readonly outcome: 'response'
  readonly statusCode: number
  readonly headers: ResponseHeaders
  /** Where the response came from, after all redirects. */
  readonly url: URL
  /** Decoded and capped; fails with an `EgressError`. Must be read or destroyed; the deadline destroys it at last. */
  readonly body: Readable
}

export interface EgressOptions {
  readonly allow: AllowList
  readonly lookup?: Lookup
  readonly clock?: Clock
  readonly connectTimeoutMs?: number
  /** Calls to one origin beyond this many wait for a connection, on their own time. */
  readonly connectionsPerOrigin?: number
}

/**
 * An HTTP client for targets that strangers name. Each call vets its target, and each connection is pinned to vetted
 * addresses. Proxy settings of the environment are not used.
 */
export const createEgress = (options: EgressOptions): Egress => {
  const { allow, clock = systemClock, lookup = createSystemLookup() } = options
  const { connectTimeoutMs = 5_000, connectionsPerOrigin = 32 } = options
  const rules = { allow, lookup, clock }
  const pool = createPinnedPool({ connectTimeoutMs, connectionsPerOrigin })

  return {
    check: (url) => checkTarget(url, rules),
    request: (request) => requestOver({ rules, pool }, request),
    download: (download) => downloadOver({ rules, pool }, download),
    close: () => pool.close(),
  }
}

const requestOver = async (
  road: Road,
  { url, method, headers = {}, body, timeoutMs, maxResponseBytes, partialBody, signal }: EgressRequest,
): Promise<EgressResponse | EgressFailure> => {
  const deadline = startDeadline(road.rules.clock, timeoutMs, signal)
  try {
    const response = await exchange(
      road,
      { url, method, headers, body: body ?? null, idleTimeoutMs: 0 },
      deadline,
    )
    if (response.outcome !== 'response') return response
    const collected = await collectBody(decodedBody(response, maxResponseBytes), maxResponseBytes)
    if (collected.failure !== null && partialBody === 'refuse') return collected.failure
    return {
      outcome: 'response',
      statusCode: response.statusCode,
      headers: response.headers,
      body: collected.bytes,
      isBodyComplete: collected.failure === null,
    }
  } finally {
    deadline.end()
  }
}

const downloadOver = async (
  road: Road,
  { url, timeoutMs, idleTimeoutMs, maxResponseBytes, maxRedirects, signal }: EgressDownload,
): Promise<EgressStream | EgressFailure> => {
  const deadline = startDeadline(road.rules.clock, timeoutMs, signal)
  const call = { url, method: 'GET', headers: {}, body: null, idleTimeoutMs } as const
  const response = await exchangeFollowing(road, call, maxRedirects, deadline)
  if (response.outcome !== 'response') {
    deadline.end()
    return response
  }
  if (Number(response.headers['content-length']) > maxResponseBytes) {
    deadline.end()
    discard(response.wireBody)
    return { outcome: 'too_large', limitBytes: maxResponseBytes }
  }
  const body = cappedBody(decodedBody(response, maxResponseBytes), maxResponseBytes)
  body.once('close', deadline.end)
  const { statusCode, headers } = response
  return { outcome: 'response', statusCode, headers, url: response.url, body }
}
