import type { Database } from './database.ts'
import type { JobRow } from './rows.ts'
import type { Worker } from './worker.ts'
import type { World } from './world.ts'

export interface DispatcherModel {
  /** Something may have come due. */
  wake(): void
}

const againAfterMs = 5_000

/** Marks what is due and rings it, by the rules of `dispatch.ts`; the bells may be lost or come twice. */
export const createDispatcher = (
  world: World,
  { jobs, listExpired, hasFreeSession }: Database,
  { workers, expire }: { readonly workers: () => readonly Worker[]; readonly expire: () => void },
): DispatcherModel => {
  const { scheduler, random, faults } = world
  let cancel: () => void = () => undefined
  let plannedMs = Number.POSITIVE_INFINITY

  /** When the row is to be rung next; null when nothing is to be done about it. */
  const ringAtMs = (row: JobRow): number | null => {
    if (row.finished_at !== null) return null
    if (row.state === 'running' && world.bug === 'rescue_off') return null
    const dueAt = row.state === 'running' ? (row.lease_until ?? 0) + 1 : row.due_at
    if (row.rung_at === null) return dueAt
    return world.bug === 'bell_lost' ? null : Math.max(dueAt, row.rung_at + againAfterMs + 1)
  }

  /** In the order in which they came. */
  const isItsTurn = (row: JobRow): boolean =>
    row.session_id === null ||
    row.state !== 'queued' ||
    (hasFreeSession(row) &&
      ![...jobs.values()].some(
        (other) =>
          other.session_id === row.session_id &&
          other.finished_at === null &&
          other.created_at < row.created_at,
      ))

  const ring = (row: JobRow): void => {
    const able = workers().filter(({ process, isStopping }) => process.isAlive && !isStopping)
    const [first, ...others] = able
    if (first === undefined) return
    if (scheduler.nowMs < faults.untilMs && random.chance(faults.bells.lose)) return
    const worker = random.pick([first, ...others])
    scheduler.at(random.between(1, 100), () => worker.ring(row.id))
    if (random.chance(faults.bells.double))
      scheduler.at(random.between(1, 2_000), () => random.pick([first, ...others]).ring(row.id))
  }

  const round = (): void => {
    plannedMs = Number.POSITIVE_INFINITY
    if (listExpired().length > 0) expire()
    for (const row of jobs.values()) {
      const atMs = ringAtMs(row)
      if (atMs === null || atMs > scheduler.nowMs || !isItsTurn(row)) continue
      row.rung_at = scheduler.nowMs
      row.ring_no += 1
      ring(row)
    }
    plan()
  }

  const plan = (): void => {
    const times = [...jobs.values()].filter(isItsTurn).flatMap((row) => ringAtMs(row) ?? [])
    const nextMs = Math.max(Math.min(...times), scheduler.nowMs) + random.between(1, 250)
    if (times.length === 0 || nextMs >= plannedMs) return
    cancel()
    plannedMs = nextMs
    cancel = scheduler.at(nextMs - scheduler.nowMs, round)
  }

  return { wake: plan }
}
