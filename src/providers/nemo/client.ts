import type { Readable } from 'node:stream'
import type { Dispatcher } from 'undici'
import type { Clock } from '../../clock.ts'
import { readText } from './body.ts'
import { startDeadline } from './deadline.ts'
import { type Opened, openEnvelope } from './envelope.ts'
import { type Operation, toProviderError, unansweredCall } from './errors.ts'
import { exchange, exchangeFollowing, type HttpResponse } from './exchange.ts'
import type { RequestHeaders } from './headers.ts'
import { parseRetryAfter } from './retry-after.ts'

/** A call of the provider's API that is answered with JSON. */
export interface Call {
  readonly operation: Operation
  readonly method: 'GET' | 'POST'
  /** Below the API's URL, with its ids encoded. */
  readonly path: string
  readonly headers: RequestHeaders
  /** Sent as JSON. */
  readonly json?: unknown
  /** Sent as it is; `headers` say what it is. The call may take as long as bytes keep flowing. */
  readonly stream?: Readable
}

export interface Reply {
  readonly httpStatus: number
  readonly opened: Opened
  readonly retryAfterMs: number | null
}

export interface ClientOptions {
  readonly apiUrl: URL
  readonly dispatcher: Dispatcher
  readonly clock: Clock
  /** For the head of a response, and for each silence within it; a whole call may take twice as long. */
  readonly callTimeoutMs: number
}

/** Speaks HTTP with the API: one try a call, answers bounded, everything that goes wrong a `ProviderError`. */
export interface Client {
  /** The payload of a successful answer. */
  call(call: Call, signal: AbortSignal): Promise<unknown>
  /** The answer, also when it is an error. Throws only when there is none. */
  ask(call: Call, signal: AbortSignal): Promise<Reply>
}

export const maxJsonBytes = 16 * 1024 * 1024

/** Media is fetched and looked at before an upload is answered, which takes longer than an ordinary answer. */
const patience = (operation: Operation): number => (operation === 'upload' ? 4 : 1)

export const createClient = (options: ClientOptions): Client => ({
  async call(call, signal) {
    const { httpStatus, opened, retryAfterMs } = await ask(options, call, signal)
    if (opened.isOk) return opened.payload
    throw toProviderError({ operation: call.operation, httpStatus, opened, retryAfterMs, ...secretOf(call) })
  },
  ask: (call, signal) => ask(options, call, signal),
})

/** The URL of a path of the API, whose own URL may have a path too. */
export const apiEndpoint = (apiUrl: URL, path: string): URL => {
  const base = apiUrl.pathname.replace(/\/+$/, '')
  return new URL(`${apiUrl.origin}${base}${path}`)
}

const ask = async (options: ClientOptions, call: Call, signal: AbortSignal): Promise<Reply> => {
  const { clock, callTimeoutMs } = options
  if (call.stream !== undefined) return readReply(options, call, signal)
  const deadline = startDeadline(clock, callTimeoutMs * 2 * patience(call.operation), signal)
  try {
    return await readReply(options, call, deadline.signal)
  } finally {
    deadline.end()
  }
}

const readReply = async (options: ClientOptions, call: Call, signal: AbortSignal): Promise<Reply> => {
  const response = await openResponse(options, call, signal)
  const { httpStatus, headers } = response
  const reading = await readText(response.body, maxJsonBytes, signal)
  const isRefusal = httpStatus >= 400 && httpStatus <= 499
  if (reading.outcome === 'cut' && !isRefusal) throw unansweredCall(call.operation, true, reading.cause)
  return {
    httpStatus,
    opened: openEnvelope({ httpStatus, text: reading.outcome === 'complete' ? reading.text : '' }),
    retryAfterMs: parseRetryAfter(headers['retry-after'], options.clock.nowMs()),
  }
}

const openResponse = async (
  { apiUrl, dispatcher, callTimeoutMs }: ClientOptions,
  { operation, method, path, headers, json, stream }: Call,
  signal: AbortSignal,
): Promise<HttpResponse> => {
  const request = {
    url: apiEndpoint(apiUrl, path),
    headers: json === undefined ? headers : { ...headers, 'content-type': 'application/json' },
    body: json === undefined ? (stream ?? null) : JSON.stringify(json),
    headersTimeoutMs: callTimeoutMs * patience(operation),
    bodyTimeoutMs: callTimeoutMs,
  }
  const exchanged =
    method === 'GET'
      ? await exchangeFollowing(dispatcher, { ...request, method }, signal)
      : await exchange(dispatcher, { ...request, method }, signal)
  if (exchanged.outcome === 'failed') throw unansweredCall(operation, exchanged.wasWritten, exchanged.cause)
  return exchanged.response
}

const secretOf = ({ headers }: Call): { secret: string } | Record<string, never> => {
  const token = headers['authorization']?.replace(/^Bearer /, '')
  return token === undefined ? {} : { secret: token }
}
