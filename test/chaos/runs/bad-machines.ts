import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { DrillReport } from '../../../src/cli/prove/drill.ts'
import { byDrill, type ChaosRun, onlyFailures } from '../chaos-run.ts'
import { at } from '../faults.ts'
import { calmDrill } from './calm.ts'

const badMachine = fileURLToPath(new URL('../machine/bad-machine.ts', import.meta.url))

/** R9: clocks that are ten minutes off, disks that are full now and then, downloads that are cut short. */
export const badMachines: ChaosRun = {
  title: 'bad machines: full disks, wrong clocks, files cut short',
  jobs: { full: 500, short: 60 },
  perform: byDrill(({ dataDir }) => ({
    ...calmDrill,
    workers: 3,
    window: 60,
    workerNodeArgs: ['--import', badMachine],
    faults: [at('cdn_render', 0.1, { 'download.mode': 'truncated' })],
    settleMs: 180_000,
    inspect: () => findLeftovers(join(dataDir, 'media', '.tmp')),
  })),
  demand: (report) => [...onlyFailures(report.verdict, []), ...demandTrouble(report)],
}

/** Whatever was begun and not finished is tidied up. */
const findLeftovers = async (folder: string): Promise<readonly string[]> => {
  const files = await readdir(folder)
  return files.length === 0 ? [] : [`${files.length} unfinished files were left behind`]
}

/** Without any trouble the run proves nothing. */
const demandTrouble = ({ evidence }: DrillReport): readonly string[] =>
  ['storage_failed', 'artifact_invalid'].flatMap((code) =>
    evidence.attempts.some(({ failureCode }) => failureCode === code) ? [] : [`no try ended with ${code}`],
  )
