import type { Clock } from '../../../src/clock.ts'

export interface ManualClock extends Clock {
  /** Moves the time on and runs what has become due. */
  advance(ms: number): void
  readonly pendingTimers: number
}

/** A clock that stands still until a test moves it. */
export const createManualClock = (startMs = Date.UTC(2026, 0, 1)): ManualClock => {
  let elapsedMs = 0
  const timers = new Set<{ dueMs: number; callback: () => void }>()
  return {
    nowMs: () => startMs + elapsedMs,
    monotonicMs: () => elapsedMs,
    after(ms, callback) {
      const timer = { dueMs: elapsedMs + ms, callback }
      timers.add(timer)
      return () => timers.delete(timer)
    },
    advance(ms) {
      elapsedMs += ms
      for (const timer of [...timers].filter(({ dueMs }) => dueMs <= elapsedMs)) {
        timers.delete(timer)
        timer.callback()
      }
    },
    get pendingTimers() {
      return timers.size
    },
  }
}
