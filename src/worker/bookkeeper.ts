import type { Clock } from '../clock.ts'
import type { QueueDepthStore } from '../store/queue-depths.ts'
import type { TallyStore } from '../store/tallies.ts'
import type { Telemetry } from '../telemetry.ts'

export interface BookkeeperDeps {
  readonly tallies: Pick<TallyStore, 'rollUp'>
  readonly depths: Pick<QueueDepthStore, 'count'>
  readonly clock: Clock
  readonly telemetry: Telemetry
}

export interface Bookkeeper {
  stop(): Promise<void>
}

const everyMs = 1_000
const mostTallies = 5_000
const countEveryMs = 5_000
/** Counting a long line takes its time, and gets a hundredth of ours. */
const restPerCount = 100

/**
 * Rolls tallies up each second and counts the lines now and then: beside the dispatcher, which must not wait for it. It
 * runs in every worker process, and the database lets one at a time do it.
 */
export const startBookkeeper = ({ tallies, depths, clock, telemetry }: BookkeeperDeps): Bookkeeper => {
  let isStopped = false
  let countAtMs = Number.NEGATIVE_INFINITY
  let cancelTimer: () => void = () => undefined
  let round: Promise<void> = Promise.resolve()

  const work = async (): Promise<void> => {
    while ((await tallies.rollUp(mostTallies)) === mostTallies);
    const startedMs = clock.monotonicMs()
    if (startedMs < countAtMs) return
    await depths.count(countEveryMs)
    const endedMs = clock.monotonicMs()
    countAtMs = endedMs + Math.max(countEveryMs, restPerCount * (endedMs - startedMs))
  }

  const run = (): void => {
    round = work()
      .catch((error: unknown) => telemetry.state('books.failed', { error }))
      .finally(() => {
        if (!isStopped) cancelTimer = clock.after(everyMs, run)
      })
  }

  run()
  return {
    async stop() {
      isStopped = true
      cancelTimer()
      await round
    },
  }
}
