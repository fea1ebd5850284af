import type { Clock } from '../clock.ts'
import type { AccountBookStore } from '../store/account-books.ts'
import type { QueueDepthStore } from '../store/queue-depths.ts'
import type { TallyStore } from '../store/tallies.ts'
import type { Telemetry } from '../telemetry.ts'

export interface BookkeeperDeps {
  readonly tallies: Pick<TallyStore, 'rollUp'>
  readonly depths: Pick<QueueDepthStore, 'count'>
  readonly books: Pick<AccountBookStore, 'keep'>
  readonly clock: Clock
  readonly telemetry: Telemetry
}

export interface Bookkeeper {
  stop(): Promise<void>
}

const rollUpEveryMs = 1_000
const mostTallies = 5_000
const countEveryMs = 5_000
const bookEveryMs = 60_000
const mostAccounts = 100
/** Counting a long line takes its time, and gets a hundredth of ours; so do the books of busy accounts. */
const restPerDuty = 100

/**
 * Rolls tallies up each second; counts the lines and brings the books of accounts up to date now and then: beside the
 * dispatcher, which must not wait for it. It runs in every worker process, and the database lets one at a time do it.
 */
export const startBookkeeper = (deps: BookkeeperDeps): Bookkeeper => {
  const { tallies, depths, clock, telemetry } = deps
  let isStopped = false
  let cancelTimer: () => void = () => undefined
  let round: Promise<void> = Promise.resolve()

  const rollUp = async (): Promise<void> => {
    while (!isStopped && (await tallies.rollUp(mostTallies)) === mostTallies);
  }
  const count = nowAndThen(clock, countEveryMs, () => depths.count(countEveryMs))
  const keepBooks = nowAndThen(clock, bookEveryMs, () => keepAccountBooks(deps))

  const work = async (): Promise<void> => {
    for (const duty of [rollUp, count, keepBooks]) if (!isStopped) await duty()
  }

  const run = (): void => {
    round = work()
      .catch((error: unknown) => telemetry.state('books.failed', { error }))
      .finally(() => {
        if (!isStopped) cancelTimer = clock.after(rollUpEveryMs, run)
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

/**
 * What may be called each second and does its work no oftener than that, nor for more than its part of the time, also
 * where it fails.
 */
const nowAndThen = (clock: Clock, everyMs: number, work: () => Promise<void>): (() => Promise<void>) => {
  let nextAtMs = Number.NEGATIVE_INFINITY
  return async () => {
    const startedMs = clock.monotonicMs()
    if (startedMs < nextAtMs) return
    try {
      await work()
    } finally {
      const endedMs = clock.monotonicMs()
      nextAtMs = endedMs + Math.max(everyMs, restPerDuty * (endedMs - startedMs))
    }
  }
}

const keepAccountBooks = async ({ books, telemetry }: BookkeeperDeps): Promise<void> => {
  const changes = await books.keep({ most: mostAccounts, freshMs: bookEveryMs })
  for (const { credits, ...change } of changes)
    if (credits > 0) telemetry.state('credits.unexplained', { ...change, credits })
    else telemetry.state('credits.added', { ...change, credits: -credits })
}
