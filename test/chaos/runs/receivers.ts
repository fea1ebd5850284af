import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { DrillReport } from '../../../src/cli/prove/drill.ts'
import { scaledSettings } from '../../../src/cli/prove/drill-settings.ts'
import { byDrill, type ChaosRun, onlyFailures } from '../chaos-run.ts'
import { findFatProcesses } from '../memory.ts'
import { startOddReceivers } from '../odd-receivers.ts'
import { calmDrill } from './calm.ts'

/** The first jobs call healthy receivers alone: what the others cost them is measured against that. */
const calmShare = 0.25

/** R10: fifty origins, most of them odd. The healthy ones notice nothing; the dead ones are visibly given up. */
export const receivers: ChaosRun = {
  title:
    'receivers: fifty origins, among them dead, slow, endless, redirecting, trickling and resetting ones',
  jobs: { full: 2_000, short: 200 },
  perform: byDrill(async ({ jobs, isShort, dataDir }) => {
    let secret = ''
    const counts = { healthy: 15, dead: 10, slow: 5, huge: 5, redirecting: 5, trickling: 5, resetting: 5 }
    const origins = await startOddReceivers(counts, () => secret)
    const healthy = origins.urls.filter(({ kind }) => kind === 'healthy')
    return {
      drill: {
        ...calmDrill,
        settings: { ...scaledSettings, LEASE_MS: '5000' },
        window: isShort ? 60 : 200,
        bodyOf: (no, random) => {
          const { url } = random.pick(no < jobs * calmShare ? healthy : origins.urls) ?? { url: '' }
          return { ...calmDrill.bodyOf(no, random), callback: { url } }
        },
        async prepare() {
          const installation = JSON.parse(await readFile(join(dataDir, 'installation.json'), 'utf8'))
          secret = (installation as { callbackSecret: string }).callbackSecret
        },
        moreCalls: origins.calls,
        inspect: findFatProcesses,
      },
      clear: origins.close,
    }
  }),
  demand: (report) => [...onlyFailures(report.verdict, []), ...demandEqualPace(report)],
}

/** How much later a healthy receiver may hear of an end once the odd ones are there: noise of a small machine included. */
const mostSlowdown = 2
const noiseMs = 500

const demandEqualPace = ({ evidence }: DrillReport): readonly string[] => {
  const ends = new Map(evidence.events.map(({ id, atMs }) => [id, atMs]))
  const firstOdd = Math.min(...evidence.calls.filter(({ status }) => status !== 204).map(({ atMs }) => atMs))
  const delays = evidence.calls
    .filter(({ status }) => status === 204)
    .map(({ webhookId, atMs }) => ({ atMs, delayMs: atMs - (ends.get(webhookId) ?? atMs) }))
  const before = percentile95(delays.filter(({ atMs }) => atMs < firstOdd))
  const after = percentile95(delays.filter(({ atMs }) => atMs >= firstOdd))
  return after <= before * mostSlowdown + noiseMs
    ? []
    : [`healthy receivers heard after ${after} ms (p95), before the odd ones came after ${before} ms`]
}

const percentile95 = (delays: readonly { readonly delayMs: number }[]): number => {
  const sorted = delays.map(({ delayMs }) => Math.round(delayMs)).sort((left, right) => left - right)
  return sorted[Math.floor(sorted.length * 0.95)] ?? 0
}
