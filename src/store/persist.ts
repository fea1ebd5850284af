import type { Clock } from '../clock.ts'
import { databaseErrorKind, StoreUnavailable } from './database-error.ts'

const maxConflictTries = 5

/** Runs a statement that may be run twice until it is answered, for as long as the patience lasts. */
export const persist = async <Result>(
  { clock, patienceMs }: { readonly clock: Clock; readonly patienceMs: number },
  run: () => Promise<Result>,
): Promise<Result> => {
  const startedMs = clock.monotonicMs()
  for (let conflicts = 0; ; ) {
    try {
      return await run()
    } catch (error) {
      const kind = databaseErrorKind(error)
      if (kind === 'other') throw error
      if (kind === 'conflict' && ++conflicts > maxConflictTries) throw error
      if (clock.monotonicMs() - startedMs > patienceMs)
        throw new StoreUnavailable('the database did not come back in time', { cause: error })
      await new Promise<void>((resolve) => clock.after(kind === 'conflict' ? 10 : 200, resolve))
    }
  }
}
