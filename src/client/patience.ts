import { CliplineError } from './error.ts'
import { backoffMs, monotonicMs, pause } from './time.ts'

export interface PatienceOptions {
  readonly signal?: AbortSignal | undefined
  /** How long nothing may move before that is thrown; five minutes when left out. */
  readonly patienceMs?: number | undefined
}

/** With something long that is taken up again where it broke, for as long as it moves. */
export interface Patience {
  /** It moves. */
  moved(): void
  /** Waits until it may be tried again. Rejects with what was wrong when that will not pass, or took too long. */
  afterBreak(error: unknown): Promise<void>
}

const defaultPatienceMs = 5 * 60_000

export const createPatience = ({ signal, patienceMs = defaultPatienceMs }: PatienceOptions): Patience => {
  let movedAtMs = monotonicMs()
  let emptyTries = 0
  return {
    moved() {
      movedAtMs = monotonicMs()
      emptyTries = 0
    },
    async afterBreak(error) {
      signal?.throwIfAborted()
      if (!(error instanceof CliplineError && error.retryable)) throw error
      if (monotonicMs() - movedAtMs > patienceMs) throw error
      emptyTries += 1
      await pause(Math.max(error.retryAfterMs ?? 0, backoffMs(emptyTries)), signal)
    },
  }
}
