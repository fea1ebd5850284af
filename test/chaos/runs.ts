/** The runs, by their names in guarantees.md §3.4. */
import { killWorkers, restartDatabase } from '../../src/cli/prove/disasters.ts'
import { toDrillJob } from '../../src/cli/prove/drill-jobs.ts'
import { scaledSettings, scaledTimeFactor } from '../../src/cli/prove/drill-settings.ts'
import { atMost, type ChaosRun, onlyFailures } from './chaos-run.ts'
import { flushRedis, restartRedis } from './disasters.ts'
import { oneInFive } from './faults.ts'

const calm = {
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

const calmRun: ChaosRun = {
  title: 'calm: everything succeeds, once',
  jobs: { full: 10_000, short: 200 },
  drill: () => calm,
  demand: (verdict) => {
    const { tallies } = verdict
    return [
      ...onlyFailures(verdict, []),
      ...(tallies.succeeded === tallies.accepted ? [] : [`${tallies.succeeded} jobs succeeded`]),
      ...(tallies.callbacksRepeated === 0 ? [] : [`${tallies.callbacksRepeated} callbacks were repeated`]),
      ...(tallies.spareSessions === 0 ? [] : [`${tallies.spareSessions} spare sessions were made`]),
    ]
  },
}

const flagship: ChaosRun = {
  title: 'flagship: kills, flushes, restarts, one call in five fails',
  jobs: { full: 10_000, short: 300 },
  drill: ({ redis, isShort }) => ({
    ...calm,
    workers: isShort ? 3 : 4,
    settings: scaledSettings,
    window: isShort ? 80 : 400,
    faults: oneInFive,
    receiverFails: 0.3,
    settleMs: isShort ? 100_000 : 180_000,
    disasters: (ground) => [
      killWorkers(ground, 2_000),
      restartDatabase(ground, isShort ? [0.3, 0.7] : [0.15, 0.35, 0.55, 0.75, 0.9], [
        'fast',
        'immediate',
        'kill',
      ]),
      ...(redis === null
        ? []
        : [
            flushRedis(redis, isShort ? [0.2, 0.8] : [0.1, 0.3, 0.5, 0.7, 0.9]),
            restartRedis(
              redis,
              isShort
                ? [{ atShare: 0.5, awayMs: 1_000 }]
                : [
                    { atShare: 0.2, awayMs: 0 },
                    { atShare: 0.6, awayMs: 12_000 },
                  ],
            ),
          ]),
    ],
  }),
  demand: (verdict) => [
    ...onlyFailures(verdict, ['generation_outcome_unknown', 'generation_failed', 'provider_unavailable']),
    ...atMost(verdict, 'have an unknown outcome', verdict.tallies.outcomeUnknown, 0.005),
    ...atMost(verdict, 'failed', verdict.tallies.failed, 0.02),
  ],
}

export const runs = { R0: calmRun, R2: flagship } as const satisfies Record<string, ChaosRun>

export type RunName = keyof typeof runs

export const isRunName = (text: string): text is RunName => Object.hasOwn(runs, text)
