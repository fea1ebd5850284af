import type { Clock } from '../../clock.ts'

export interface Deadline {
  /** Fires with the caller's signal or when the time is up. */
  readonly signal: AbortSignal
  end(): void
}

/** Gives a whole call, to its last byte, a time: a peer that sends a byte now and then passes every idle limit. */
export const startDeadline = (clock: Clock, timeoutMs: number, signal: AbortSignal): Deadline => {
  const controller = new AbortController()
  const cancel = clock.after(timeoutMs, () => {
    controller.abort(new Error(`no complete answer within ${timeoutMs} ms`))
  })
  return { signal: AbortSignal.any([signal, controller.signal]), end: cancel }
}
