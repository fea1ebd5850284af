import createHttp, { type Client } from 'openapi-fetch'
import { CliplineError, errorOf, toCliplineError } from './error.ts'
import type { paths } from './generated/schema.ts'
import { toQueryString } from './query.ts'
import { createRetryingFetch, type Fetch } from './retrying-fetch.ts'

/** Every call of the API by method and path, typed; answers `{ data, error, response }` as openapi-fetch does. */
export type Http = Client<paths>

export interface TransportOptions {
  /** Where the service is, such as `https://clipline.example`. */
  readonly baseUrl: string
  /** `clk_…` */
  readonly apiKey: string
  /** Instead of the global `fetch`. */
  readonly fetch?: Fetch
  /** How often a request that is safe to repeat is sent again; 4 when left out. */
  readonly maxRetries?: number
  /** How long a request may wait for its answer to begin; 30 s when left out. */
  readonly answerTimeoutMs?: number
}

export interface Transport {
  readonly http: Http
  /** A request outside of the typed calls, for streams in either direction. Rejects when it is not answered with 2xx. */
  open(path: string, init?: OpenInit): Promise<Response>
}

export interface OpenInit {
  readonly method?: string
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: string | ReadableStream<Uint8Array>
  readonly signal?: AbortSignal | undefined
  /** Its answer begins when the whole body was taken: there is no time by which it must have come. */
  readonly isUpload?: boolean
}

/** Longer than any upload takes. */
const dayMs = 24 * 3_600_000

export const createTransport = (options: TransportOptions): Transport => {
  const { apiKey, fetch = globalThis.fetch, maxRetries = 4, answerTimeoutMs = 30_000 } = options
  const baseUrl = normalize(options.baseUrl)
  // The error that a header would make of it shows the key.
  if (!isHeaderText(apiKey)) throw new TypeError('apiKey holds a character that no API key has')
  const headers = { authorization: `Bearer ${apiKey}` }
  const send = createRetryingFetch({ fetch, maxRetries, answerTimeoutMs })
  const sendOnce = createRetryingFetch({ fetch, maxRetries: 0, answerTimeoutMs: dayMs })
  return {
    http: createHttp<paths>({ baseUrl, headers, fetch: send, querySerializer: toQueryString }),

    async open(path, { isUpload = false, signal, ...init } = {}) {
      const request = new Request(`${baseUrl}${path}`, {
        ...init,
        ...(signal && { signal }),
        // The types of Node's own fetch do not know of it; a stream as body needs it.
        ...(isUpload && { duplex: 'half' }),
        headers: { ...headers, ...init.headers },
      })
      const response = await (isUpload ? sendOnce : send)(request)
      if (response.ok) return response
      throw await toCliplineError(response)
    },
  }
}

const isHeaderText = (text: string): boolean => /^[\x21-\x7e]*$/.test(text)

/** Throws a `TypeError` for what is no URL of a service. */
const normalize = (baseUrl: string): string => {
  const { protocol, search, hash } = new URL(baseUrl)
  if (!/^https?:$/.test(protocol) || search !== '' || hash !== '')
    throw new TypeError(`baseUrl must be like https://clipline.example, not ${baseUrl}`)
  return baseUrl.replace(/\/+$/, '')
}

/** The answer of a typed call; throws a `CliplineError` when it is a problem, or none came. */
export const unwrap = async <Data>(
  call: Promise<{ readonly data?: Data; readonly error?: unknown; readonly response: Response }>,
): Promise<NonNullable<Data>> => {
  const { data, error, response } = await call.catch((cause: unknown) => {
    if (cause instanceof SyntaxError)
      throw new CliplineError('unexpected_answer', 'the answer is not JSON', { cause })
    throw cause
  })
  if (!response.ok) throw errorOf(response, error)
  return data as NonNullable<Data>
}
