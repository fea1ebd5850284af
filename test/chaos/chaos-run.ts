import type { Verdict } from '../../src/cli/prove/audit.ts'
import type { Drill, DrillReport } from '../../src/cli/prove/drill.ts'
import type { PrivateRedis } from './private-redis.ts'

/** One of the runs of guarantees.md §3.4. */
export interface ChaosRun {
  readonly title: string
  /** How many jobs the full run has, and the short one. */
  readonly jobs: { readonly full: number; readonly short: number }
  /** A drill, and how to put away what it needed. */
  readonly arrange: (setting: RunSetting) => Promise<Arrangement>
  /** What this run asks for beyond what must hold in every one: complaints, in words. */
  readonly demand: (report: DrillReport) => readonly string[]
}

export interface Arrangement {
  readonly drill: Drill
  clear(): Promise<void>
}

export interface RunSetting {
  readonly jobs: number
  readonly seed: number
  readonly isShort: boolean
  /** Null when the queue lives in Postgres. */
  readonly redis: PrivateRedis | null
}

/** A run that needs nothing but its drill. */
export const justDrill =
  (toDrill: (setting: RunSetting) => Drill): ChaosRun['arrange'] =>
  (setting) =>
    Promise.resolve({ drill: toDrill(setting), clear: () => Promise.resolve() })

/** The share of the accepted jobs that may end so, as a complaint where it is more. */
export const atMost = (
  { tallies }: Verdict,
  what: string,
  count: number,
  share: number,
): readonly string[] => {
  const most = Math.ceil(tallies.accepted * share)
  return count > most ? [`${count} jobs ${what}, at most ${most} may`] : []
}

/** Failures other than those that the run's own faults explain. */
export const onlyFailures = ({ tallies }: Verdict, allowed: readonly string[]): readonly string[] =>
  Object.entries(tallies.failures)
    .filter(([code]) => !allowed.includes(code))
    .map(([code, count]) => `${count} jobs failed with ${code}`)
