import { type DispatchDeps, dispatchDue, expireOverdue } from '../actions/dispatch.ts'
import type { Clock } from '../clock.ts'

export interface DispatcherDeps extends DispatchDeps {
  readonly clock: Clock
  readonly everyMs: number
  readonly worker: { readonly id: string; readonly slots: number }
}

export interface Dispatcher {
  /** Something may have come due. */
  wake(): void
  stop(): Promise<void>
}

const recordWorkerEveryMs = 10_000
const expireEveryMs = 1_000

/** One loop in every worker process; the database lets one of them lead at a time. A tick and a wake-up are the same. */
export const startDispatcher = async (deps: DispatcherDeps): Promise<Dispatcher> => {
  const { clock, everyMs, dispatch, telemetry, worker } = deps
  let isStopped = false
  let isAwake = false
  let round: Promise<void> | null = null
  let cancelTimer: () => void = () => undefined
  const lastMs = { recorded: clock.monotonicMs(), expired: Number.NEGATIVE_INFINITY }

  const due = (what: keyof typeof lastMs, afterMs: number): boolean => {
    if (clock.monotonicMs() - lastMs[what] < afterMs) return false
    lastMs[what] = clock.monotonicMs()
    return true
  }

  const work = async (): Promise<void> => {
    if (due('recorded', recordWorkerEveryMs)) await dispatch.recordWorker(worker)
    if (due('expired', expireEveryMs)) await expireOverdue(deps)
    const hasMore = await dispatchDue(deps)
    isAwake ||= hasMore
  }

  const run = (): void => {
    if (isStopped || round !== null) return
    isAwake = false
    cancelTimer()
    round = work()
      .catch((error: unknown) => telemetry.state('dispatch.failed', { error }))
      .finally(() => {
        round = null
        if (isStopped) return
        if (isAwake) run()
        else cancelTimer = clock.after(everyMs, run)
      })
  }

  await dispatch.recordWorker(worker)
  run()
  return {
    wake() {
      isAwake = true
      run()
    },
    async stop() {
      isStopped = true
      cancelTimer()
      await round
      await dispatch.removeWorker(worker.id)
    },
  }
}
