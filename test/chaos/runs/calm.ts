import { toDrillJob } from '../../../src/cli/prove/drill-jobs.ts'
import { scaledSettings, scaledTimeFactor } from '../../../src/cli/prove/drill-settings.ts'
import { byDrill, type ChaosRun, onlyFailures } from '../chaos-run.ts'

/** What all runs begin with: nothing goes wrong. */
export const calmDrill = {
  workers: 2,
  timeFactor: scaledTimeFactor,
  settings: { ...scaledSettings, LEASE_MS: '5000' },
  window: 300,
  bodyOf: toDrillJob(0.2),
  faults: [],
  receiverFails: 0,
  disasters: () => [],
  settleMs: 120_000,
} as const

/** R0: everything succeeds, once, and nothing is done twice. */
export const calm: ChaosRun = {
  title: 'calm: everything succeeds, once',
  jobs: { full: 10_000, short: 100 },
  perform: byDrill(() => calmDrill),
  demand: ({ verdict }) => {
    const { tallies } = verdict
    return [
      ...onlyFailures(verdict, []),
      ...(tallies.succeeded === tallies.accepted ? [] : [`${tallies.succeeded} jobs succeeded`]),
      ...(tallies.callbacksRepeated === 0 ? [] : [`${tallies.callbacksRepeated} callbacks were repeated`]),
      ...(tallies.spareSessions === 0 ? [] : [`${tallies.spareSessions} spare sessions were made`]),
    ]
  },
}
