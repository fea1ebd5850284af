import type { Clock } from './clock.ts'

/** Waits for `work`, but no longer than `ms`: true when it was done by then. What becomes of it later is not told. */
export const within = (clock: Clock, ms: number, work: Promise<unknown>): Promise<boolean> =>
  new Promise((resolve, reject) => {
    const cancelTimer = clock.after(Math.max(0, ms), () => resolve(false))
    work.then(() => resolve(true), reject).finally(cancelTimer)
  })
