import type { Verdict } from '../../src/cli/prove/audit.ts'
import { type Drill, type DrillOptions, type DrillReport, runDrill } from '../../src/cli/prove/drill.ts'
import type { PrivateRedis } from './private-redis.ts'
import { verifyWithLibrary } from './verify.ts'

/** One of the runs of guarantees.md §3.4. */
export interface ChaosRun {
  readonly title: string
  /** How many jobs the full run has, and the short one. */
  readonly jobs: { readonly full: number; readonly short: number }
  readonly perform: (setting: RunSetting, watching: Watching) => Promise<DrillReport>
  /** What this run asks for beyond what must hold in every one: complaints, in words. */
  readonly demand: (report: DrillReport) => readonly string[]
  /** And what depends on the machine's pace: asked for in the full form alone, which has a machine to itself. */
  readonly demandOfPace?: (report: DrillReport) => readonly string[]
}

export interface RunSetting {
  readonly jobs: number
  readonly seed: number
  readonly isShort: boolean
  /** An empty folder for everything. */
  readonly dataDir: string
  /** Null when the queue lives in Postgres. */
  readonly redis: PrivateRedis | null
}

export type Watching = Pick<DrillOptions, 'signal' | 'onStage' | 'onProgress' | 'onStrike'>

export interface Arrangement {
  readonly drill: Drill
  /** Where it is not a number of jobs that counts. */
  readonly amount?: DrillOptions['amount']
  /** Puts away what the drill needed. */
  clear(): Promise<void>
}

/** A run that is one drill. */
export const byDrill =
  (arrange: (setting: RunSetting) => Drill | Promise<Arrangement>): ChaosRun['perform'] =>
  async (setting, watching) => {
    const arranged = await arrange(setting)
    const { drill, amount, clear }: Arrangement =
      'drill' in arranged ? arranged : { drill: arranged, clear: () => Promise.resolve() }
    const { jobs, seed, dataDir, redis } = setting
    try {
      return await runDrill(drill, {
        ...watching,
        seed,
        dataDir,
        amount: amount ?? { jobs },
        verify: verifyWithLibrary,
        ...(redis !== null && { redisUrl: redis.url }),
      })
    } finally {
      await clear()
    }
  }

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
