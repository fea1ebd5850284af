/** Removes what is over: rows whose time has come, then the files that they named (api.md §3, §7; guarantees.md §2.1-7). */
import type { Storage } from '../media/storage.ts'
import { type RemovalStep, type RetentionStore, removalSteps } from '../store/retention.ts'
import type { Telemetry } from '../telemetry.ts'

export interface SweepDeps {
  readonly retention: RetentionStore
  readonly storage: Pick<Storage, 'delete' | 'list' | 'sweep'>
  readonly telemetry: Telemetry
}

export interface SweepAt {
  readonly now: Date
  readonly most: number
  /** The process is about to end: what is left of the round is left to another one. */
  readonly signal: AbortSignal
}

export interface SweepRound {
  /** A step took as much as it may in one round: there is more. */
  readonly hasMore: boolean
}

const steps = Object.keys(removalSteps) as readonly RemovalStep[]

/**
 * One round of every step, each of at most `most` rows. A process that dies between a row and its file leaves a file
 * that nobody can reach; the sweep of orphans finds it.
 */
export const sweepRetention = async (
  { retention, storage, telemetry }: SweepDeps,
  at: SweepAt,
): Promise<SweepRound> => {
  let hasMore = false
  for (const step of steps) {
    if (at.signal.aborted) break
    const { rows, keys } = await retention.remove(step, at)
    const files = await deleteFiles(storage, keys, at.signal)
    if (rows > 0) telemetry.state('sweep.removed', { what: step, rows, files })
    hasMore ||= rows === at.most
  }
  return { hasMore }
}

const deletionsAtATime = 16

/** Deletes files that no row names any more; says how many there were. */
export const deleteFiles = async (
  storage: Pick<Storage, 'delete'>,
  keys: readonly string[],
  signal: AbortSignal,
): Promise<number> => {
  let deleted = 0
  for (let at = 0; at < keys.length && !signal.aborted; at += deletionsAtATime) {
    const group = keys.slice(at, at + deletionsAtATime)
    const found = await Promise.all(group.map((key) => storage.delete(key)))
    deleted += found.filter(Boolean).length
  }
  return deleted
}
