import type { Clock } from '../../src/clock.ts'

export interface ManualClock extends Clock {
  /** Moves the time on and runs what comes due on the way, in order; also what that sets up in turn. */
  advance(ms: number): void
  /** Moves the wall clock alone, as an administrator or a time server would. */
  stepWallClock(ms: number): void
  readonly pendingTimers: number
}

/** A clock that stands still until a test moves it. */
export const createManualClock = (startMs = Date.UTC(2026, 0, 1)): ManualClock => {
  let elapsedMs = 0
  let stepMs = 0
  let order = 0
  const timers = new Set<{ dueMs: number; order: number; callback: () => void }>()
  const next = (untilMs: number) =>
    [...timers]
      .filter(({ dueMs }) => dueMs <= untilMs)
      .sort((a, b) => a.dueMs - b.dueMs || a.order - b.order)
      .at(0)

  return {
    nowMs: () => startMs + stepMs + elapsedMs,
    monotonicMs: () => elapsedMs,
    after(ms, callback) {
      order += 1
      const timer = { dueMs: elapsedMs + Math.max(0, ms), order, callback }
      timers.add(timer)
      return () => timers.delete(timer)
    },
    advance(ms) {
      const untilMs = elapsedMs + ms
      for (let timer = next(untilMs); timer !== undefined; timer = next(untilMs)) {
        timers.delete(timer)
        elapsedMs = Math.max(elapsedMs, timer.dueMs)
        timer.callback()
      }
      elapsedMs = untilMs
    },
    stepWallClock(ms) {
      stepMs += ms
    },
    get pendingTimers() {
      return timers.size
    },
  }
}

/** Lets everything that is ready to go on go on: every promise callback runs before this resolves. */
export const settled = (): Promise<void> => new Promise((resolve) => setImmediate(resolve))
