/**
 * Sends a request again when that is safe and may help: the connection failed, or the service asked to come back
 * (429, 503), and did not say that it would not help. Safe are the methods that change nothing twice, and any request
 * with an `Idempotency-Key`.
 */
import { CliplineError, readRetryAfter } from './error.ts'
import { backoffMs, pause } from './time.ts'

export type Fetch = typeof globalThis.fetch

export interface RetryOptions {
  readonly fetch: Fetch
  /** Tries after the first one. */
  readonly maxRetries: number
  /** How long each try may take until its answer begins, or is there if it is JSON; `Prefer: wait` comes on top. */
  readonly answerTimeoutMs: number
}

/** What the service asks for beyond this is not waited for. */
const longestRetryAfterMs = 60_000

export const createRetryingFetch =
  ({ fetch, maxRetries, answerTimeoutMs }: RetryOptions) =>
  async (request: Request): Promise<Response> => {
    for (let no = 1; ; no += 1) {
      const isLast = no > maxRetries
      // A copy holds on to what the other reads: the last try takes the request itself, so that no stream piles up.
      const answer = await tryOnce(fetch, isLast ? request : request.clone(), answerTimeoutMs)
      const retryInMs = isLast || (await isFinal(answer)) ? null : retryDelayMs(request, answer, no)
      if (retryInMs === null) {
        if (answer instanceof CliplineError) throw answer
        return answer
      }
      // Rejects where the connection broke in the middle of it, which makes no difference.
      if (answer instanceof Response) await answer.body?.cancel().catch(() => undefined)
      await pause(retryInMs, request.signal)
    }
  }

/** The answer, or that none came. Rejects only when the caller gave up. */
const tryOnce = async (
  fetch: Fetch,
  request: Request,
  answerTimeoutMs: number,
): Promise<Response | CliplineError> => {
  const late = new AbortController()
  const timer = setTimeout(() => late.abort(), answerTimeoutMs + waitMsOf(request))
  try {
    const signal = AbortSignal.any([request.signal, late.signal])
    return await takeWhole(await fetch(request, { signal }))
  } catch (cause) {
    request.signal.throwIfAborted()
    const what = late.signal.aborted ? 'it takes too long' : reasonOf(cause)
    const { origin } = new URL(request.url)
    return new CliplineError('unreachable', `${origin} does not answer (${what})`, { cause })
  } finally {
    clearTimeout(timer)
  }
}

/** An answer in JSON is read to its end: one that breaks off is as lost as one that never came. */
const takeWhole = async (answer: Response): Promise<Response> => {
  const { status, headers } = answer
  const isJson = /^application\/(problem\+)?json\b/.test(headers.get('content-type') ?? '')
  return isJson ? new Response(await answer.arrayBuffer(), { status, headers }) : answer
}

/** A problem may say of itself that the same request will not do better. */
const isFinal = async (answer: Response | CliplineError): Promise<boolean> => {
  const isProblem = answer instanceof Response && isProblemType.test(answer.headers.get('content-type') ?? '')
  if (!isProblem || answer.status < 500) return false
  const problem: unknown = await answer
    .clone()
    .json()
    // A proxy's idea of a problem says nothing.
    .catch(() => null)
  return (
    typeof problem === 'object' && problem !== null && 'retryable' in problem && problem.retryable === false
  )
}

const isProblemType = /^application\/problem\+json\b/

const waitMsOf = ({ headers }: Request): number => {
  const [, seconds = '0'] = /\bwait=(\d{1,4})\b/.exec(headers.get('prefer') ?? '') ?? []
  return Number(seconds) * 1_000
}

/** Node's fetch says only “fetch failed”; what happened is its cause. */
export const reasonOf = (error: unknown): string => {
  if (!(error instanceof Error)) return String(error)
  const { cause } = error
  if (!(cause instanceof Error)) return error.message
  return cause.message || String((cause as NodeJS.ErrnoException).code ?? cause.name)
}

/** How long to wait before the same request is sent again; null when it is not. */
const retryDelayMs = (request: Request, answer: Response | CliplineError, no: number): number | null => {
  const isSafe = !['POST', 'PATCH'].includes(request.method) || request.headers.has('idempotency-key')
  if (answer instanceof CliplineError) return isSafe ? backoffMs(no) : null
  const askedMs = readRetryAfter(answer.headers)
  if (askedMs !== null && askedMs > longestRetryAfterMs) return null
  switch (answer.status) {
    case 429:
      return Math.max(askedMs ?? 0, backoffMs(no))
    // The first of two equal requests is still being worked on.
    case 409:
      return isSafe && askedMs !== null ? Math.max(askedMs, backoffMs(no)) : null
    case 502:
    case 503:
    case 504:
      return isSafe ? Math.max(askedMs ?? 0, backoffMs(no)) : null
    default:
      return null
  }
}
