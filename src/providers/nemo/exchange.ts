import type { IncomingHttpHeaders } from 'node:http'
import type { Readable } from 'node:stream'
import type { Dispatcher } from 'undici'
import type { RequestHeaders } from './headers.ts'
import { witnessWrite } from './witness.ts'

export interface HttpRequest {
  readonly method: 'GET' | 'POST'
  readonly url: URL
  readonly headers: RequestHeaders
  readonly body: string | Readable | null
  /** The longest wait for the head of the response; 0 for no limit. */
  readonly headersTimeoutMs: number
  /** The longest silence within the body; 0 for no limit. */
  readonly bodyTimeoutMs: number
  /** Asked right before the first byte; false: none leaves. */
  readonly mayLeave?: () => boolean
}

/** The head of a response. Its body must be read or destroyed. */
export interface HttpResponse {
  readonly httpStatus: number
  readonly headers: IncomingHttpHeaders
  readonly body: Readable
}

export type Exchange =
  | { readonly outcome: 'answered'; readonly response: HttpResponse }
  /** `wasWritten`: bytes of the request may have left. */
  | { readonly outcome: 'failed'; readonly wasWritten: boolean; readonly cause: unknown }

/** The request in undici's words. */
export const toDispatch = ({
  method,
  url,
  headers,
  body,
  headersTimeoutMs,
  bodyTimeoutMs,
}: HttpRequest): Dispatcher.DispatchOptions => ({
  method,
  origin: url.origin,
  path: `${url.pathname}${url.search}`,
  headers: { ...headers },
  body,
  headersTimeout: headersTimeoutMs,
  bodyTimeout: bodyTimeoutMs,
})

/** Sends a request once and follows nothing; the body of its answer is a stream. Never throws. */
export const exchange = async (
  dispatcher: Dispatcher,
  request: HttpRequest,
  signal: AbortSignal,
): Promise<Exchange> => {
  let wasWritten = false
  const watched = dispatcher.compose(
    witnessWrite(() => {
      const mayLeave = request.mayLeave?.() ?? true
      wasWritten ||= mayLeave
      return mayLeave
    }),
  )
  try {
    const { statusCode, ...response } = await watched.request({ ...toDispatch(request), signal })
    return {
      outcome: 'answered',
      response: { httpStatus: statusCode, headers: response.headers, body: guarded(response.body) },
    }
  } catch (cause) {
    return { outcome: 'failed', wasWritten, cause }
  }
}

/** Its reader hears of its errors. Without one it is being destroyed, and the error of that must not end the process. */
export const guarded = (body: Readable): Readable => body.on('error', () => undefined)

export const maxRedirects = 3
const redirects = new Set([301, 302, 303, 307, 308])

/** As `exchange`, for GET only: follows a few redirects as long as they stay within the origin. */
export const exchangeFollowing = async (
  dispatcher: Dispatcher,
  request: HttpRequest & { readonly method: 'GET' },
  signal: AbortSignal,
): Promise<Exchange> => {
  let { url } = request
  for (let hop = 0; ; hop += 1) {
    const exchanged = await exchange(dispatcher, { ...request, url }, signal)
    const next = exchanged.outcome === 'answered' ? findRedirect(exchanged.response, url) : null
    if (
      exchanged.outcome === 'failed' ||
      next === null ||
      next.origin !== url.origin ||
      hop === maxRedirects
    ) {
      return exchanged
    }
    exchanged.response.body.destroy()
    url = next
  }
}

/** Where a response sends us, or null if it does not. */
export const findRedirect = (
  { httpStatus, headers }: Pick<HttpResponse, 'httpStatus' | 'headers'>,
  from: URL,
): URL | null => {
  const { location } = headers
  return redirects.has(httpStatus) && location !== undefined ? URL.parse(location, from.href) : null
}
