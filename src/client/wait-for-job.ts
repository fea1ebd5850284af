import { CliplineError } from './error.ts'
import type { Jobs, WaitOptions } from './jobs.ts'
import type { Job } from './shapes.ts'
import { backoffMs, monotonicMs, pause } from './time.ts'
import { type Http, unwrap } from './transport.ts'

/** The longest that the service holds a request back. */
const longestWaitS = 60
/** How long the service may be away in between. */
const patienceMs = 5 * 60_000

/** The time to wait was over before the job, or the batch, had ended. It goes on. */
export class WaitTimedOut extends Error {
  override readonly name = 'WaitTimedOut'

  constructor(what: string, timeoutMs: number) {
    super(`${what} has not ended within ${timeoutMs} ms`)
  }
}

interface WaitDeps {
  readonly http: Http
  readonly events: Jobs['events']
}

/** Resolves with the job once it has ended. Rejects with `WaitTimedOut`, or with the signal's reason. */
export const waitForJob = async (
  { http, events }: WaitDeps,
  jobId: string,
  { timeoutMs, signal, onEvent }: WaitOptions,
): Promise<Job> => {
  const deadline = timeoutMs === undefined ? null : AbortSignal.timeout(timeoutMs)
  const given = [signal, deadline].filter((each) => each != null)
  const stop = given.length > 0 ? AbortSignal.any(given) : undefined
  try {
    if (onEvent === undefined) return await poll(http, jobId, stop)
    for await (const event of events(jobId, stop ? { signal: stop } : {})) onEvent(event)
    return await poll(http, jobId, stop)
  } catch (error) {
    if (deadline?.aborted && !signal?.aborted) throw new WaitTimedOut(`job ${jobId}`, timeoutMs ?? 0)
    throw error
  }
}

const isEnded = ({ finished_at }: Job): boolean => finished_at !== null

const poll = async (http: Http, jobId: string, signal: AbortSignal | undefined): Promise<Job> => {
  let aliveAtMs: number | null = null
  for (let quickAnswers = 0; ; ) {
    const askedMs = monotonicMs()
    const job = await ask(http, jobId, signal).catch((error: unknown) => {
      const isPassing = error instanceof CliplineError && error.retryable
      if (!isPassing || aliveAtMs === null || monotonicMs() - aliveAtMs > patienceMs) throw error
      return null
    })
    if (job !== null) aliveAtMs = monotonicMs()
    if (job !== null && isEnded(job)) return job
    // A service that stops answers at once: it is not to be asked in a circle.
    quickAnswers = monotonicMs() - askedMs < 1_000 ? quickAnswers + 1 : 0
    if (quickAnswers > 0) await pause(backoffMs(quickAnswers), signal)
  }
}

const ask = (http: Http, id: string, signal: AbortSignal | undefined): Promise<Job> =>
  unwrap(
    http.GET('/v1/jobs/{id}', {
      params: { path: { id }, header: { Prefer: `wait=${longestWaitS}` } },
      ...(signal && { signal }),
    }),
  )
