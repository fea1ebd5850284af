/** How soon somebody takes over what a killed worker held (guarantees.md §2.3 "Worker SIGKILL"). */
import type { Disturbance, Evidence } from './evidence.ts'

export interface Rescues {
  readonly kills: number
  /** Jobs that were held by a worker as it was killed. */
  readonly jobs: number
  /** From the kill to the next claim; null where nothing was rescued. */
  readonly times: RescueTimes | null
  /** The same without the jobs for which the database, the queue or the next worker was struck meanwhile. */
  readonly undisturbed: RescueTimes | null
}

export interface RescueTimes {
  readonly jobs: number
  readonly medianMs: number
  readonly p99Ms: number
  readonly maxMs: number
}

export const killName = 'worker killed'

interface Rescue {
  readonly ms: number
  readonly isDisturbed: boolean
}

/** The owner of a lease carries the id of its process. */
const pidOfOwner = (owner: string | null): string | null => /^wrk_(\d+)_/.exec(owner ?? '')?.[1] ?? null
const pidOfKill = ({ detail }: Disturbance): string | null => /^process (\d+)/.exec(detail)?.[1] ?? null

/** Was the process that had the lease one of those that were killed? */
export const wasKilled = (owner: string | null, disturbances: readonly Disturbance[]): boolean => {
  const pid = pidOfOwner(owner)
  return pid !== null && disturbances.some((one) => one.name === killName && pidOfKill(one) === pid)
}

export const measureRescues = ({ attempts, disturbances }: Evidence): Rescues => {
  const kills = disturbances.filter(({ name }) => name === killName)
  const rescues = attempts.flatMap(({ outcome, owner, finishedAtMs }) => {
    const pid = outcome === 'lost' ? pidOfOwner(owner) : null
    const kill = kills.findLast((one) => pidOfKill(one) === pid && one.fromMs <= finishedAtMs)
    if (pid === null || kill === undefined) return []
    const isDisturbed = disturbances.some(
      (one) => one !== kill && one.fromMs <= finishedAtMs && one.untilMs >= kill.fromMs,
    )
    return [{ ms: Math.round(finishedAtMs - kill.fromMs), isDisturbed }]
  })
  return {
    kills: kills.length,
    jobs: rescues.length,
    times: timesOf(rescues),
    undisturbed: timesOf(rescues.filter(({ isDisturbed }) => !isDisturbed)),
  }
}

const timesOf = (rescues: readonly Rescue[]): RescueTimes | null => {
  const sorted = rescues.map(({ ms }) => ms).sort((left, right) => left - right)
  const at = (share: number): number =>
    sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0
  if (sorted.length === 0) return null
  return { jobs: sorted.length, medianMs: at(0.5), p99Ms: at(0.99), maxMs: at(1) }
}
