import type { Readable } from 'node:stream'
import type { Dispatcher } from 'undici'
import type { Clock } from '../../clock.ts'
import { type Answer, fetchAnswer, fetchAnswerFollowing } from './answer.ts'
import { isObserved, tellOfCall } from './call-log.ts'
import { type Opened, openEnvelope } from './envelope.ts'
import { causeOf, type Operation, toProviderError, unansweredCall } from './errors.ts'
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
  const answer = await fetchReply(options, call, signal)
  if (answer.outcome === 'failed') throw unansweredCall(call.operation, answer.wasWritten, answer.cause)
  const { httpStatus, headers, body } = answer
  const isRefusal = httpStatus >= 400 && httpStatus <= 499
  if (body.outcome === 'cut' && !isRefusal) throw unansweredCall(call.operation, true, body.cause)
  return {
    httpStatus,
    opened: openEnvelope({ httpStatus, text: body.outcome === 'complete' ? body.text : '' }),
    retryAfterMs: parseRetryAfter(headers['retry-after'], options.clock.nowMs()),
  }
}

const fetchReply = async (options: ClientOptions, call: Call, signal: AbortSignal): Promise<Answer> => {
  const startedMs = options.clock.monotonicMs()
  const json = call.json === undefined ? null : JSON.stringify(call.json)
  const answer = await sendCall(options, { ...call, json }, signal)
  if (isObserved()) tell(options, { ...call, json }, answer, startedMs)
  return answer
}

/** A call whose body is written. */
type WrittenCall = Omit<Call, 'json'> & { readonly json: string | null }

const tell = (
  { apiUrl, clock }: ClientOptions,
  { operation, method, path, headers, json }: WrittenCall,
  answer: Answer,
  startedMs: number,
): void => {
  const { 'content-type': contentType = null, 'content-length': length = '0' } = headers
  const text = answer.outcome === 'answered' && answer.body.outcome === 'complete' ? answer.body.text : null
  tellOfCall({
    operation,
    method,
    url: apiEndpoint(apiUrl, path),
    apiOrigin: apiUrl.origin,
    startedMs,
    endedMs: clock.monotonicMs(),
    request: {
      contentType: json === null ? contentType : 'application/json',
      text: json,
      sizeBytes: json === null ? Number(length) : Buffer.byteLength(json),
    },
    response:
      answer.outcome === 'failed'
        ? null
        : {
            httpStatus: answer.httpStatus,
            contentType: answer.headers['content-type'] ?? null,
            text,
            sizeBytes: text === null ? null : Buffer.byteLength(text),
          },
    error: errorOf(answer),
    secret: headers['authorization']?.replace(/^Bearer /, '') ?? null,
  })
}

const errorOf = (answer: Answer): string | null => {
  if (answer.outcome === 'failed') return causeOf(answer.cause)
  return answer.body.outcome === 'cut' ? causeOf(answer.body.cause) : null
}

const sendCall = (
  { apiUrl, dispatcher, clock, callTimeoutMs }: ClientOptions,
  { operation, method, path, headers, json, stream }: WrittenCall,
  signal: AbortSignal,
): Promise<Answer> => {
  const headersTimeoutMs = callTimeoutMs * patience(operation)
  const request = {
    url: apiEndpoint(apiUrl, path),
    headers: json === null ? headers : { ...headers, 'content-type': 'application/json' },
    body: json ?? stream ?? null,
    headersTimeoutMs,
    bodyTimeoutMs: callTimeoutMs,
  }
  const timeoutMs = stream === undefined ? headersTimeoutMs * 2 : null
  const limits = { clock, timeoutMs, maxBytes: maxJsonBytes, signal }
  return method === 'GET'
    ? fetchAnswerFollowing(dispatcher, { ...request, method }, limits)
    : fetchAnswer(dispatcher, { ...request, method }, limits)
}

const secretOf = ({ headers }: Call): { secret: string } | Record<string, never> => {
  const token = headers['authorization']?.replace(/^Bearer /, '')
  return token === undefined ? {} : { secret: token }
}
