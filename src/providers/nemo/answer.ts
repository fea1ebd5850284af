import type { IncomingHttpHeaders } from 'node:http'
import type { Dispatcher } from 'undici'
import type { Clock } from '../../clock.ts'
import type { BodyReading } from './body.ts'
import { findRedirect, type HttpRequest, maxRedirects, toDispatch } from './exchange.ts'

/** An answer that was read into memory, as far as it came. */
export type Answer =
  | {
      readonly outcome: 'answered'
      readonly httpStatus: number
      readonly headers: IncomingHttpHeaders
      readonly body: BodyReading
    }
  /** `wasWritten`: bytes of the request may have left. */
  | { readonly outcome: 'failed'; readonly wasWritten: boolean; readonly cause: unknown }

export interface AnswerLimits {
  readonly clock: Clock
  /** For the whole call, to the last byte: a peer that sends a byte now and then passes every idle limit. */
  readonly timeoutMs: number | null
  readonly maxBytes: number
  readonly signal: AbortSignal
}

/** Sends a request once and reads its answer, with no stream in between. Never throws. */
export const fetchAnswer = (
  dispatcher: Dispatcher,
  request: HttpRequest,
  limits: AnswerLimits,
): Promise<Answer> =>
  new Promise((resolve) => {
    const { handler, stop } = startReading(limits, resolve)
    if (limits.signal.aborted) return stop(limits.signal.reason)
    try {
      dispatcher.dispatch(toDispatch(request), handler)
    } catch (error) {
      stop(error)
    }
  })

/** As `fetchAnswer`, for GET only: follows a few redirects as long as they stay within the origin. */
export const fetchAnswerFollowing = async (
  dispatcher: Dispatcher,
  request: HttpRequest & { readonly method: 'GET' },
  limits: AnswerLimits,
): Promise<Answer> => {
  const { clock, timeoutMs } = limits
  const startedMs = clock.monotonicMs()
  let { url } = request
  for (let hop = 0; ; hop += 1) {
    const leftMs = timeoutMs === null ? null : timeoutMs - (clock.monotonicMs() - startedMs)
    const answer = await fetchAnswer(dispatcher, { ...request, url }, { ...limits, timeoutMs: leftMs })
    const next = answer.outcome === 'answered' ? findRedirect(answer, url) : null
    if (next === null || next.origin !== url.origin || hop === maxRedirects) return answer
    url = next
  }
}

interface Reading {
  readonly handler: Dispatcher.DispatchHandler
  /** Ends it now: with what came so far, or as failed. */
  stop(reason: unknown): void
}

const startReading = (
  { clock, timeoutMs, maxBytes, signal }: AnswerLimits,
  onEnd: (answer: Answer) => void,
): Reading => {
  const chunks: Buffer[] = []
  let sizeBytes = 0
  let wasWritten = false
  let isOver = false
  let head: { readonly httpStatus: number; readonly headers: IncomingHttpHeaders } | null = null
  let controller: Dispatcher.DispatchController | null = null

  const end = (body: BodyReading): void => {
    if (isOver) return
    isOver = true
    cancelTimer()
    signal.removeEventListener('abort', onAbort)
    if (head !== null) onEnd({ outcome: 'answered', ...head, body })
    else onEnd({ outcome: 'failed', wasWritten, cause: body.outcome === 'cut' ? body.cause : null })
  }
  const stop = (reason: unknown): void => {
    end({ outcome: 'cut', cause: reason })
    controller?.abort(reason instanceof Error ? reason : new Error('aborted'))
  }
  const onAbort = (): void => stop(signal.reason)
  const onTimeout = (): void => stop(new Error(`no complete answer within ${timeoutMs} ms`))
  const cancelTimer = timeoutMs === null ? () => undefined : clock.after(timeoutMs, onTimeout)
  signal.addEventListener('abort', onAbort)

  return {
    stop,
    handler: {
      // From here on bytes may leave; whoever gave up before that has sent nothing.
      onRequestStart(started) {
        controller = started
        if (isOver) started.abort(new Error('given up'))
        else wasWritten = true
      },
      onResponseStart(_controller, httpStatus, headers) {
        if (httpStatus >= 200) head = { httpStatus, headers }
      },
      onResponseData(_controller, chunk) {
        sizeBytes += chunk.byteLength
        if (sizeBytes > maxBytes) stop(new Error(`an answer of over ${maxBytes} bytes`))
        else chunks.push(chunk)
      },
      onResponseEnd: () => end({ outcome: 'complete', text: toText(chunks) }),
      onResponseError: (_controller, cause) => end({ outcome: 'cut', cause }),
    },
  }
}

const toText = (chunks: readonly Buffer[]): string =>
  (chunks.length === 1 && chunks[0] ? chunks[0] : Buffer.concat(chunks)).toString('utf8')
