import type { Clock } from '../clock.ts'

/** Tells whether a tenant's queue is at its bound, without counting it for every submit. */
export interface QueueGauge {
  isFull(tenantId: string, bound: number): Promise<boolean>
  /** How many more it may take. */
  roomFor(tenantId: string, bound: number): Promise<number>
  /** So many more jobs, one when left out, were queued here. */
  add(tenantId: string, jobs?: number): void
}

interface Reading {
  queued: number
  readAtMs: number
}

/** Far from the bound a reading holds longer: the queue cannot fill up in that time without this process knowing. */
const farHoldMs = 30_000
const nearHoldMs = 1_000

/**
 * Counts in the store now and then and adds what was accepted here since. The bound is soft by a second's worth of
 * submits of the other processes (architecture.md §6).
 */
export const createQueueGauge = (
  countQueued: (tenantId: string, atMost: number) => Promise<number>,
  clock: Clock,
): QueueGauge => {
  const readings = new Map<string, Reading>()
  const underway = new Map<string, Promise<Reading>>()

  const read = async (tenantId: string, bound: number): Promise<Reading> => {
    const reading = { queued: await countQueued(tenantId, bound), readAtMs: clock.monotonicMs() }
    readings.set(tenantId, reading)
    return reading
  }

  const refresh = (tenantId: string, bound: number): Promise<Reading> => {
    const running = underway.get(tenantId)
    if (running !== undefined) return running
    const reading = read(tenantId, bound).finally(() => underway.delete(tenantId))
    underway.set(tenantId, reading)
    return reading
  }

  const roomFor = async (tenantId: string, bound: number): Promise<number> => {
    const known = readings.get(tenantId)
    const holdMs = known !== undefined && known.queued * 2 > bound ? nearHoldMs : farHoldMs
    const isFresh = known !== undefined && clock.monotonicMs() - known.readAtMs < holdMs
    const { queued } = isFresh ? known : await refresh(tenantId, bound)
    return Math.max(0, bound - queued)
  }

  return {
    roomFor,
    async isFull(tenantId, bound) {
      return (await roomFor(tenantId, bound)) === 0
    },
    add(tenantId, jobs = 1) {
      const reading = readings.get(tenantId)
      if (reading !== undefined) reading.queued += jobs
    },
  }
}
