import { killWorkers, restartDatabase } from '../../../src/cli/prove/disasters.ts'
import type { DrillReport } from '../../../src/cli/prove/drill.ts'
import { scaledSettings } from '../../../src/cli/prove/drill-settings.ts'
import { measureRescues } from '../../../src/cli/prove/rescues.ts'
import { atMost, byDrill, type ChaosRun, onlyFailures } from '../chaos-run.ts'
import { flushRedis, restartRedis } from '../disasters.ts'
import { oneInFive } from '../faults.ts'
import { calmDrill } from './calm.ts'

const databaseEnds = ['fast', 'immediate', 'kill'] as const

/** R2: everything goes wrong at once. */
export const flagship: ChaosRun = {
  title: 'flagship: kills, flushes, restarts, one call in five fails, three callbacks in ten fail',
  jobs: { full: 10_000, short: 500 },
  perform: byDrill(({ redis, isShort }) => ({
    ...calmDrill,
    workers: isShort ? 3 : 4,
    settings: scaledSettings,
    window: isShort ? 80 : 300,
    // Ten minutes of a machine that is busy, not one that is overrun: that is another run.
    ...(!isShort && { load: { perSecond: 10_000 / 600 } }),
    faults: oneInFive,
    receiverFails: 0.3,
    settleMs: isShort ? 90_000 : 240_000,
    disasters: (ground) => [
      killWorkers(ground, 2_000),
      restartDatabase(ground, isShort ? [0.3, 0.7] : [0.15, 0.35, 0.55, 0.75, 0.9], databaseEnds),
      ...(redis === null
        ? []
        : [
            flushRedis(redis, isShort ? [0.2, 0.8] : [0.1, 0.3, 0.5, 0.7, 0.9]),
            restartRedis(redis, isShort ? shortOutages : longOutages),
          ]),
    ],
  })),
  demand: () => [],
  demandOfPace: (report) => [
    ...demandHonesty(report),
    ...demandFewUnknown(report),
    ...demandQuickRescue(report),
  ],
}

const leaseMs = Number(scaledSettings['LEASE_MS'])
const rescueGraceMs = 1_000

/** What a killed worker held is taken over as soon as its lease has run out. */
const demandQuickRescue = ({ evidence }: DrillReport): readonly string[] => {
  const { undisturbed } = measureRescues(evidence)
  const mostMs = leaseMs + rescueGraceMs
  return undisturbed === null || undisturbed.p99Ms <= mostMs
    ? []
    : [
        `jobs of killed workers were taken over after ${undisturbed.p99Ms} ms (p99), at most ${mostMs} ms may pass`,
      ]
}

/** In a short run a single bad moment must not decide. */
const alwaysAllowedUnknown = 4

const demandFewUnknown = ({ verdict }: DrillReport): readonly string[] => {
  const { outcomeUnknown, accepted } = verdict.tallies
  const allowed = Math.max(0.005, alwaysAllowedUnknown / Math.max(1, accepted))
  return atMost(verdict, 'have an unknown outcome', outcomeUnknown, allowed)
}

const shortOutages = [{ atShare: 0.5, awayMs: 1_000 }]
const longOutages = [
  { atShare: 0.2, awayMs: 0 },
  { atShare: 0.6, awayMs: 12_000 },
]

/** How many kills meet a message between its permit and its first byte, at the most. */
const unknownPerDisturbance = 0.2

/** Few jobs fail, and those for what was done to them. */
export const demandHonesty = ({ verdict, evidence }: DrillReport): readonly string[] => {
  const { tallies } = verdict
  const explained = (evidence.disturbances.length * unknownPerDisturbance) / Math.max(1, tallies.accepted)
  return [
    ...onlyFailures(verdict, ['generation_outcome_unknown', 'generation_failed']),
    ...atMost(verdict, 'have an unknown outcome', tallies.outcomeUnknown, Math.max(0.005, explained)),
    ...atMost(verdict, 'failed otherwise', tallies.failed - tallies.outcomeUnknown, 0.01),
  ]
}
