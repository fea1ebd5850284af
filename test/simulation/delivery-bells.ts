import type { Database } from './database.ts'
import type { DispatcherModel } from './dispatcher.ts'
import type { DeliveryModelRow } from './rows.ts'
import type { Worker } from './worker.ts'
import type { World } from './world.ts'

const againAfterMs = 5_000

/** Rings deliveries that are due and that nobody holds; the bells may be lost. */
export const createDeliveryBells = (
  { scheduler, random, faults }: World,
  { deliveries }: Database,
  workers: () => readonly Worker[],
): DispatcherModel => {
  let cancel: () => void = () => undefined
  let plannedMs = Number.POSITIVE_INFINITY

  const ringAtMs = (row: DeliveryModelRow): number => {
    const dueAt = Math.max(row.due_at, (row.lease_until ?? 0) + 1)
    return row.rung_at === null ? dueAt : Math.max(dueAt, row.rung_at + againAfterMs)
  }

  const ring = (row: DeliveryModelRow): void => {
    row.rung_at = scheduler.nowMs
    const [first, ...others] = workers().filter(({ process, isStopping }) => process.isAlive && !isStopping)
    if (first === undefined) return
    if (scheduler.nowMs < faults.untilMs && random.chance(faults.bells.lose)) return
    const worker = random.pick([first, ...others])
    scheduler.at(random.between(1, 100), () => worker.ringDelivery(row.id))
  }

  const plan = (): void => {
    const times = deliveries.filter(({ state }) => state === 'waiting').map(ringAtMs)
    const nextMs = Math.max(Math.min(...times), scheduler.nowMs + 1)
    if (times.length === 0 || nextMs >= plannedMs) return
    cancel()
    plannedMs = nextMs
    cancel = scheduler.at(nextMs - scheduler.nowMs, round)
  }

  const round = (): void => {
    plannedMs = Number.POSITIVE_INFINITY
    for (const row of deliveries) if (row.state === 'waiting' && ringAtMs(row) <= scheduler.nowMs) ring(row)
    plan()
  }

  return { wake: plan }
}
