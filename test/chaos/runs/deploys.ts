import { scaledSettings } from '../../../src/cli/prove/drill-settings.ts'
import { byDrill, type ChaosRun, onlyFailures } from '../chaos-run.ts'
import { deployWorkers } from '../disasters.ts'
import { cancelOnDrop } from '../faults.ts'
import { calmDrill } from './calm.ts'

/** A process that holds no generation drains in this time; one that does, as long as its stream lasts. */
const mostDrainMs = 12_000

/** R6: rolling deploys, with a provider that cancels what its client no longer listens to. Nobody notices. */
export const deploys: ChaosRun = {
  title: 'deploys: workers replaced one by one; no generation is begun twice or canceled',
  jobs: { full: 2_000, short: 150 },
  perform: byDrill(async ({ isShort }) => {
    const complaints: string[] = []
    const note = (code: number | NodeJS.Signals | null, tookMs: number): void => {
      if (code !== 0) complaints.push(`a worker that was told to stop ended with ${String(code)}`)
      if (tookMs > mostDrainMs) complaints.push(`a worker took ${Math.round(tookMs)} ms to drain`)
    }
    const count = isShort ? 6 : 20
    return {
      drill: {
        ...calmDrill,
        settings: { ...scaledSettings, LEASE_MS: '5000' },
        window: isShort ? 50 : 150,
        faults: cancelOnDrop,
        disasters: (ground) => [
          deployWorkers(
            ground,
            Array.from({ length: count }, (_, no) => (no + 1) / (count + 1)),
            note,
          ),
        ],
        inspect: () => Promise.resolve(complaints),
      },
      clear: () => Promise.resolve(),
    }
  }),
  demand: ({ verdict, evidence }) => {
    const refunds = evidence.ledger.filter((row) => row.kind === 'charge' && row.action === 'refund').length
    const lost = evidence.attempts.filter(({ outcome }) => outcome === 'lost').length
    const edits = evidence.permits.filter(({ messageNo }) => messageNo > 0).length
    return [
      ...onlyFailures(verdict, []),
      // An edit that changes nothing is refunded, too.
      ...(refunds <= edits ? [] : [`${refunds} generations were canceled`]),
      ...(lost === 0 ? [] : [`${lost} leases were lost`]),
      ...(verdict.tallies.callbacksRepeated === 0
        ? []
        : [`${verdict.tallies.callbacksRepeated} callbacks were repeated`]),
    ]
  },
}
