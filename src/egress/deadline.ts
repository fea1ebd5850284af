import type { Clock } from '../clock.ts'
import { EgressError, type EgressFailure } from './failure.ts'

/** The one limit on a whole call: name, connection, redirects and body. */
export interface Deadline {
  /** Fires with an {@link EgressError} as its reason. */
  readonly signal: AbortSignal
  /** Waits for a promise that may not hear of the signal itself. What it gives after the end is let go. */
  wait<T>(promise: Promise<T>): Promise<T>
  /** Stops the clock. Must be called once the call is over. */
  end(): void
}

/** Starts now: fires after `timeoutMs`, or when the caller's signal does. */
export const startDeadline = (clock: Clock, timeoutMs: number, callerSignal?: AbortSignal): Deadline => {
  const controller = new AbortController()
  const { signal } = controller
  const { promise: over, reject } = Promise.withResolvers<never>()
  // Nobody may be waiting when it fires; that is not an unhandled rejection.
  over.catch(() => undefined)

  const fire = (failure: EgressFailure): void => {
    const error = new EgressError(failure)
    controller.abort(error)
    reject(error)
  }
  const interrupt = (): void => fire({ outcome: 'interrupted' })
  const cancelTimer = clock.after(timeoutMs, () => fire({ outcome: 'timeout', during: 'answer' }))
  if (callerSignal?.aborted) interrupt()
  callerSignal?.addEventListener('abort', interrupt)

  return {
    signal,
    wait: (promise) => Promise.race([promise, over]),
    end() {
      cancelTimer()
      callerSignal?.removeEventListener('abort', interrupt)
    },
  }
}
