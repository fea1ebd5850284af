import { createOrphanSweep } from '../actions/sweep-orphans.ts'
import { type SweepDeps, sweepRetention } from '../actions/sweep-retention.ts'
import type { Clock } from '../clock.ts'
import type { UnsentMarks } from '../store/unsent-marks.ts'

export interface SweeperDeps extends SweepDeps {
  readonly clock: Clock
  /** Of this machine, so that every process sweeps them. */
  readonly marks: Pick<UnsentMarks, 'sweep'>
}

export interface Sweeper {
  stop(): Promise<void>
}

/** The first round waits as well: a process that has just started has better things to do. */
const everyMs = 60_000
/** While there is more than one round could take. */
const restMs = 500
const mostRows = 500
const orphansEveryMs = 3_600_000
const mostFiles = 1_000

/**
 * Removes what is over, a bounded amount each minute, and looks through the files and the marks each hour. It runs in every
 * worker process; but for the marks, the database lets one at a time do it.
 */
export const startSweeper = (deps: SweeperDeps): Sweeper => {
  const { clock, retention, telemetry } = deps
  const orphans = createOrphanSweep(deps)
  const stopping = new AbortController()
  const { signal } = stopping
  let orphansAtMs = clock.monotonicMs()
  let marksAtMs = clock.monotonicMs()
  let cancelTimer: () => void = () => undefined
  let round: Promise<void> = Promise.resolve()

  /** Whether there is more to do at once. */
  const work = async (now: Date): Promise<boolean> => {
    const { hasMore } = await sweepRetention(deps, { now, most: mostRows, signal })
    if (clock.monotonicMs() < orphansAtMs || signal.aborted) return hasMore
    const isDone = await orphans.step({ now, most: mostFiles, signal })
    if (isDone) orphansAtMs = clock.monotonicMs() + orphansEveryMs
    return hasMore || !isDone
  }

  const sweepMarks = (): void => {
    if (clock.monotonicMs() < marksAtMs) return
    deps.marks.sweep(clock.nowMs())
    marksAtMs = clock.monotonicMs() + orphansEveryMs
  }

  const run = (): void => {
    let hasMore = false
    sweepMarks()
    round = retention
      .lead(async (now) => {
        hasMore = await work(now)
      })
      .then(() => undefined)
      .catch((error: unknown) => telemetry.state('sweep.failed', { error }))
      .finally(() => {
        if (!signal.aborted) cancelTimer = clock.after(hasMore ? restMs : everyMs, run)
      })
  }

  cancelTimer = clock.after(everyMs, run)
  return {
    async stop() {
      stopping.abort()
      cancelTimer()
      await round
    },
  }
}
