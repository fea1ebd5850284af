import { scaledSettings } from '../../../src/cli/prove/drill-settings.ts'
import { byDrill, type ChaosRun } from '../chaos-run.ts'
import { freezeWorkers } from '../disasters.ts'
import { calmDrill } from './calm.ts'
import { demandHonesty } from './flagship.ts'

const leaseMs = 1_000

/** R4: workers freeze for twice their lease and wake up as zombies. */
export const zombies: ChaosRun = {
  title: 'zombies: workers frozen for twice their lease, again and again',
  jobs: { full: 1_000, short: 150 },
  perform: byDrill(({ isShort }) => ({
    ...calmDrill,
    workers: 4,
    settings: { ...scaledSettings, LEASE_MS: String(leaseMs) },
    window: isShort ? 50 : 100,
    settleMs: 120_000,
    disasters: (ground) => {
      const freeze = freezeWorkers(ground, { everyMs: 300, frozenMs: 2 * leaseMs })
      return [freeze, { ...freeze, name: 'another worker frozen' }]
    },
  })),
  demand: demandHonesty,
}
