import { type DispatchDeps, dispatchDue, expireOverdue } from '../actions/dispatch.ts'
import type { Clock } from '../clock.ts'
import type { RungBell } from '../store/dispatch.ts'
import type { Lead } from '../store/leadership.ts'

export interface DispatcherDeps extends DispatchDeps {
  readonly clock: Clock
  readonly everyMs: number
  /** Of all processes that work, the one that goes round. */
  readonly lead: Pick<Lead, 'take' | 'resign'>
  readonly worker: { readonly id: string; readonly slots: number }
  /** Answers the bells of jobs here, past the queue: all of them while nobody else works, else what cannot wait. */
  readonly answerHere: (bells: readonly RungBell[]) => void
  /** How many more jobs could be worked on here. */
  readonly vacancies: () => number
}

export interface Dispatcher {
  /** Something may have come due. */
  wake(): void
  /** There is room for more jobs: while there are some, the next round begins soon instead of with the next tick. */
  hurry(): void
  stop(): Promise<void>
}

const recordWorkerEveryMs = 10_000
const expireEveryMs = 1_000
/** Between two rounds of which the first one rang jobs and there is room for more. */
const restMs = 10

/**
 * One loop in every worker process, of which one leads: it goes round at every tick and whenever it is woken. The others
 * ask at every tick whether the lead is free, so that a fleet of any size makes the rounds of one.
 */
export const startDispatcher = async (deps: DispatcherDeps): Promise<Dispatcher> => {
  const { clock, everyMs, dispatch, lead, telemetry, worker } = deps
  let isStopped = false
  let isAwake = false
  /** The last round rang jobs, so there may be others for which it had no room. */
  let hasRung = false
  let isHurried = false
  let isAlone = false
  let isLeading = false
  let round: Promise<void> | null = null
  let cancelTimer: () => void = () => undefined
  const lastMs = { recorded: clock.monotonicMs(), expired: Number.NEGATIVE_INFINITY }

  const due = (what: keyof typeof lastMs, afterMs: number): boolean => {
    if (clock.monotonicMs() - lastMs[what] < afterMs) return false
    lastMs[what] = clock.monotonicMs()
    return true
  }

  const record = async (): Promise<void> => {
    isAlone = (await dispatch.recordWorker(worker)).others === 0
  }

  const ring: DispatchDeps['ring'] = async (queue, bells) => {
    const own = queue === 'jobs' ? bellsForHere(bells) : []
    if (own.length > 0) deps.answerHere(own)
    if (own.length < bells.length)
      await deps.ring(
        queue,
        bells.filter((bell) => !own.includes(bell)),
      )
  }

  /** What a dead process left behind is taken up at once, as far as there is room; nothing by one that stops. */
  const bellsForHere = (bells: readonly RungBell[]): readonly RungBell[] => {
    if (isStopped) return []
    return isAlone ? bells : bells.filter(({ isUrgent }) => isUrgent === true).slice(0, deps.vacancies())
  }

  const work = async (): Promise<void> => {
    if (due('recorded', recordWorkerEveryMs)) await record()
    hasRung = false
    isLeading = await lead.take()
    if (!isLeading || isStopped) return
    if (due('expired', expireEveryMs)) await expireOverdue(deps)
    const { jobs, hasMore } = await dispatchDue({ ...deps, ring })
    hasRung = jobs > 0
    isAwake ||= hasMore
  }

  const run = (): void => {
    if (isStopped || round !== null) return
    isAwake = false
    isHurried = false
    cancelTimer()
    round = work()
      .catch((error: unknown) => {
        telemetry.state('dispatch.failed', { error })
        // What fails here may work elsewhere.
        lead.resign()
        isLeading = false
      })
      .finally(() => {
        round = null
        if (isStopped) return
        if (isAwake && isLeading) run()
        else cancelTimer = clock.after(isHurried && hasRung ? restMs : everyMs, run)
      })
  }

  await record()
  run()
  return {
    wake() {
      isAwake = true
      if (isLeading) run()
    },
    hurry() {
      if (isHurried || isStopped) return
      isHurried = true
      if (round !== null || !hasRung) return
      cancelTimer()
      cancelTimer = clock.after(restMs, run)
    },
    async stop() {
      isStopped = true
      cancelTimer()
      await round
      lead.resign()
      // With the database away this process is forgotten by itself; whatever else stops must not hang on it.
      await dispatch
        .removeWorker(worker.id)
        .catch((error: unknown) => telemetry.state('dispatch.failed', { error }))
    },
  }
}
