/**
 * Tells of each call to whoever listens, so that people can see what was said. What is told holds no token, no signed
 * URL (guarantees.md §4.4), of a message not even its text, and little of anything: it is kept with every attempt.
 */
import { AsyncLocalStorage } from 'node:async_hooks'
import type { ProviderCall } from '../provider.ts'
import { type Operation, operations } from './errors.ts'

type Listener = (call: ProviderCall) => void

const listeners = new AsyncLocalStorage<Listener>()

/** Every call that `work` makes is told to `listener`, when it has ended. */
export const observeCalls = <T>(listener: Listener, work: () => Promise<T>): Promise<T> =>
  listeners.run(listener, work)

export const isObserved = (): boolean => listeners.getStore() !== undefined

/** A call as it went. */
export interface CallFacts {
  readonly operation: Operation
  readonly method: 'GET' | 'POST'
  readonly url: URL
  /** The API's own; only of calls to it is the path told. */
  readonly apiOrigin: string
  /** On the monotonic clock. */
  readonly startedMs: number
  readonly endedMs: number
  readonly request: {
    readonly contentType: string | null
    readonly text: string | null
    readonly sizeBytes: number | null
  }
  readonly response: {
    readonly httpStatus: number
    readonly contentType: string | null
    readonly text: string | null
    readonly sizeBytes: number | null
  } | null
  readonly error: string | null
  /** The token of the call. */
  readonly secret: string | null
}

const shortExcerpt = 256
const longExcerpt = 1_500

/** Does nothing where nobody listens. */
export const tellOfCall = (facts: CallFacts): void => {
  const listener = listeners.getStore()
  if (listener === undefined) return
  const { operation, method, url, apiOrigin, startedMs, endedMs, request, response, error, secret } = facts
  const isSmooth = error === null && response !== null && response.httpStatus < 400
  const most = isSmooth ? shortExcerpt : longExcerpt
  const excerpt = (text: string | null) => (text === null ? null : excerptOf(text, most, secret))
  listener({
    operation: operations[operation],
    method,
    path: url.origin === apiOrigin ? url.pathname : `${url.origin}/…`,
    startedMs,
    ms: Math.max(0, endedMs - startedMs),
    request: { contentType: request.contentType, sizeBytes: request.sizeBytes, body: excerpt(request.text) },
    response: response && {
      status: response.httpStatus,
      contentType: response.contentType,
      sizeBytes: response.sizeBytes,
      body: excerpt(response.text),
    },
    error: error === null ? null : excerptOf(error, longExcerpt, secret),
  })
}

const credentials = /\b(?:nmv|clm)_[A-Za-z0-9_-]+|\bBearer\s+[^\s"']+/gi
const secretFields =
  /("(?:[a-z_]*token|[a-z_]*secret|authorization|password|signature|api_?key)"\s*:\s*)"(?:[^"\\]|\\.)*"?/gi
const queries = /(https?:\/\/[^\s"'?#\\]+)[?#][^\s"'\\]*/gi
const unprintable = /(?![\n\t])\p{Cc}/gu

/** The beginning of a text, with what is secret in it cut out. A word that the cut goes through is left out as a whole. */
export const excerptOf = (text: string, most: number, secret: string | null): string => {
  const isLong = text.length > most * 4
  const head = isLong ? text.slice(0, most * 4).replace(/[^\s"',;&?]*$/, '') : text
  const whole = secret === null || secret === '' ? head : head.replaceAll(secret, '[redacted]')
  const clean = whole
    .replace(secretFields, '$1"[redacted]"')
    .replace(credentials, '[redacted]')
    .replace(queries, '$1?[redacted]')
    .replace(unprintable, '\uFFFD')
  return isLong || clean.length > most ? `${clean.slice(0, most).toWellFormed()}…` : clean.toWellFormed()
}
