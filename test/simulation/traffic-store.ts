import type { AccountTrafficStore } from '../../src/store/account-traffic.ts'
import type { World } from './world.ts'

/** What the fleet knows of the one account's manners; times are milliseconds of the world. */
export interface TrafficRow {
  pausedUntil: number
  readonly down: Map<string, { openings: number; probeAt: number }>
}

type Ask = <T>(name: string, act: () => T) => Promise<T>

export const createTrafficStore = ({ scheduler }: World, ask: Ask, row: TrafficRow): AccountTrafficStore => ({
  read: () =>
    ask('read traffic', () => ({
      pausedForMs: row.pausedUntil > scheduler.nowMs ? row.pausedUntil - scheduler.nowMs : null,
      down: [...row.down].map(([operation, { openings, probeAt }]) => ({
        operation,
        openings,
        probeInMs: probeAt - scheduler.nowMs,
      })),
    })),
  pause: (_accountId, forMs) =>
    ask('pause', () => {
      row.pausedUntil = Math.max(row.pausedUntil, scheduler.nowMs + forMs)
    }),
  markDown: (_accountId, operation, probeInMs, openings) =>
    ask('mark down', () => {
      row.down.set(operation, { openings, probeAt: scheduler.nowMs + probeInMs })
    }),
  markUp: (_accountId, operation) =>
    ask('mark up', () => {
      row.down.delete(operation)
    }),
  claimProbe: (_accountId, operation, forMs) =>
    ask('claim probe', () => {
      const down = row.down.get(operation)
      if (down === undefined || down.probeAt > scheduler.nowMs) return false
      down.probeAt = scheduler.nowMs + forMs
      return true
    }),
})
