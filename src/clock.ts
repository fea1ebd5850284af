/** The only reader of the time. Everything else is handed a clock, so that tests can hand in their own. */
export interface Clock {
  /** Wall clock, milliseconds since the epoch. */
  nowMs(): number
  /** Monotonic milliseconds; only differences mean anything. Unaffected by wall-clock steps. */
  monotonicMs(): number
  /** Runs `callback` once after `ms`; the returned function cancels it. */
  after(ms: number, callback: () => void): () => void
}

export const systemClock: Clock = {
  nowMs: () => Date.now(),
  monotonicMs: () => performance.now(),
  // After what has come meanwhile: to a process that was frozen, the answer may be there for which the time is up.
  after: (ms, callback) => {
    let turn: NodeJS.Immediate | undefined
    const timer = setTimeout(() => {
      turn = setImmediate(callback)
    }, ms)
    timer.unref()
    return () => {
      clearTimeout(timer)
      clearImmediate(turn)
    }
  },
}
