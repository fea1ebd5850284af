import { type KeepBatchesDeps, keepBatches } from '../actions/keep-batches.ts'

export interface BatchKeeper {
  /** A batch was closed, canceled, or is to run again. */
  wake(): void
  stop(): Promise<void>
}

const everyMs = 1_000

/** One loop in every worker process; the database lets one of them do the work at a time. */
export const startBatchKeeper = (deps: KeepBatchesDeps): BatchKeeper => {
  const { clock, telemetry } = deps
  const stopping = new AbortController()
  let isAwake = false
  let round: Promise<void> | null = null
  let cancelTimer: () => void = () => undefined

  const work = async (): Promise<void> => {
    const hasMore = await keepBatches(deps, stopping.signal)
    isAwake ||= hasMore
  }

  const run = (): void => {
    if (stopping.signal.aborted || round !== null) return
    isAwake = false
    cancelTimer()
    round = work()
      .catch((error: unknown) => telemetry.state('batches.failed', { batchId: null, error }))
      .finally(() => {
        round = null
        if (stopping.signal.aborted) return
        if (isAwake) run()
        else cancelTimer = clock.after(everyMs, run)
      })
  }

  run()
  return {
    wake() {
      isAwake = true
      run()
    },
    async stop() {
      stopping.abort()
      cancelTimer()
      await round
    },
  }
}
