/** The sandbox's time: wall time as it is, and virtual delays (a generation takes minutes) shortened by a factor. */
export interface VirtualClock {
  /** Wall clock, milliseconds since the epoch. */
  nowMs(): number
  /** The real milliseconds that a virtual delay takes here. */
  realMs(virtualMs: number): number
  /** Calls back once when the wall clock reaches `dueAtMs` (at once when it has); the returned function cancels it. */
  at(dueAtMs: number, callback: () => void): () => void
  /** Resolves after real milliseconds; never settles once the clock has stopped. */
  pause(realMs: number): Promise<void>
  /** Cancels everything that is outstanding. Nothing calls back afterwards. */
  stop(): void
}

/** Node fires a timer at once when its delay does not fit in 31 bits. */
const longestTimerMs = 2_147_483_647

export const createVirtualClock = (timeFactor: number): VirtualClock => {
  const outstanding = new Set<() => void>()
  let isStopped = false

  const at = (dueAtMs: number, callback: () => void): (() => void) => {
    if (isStopped) return () => undefined
    const fire = () => {
      outstanding.delete(cancel)
      callback()
    }
    const cancel = startTimer(dueAtMs - Date.now(), fire, () => outstanding.delete(cancel))
    outstanding.add(cancel)
    return cancel
  }

  return {
    nowMs: () => Date.now(),
    realMs: (virtualMs) => virtualMs * timeFactor,
    at,
    pause: (realMs) => new Promise((resolve) => at(Date.now() + realMs, resolve)),
    stop: () => {
      isStopped = true
      for (const cancel of outstanding) cancel()
    },
  }
}

/** A delay of nothing goes through `setImmediate`: a timer would round it up to a millisecond. */
const startTimer = (delayMs: number, fire: () => void, onCancel: () => void): (() => void) => {
  if (delayMs <= 0) {
    const immediate = setImmediate(fire)
    return () => {
      clearImmediate(immediate)
      onCancel()
    }
  }
  const timer = setTimeout(fire, Math.min(delayMs, longestTimerMs))
  return () => {
    clearTimeout(timer)
    onCancel()
  }
}
