/** A bounded number of places to work in; whoever finds none waits in line. */
export interface Slots {
  take(): Promise<void>
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
    take() {
      if (taken < count) {
        taken += 1
        return Promise.resolve()
      }
      return new Promise<void>((resolve) => line.push(resolve))
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
