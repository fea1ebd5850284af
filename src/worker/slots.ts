/** A bounded number of places to work in; whoever finds none waits in line. */
export interface Slots {
  /**
   * Rejects with the signal's reason when that fires before there is a place; then none is taken. Who is urgent stands
   * at the head of the line.
   */
  take(signal?: AbortSignal, isUrgent?: boolean): Promise<void>
  give(): void
  readonly taken: number
  readonly waiting: number
  /** Resolves when all are free. */
  idle(): Promise<void>
}

export const createSlots = (count: number): Slots => {
  const line: (() => void)[] = []
  let taken = 0
  let idleWaiters: (() => void)[] = []
  return {
    get taken() {
      return taken
    },
    get waiting() {
      return line.length
    },
    take(signal, isUrgent = false) {
      if (signal?.aborted) return Promise.reject(signal.reason)
      if (taken < count) {
        taken += 1
        return Promise.resolve()
      }
      return new Promise<void>((resolve, reject) => {
        const enter = () => {
          signal?.removeEventListener('abort', leave)
          resolve()
        }
        const leave = () => {
          line.splice(line.indexOf(enter), 1)
          reject(signal?.reason)
        }
        if (isUrgent) line.unshift(enter)
        else line.push(enter)
        signal?.addEventListener('abort', leave, { once: true })
      })
    },
    give() {
      const next = line.shift()
      if (next) {
        next()
        return
      }
      taken -= 1
      if (taken > 0) return
      for (const resolve of idleWaiters) resolve()
      idleWaiters = []
    },
    idle: () => (taken === 0 ? Promise.resolve() : new Promise<void>((resolve) => idleWaiters.push(resolve))),
  }
}
