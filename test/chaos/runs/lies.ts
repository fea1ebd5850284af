import { killWorkers } from '../../../src/cli/prove/disasters.ts'
import { scaledSettings } from '../../../src/cli/prove/drill-settings.ts'
import type { SandboxFault } from '../../../src/cli/prove/provider-ledger.ts'
import { atMost, byDrill, type ChaosRun, onlyFailures } from '../chaos-run.ts'
import { cancelOnDrop, lies as lyingFaults } from '../faults.ts'
import { calmDrill } from './calm.ts'

const lyingDrill = (faults: readonly SandboxFault[]) =>
  byDrill(({ isShort }) => ({
    ...calmDrill,
    workers: 2,
    settings: { ...scaledSettings, LEASE_MS: '3000' },
    window: isShort ? 80 : 300,
    faults,
    receiverFails: 0.1,
    settleMs: 120_000,
    disasters: (ground) => [killWorkers(ground, 15_000)],
  }))

/** R3: a provider that does one thing and tells another. What it charged is delivered. */
export const lies: ChaosRun = {
  title: 'lies: charged and an error, silence, broken streams, late changes, truncated files',
  jobs: { full: 3_000, short: 200 },
  perform: lyingDrill(lyingFaults),
  demand: ({ verdict }) => [
    ...onlyFailures(verdict, ['generation_outcome_unknown', 'generation_failed']),
    ...atMost(verdict, 'have an unknown outcome', verdict.tallies.outcomeUnknown, 0.01),
    ...atMost(verdict, 'failed', verdict.tallies.failed, 0.02),
  ],
}

/** R3 again, where a turn ends when its client is gone: a stream that is cut may cost its job, and nothing else. */
export const liesThatCancel: ChaosRun = {
  title: 'lies, and turns that end when their client is gone',
  jobs: { full: 3_000, short: 200 },
  perform: lyingDrill([...lyingFaults, ...cancelOnDrop]),
  demand: ({ verdict }) => [
    ...onlyFailures(verdict, [
      'generation_outcome_unknown',
      'generation_failed',
      'awaiting_input',
      'draft_not_exportable',
    ]),
    ...atMost(verdict, 'failed', verdict.tallies.failed, 0.35),
  ],
}
