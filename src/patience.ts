import type { Clock } from './clock.ts'

export interface Patience {
  readonly clock: Clock
  /** How long it lasts. */
  readonly forMs: number
  /** Ends it early. */
  readonly signal?: AbortSignal
}

const firstPauseMs = 100
const longestPauseMs = 5_000

/** Does the work again, after growing pauses, until it succeeds. With the patience at its end, the last error is thrown. */
export const tryPatiently = async <T>(
  { clock, forMs, signal }: Patience,
  work: () => Promise<T>,
): Promise<T> => {
  const startedMs = clock.monotonicMs()
  for (let pauseMs = firstPauseMs; ; pauseMs = Math.min(2 * pauseMs, longestPauseMs)) {
    try {
      return await work()
    } catch (error) {
      const isOver = clock.monotonicMs() - startedMs >= forMs
      if (isOver || signal?.aborted === true) throw error
    }
    await pause(clock, pauseMs, signal)
  }
}

/** Resolves when the time is over or the signal fires. */
const pause = (clock: Clock, ms: number, signal: AbortSignal | undefined): Promise<void> =>
  new Promise((resolve) => {
    const end = () => {
      cancelTimer()
      signal?.removeEventListener('abort', end)
      resolve()
    }
    const cancelTimer = clock.after(ms, end)
    signal?.addEventListener('abort', end)
  })
