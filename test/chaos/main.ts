/** `npm run chaos -- --run R2 --jobs 10000 --seed 7`: performs runs and says what did not hold. */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { abortOnSignals } from '../../src/cli/prove/signals.ts'
import type { ChaosRun } from './chaos-run.ts'
import { startPrivateRedis } from './private-redis.ts'
import { judge, tellReport } from './report.ts'
import { isRunName, runs } from './runs.ts'

const { values } = parseArgs({
  options: {
    run: { type: 'string', multiple: true, default: ['R2'] },
    jobs: { type: 'string' },
    seed: { type: 'string', default: '1' },
    queue: { type: 'string', default: 'redis' },
    short: { type: 'boolean', default: false },
    keep: { type: 'boolean', default: false },
  },
})
const seed = Number(values.seed)
const signal = abortOnSignals()

const perform = async (name: string, run: ChaosRun): Promise<number> => {
  const jobs = Number(values.jobs ?? (values.short ? run.jobs.short : run.jobs.full))
  const redis = values.queue === 'redis' ? await startPrivateRedis() : null
  const dataDir = await mkdtemp(join(tmpdir(), 'clipline-chaos-'))
  console.log(
    `\n${name} ${run.title}\n${jobs} jobs, seed ${seed}, queue in ${redis ? 'Redis' : 'Postgres'}\n`,
  )
  try {
    const report = await run.perform(
      { jobs, seed, isShort: values.short, dataDir, redis },
      {
        signal,
        onStage: (stage) => console.log(`${clock()} ${stage}`),
        onStrike: ({ name: what, detail }) => console.log(`${clock()}   ${what}: ${detail}`),
        onProgress: tellProgress(),
      },
    )
    const complaints = judge(report, run)
    console.log(tellReport(report, complaints))
    return complaints.length
  } finally {
    await redis?.stop()
    if (values.keep) console.log(`kept: ${dataDir}`)
    else await rm(dataDir, { recursive: true, force: true })
  }
}

const startedMs = performance.now()
const clock = (): string => `${((performance.now() - startedMs) / 1_000).toFixed(1).padStart(7)} s`

const tellProgress = () => {
  let toldMs = 0
  return ({ accepted, ended }: { readonly accepted: number; readonly ended: number }): void => {
    if (performance.now() - toldMs < 5_000) return
    toldMs = performance.now()
    console.log(`${clock()}   ${accepted} accepted, ${ended} ended`)
  }
}

const names = values.run.flatMap((name) => name.split(','))
const unknown = names.filter((name) => !isRunName(name))
if (unknown.length > 0)
  throw new Error(`there is no run ${unknown.join(', ')}; known are ${Object.keys(runs).join(', ')}`)

let failed = 0
for (const name of names) if (isRunName(name) && (await perform(name, runs[name])) > 0) failed += 1
console.log(`\n${names.length - failed} passed, ${failed} failed`)
process.exitCode = failed === 0 ? 0 : 1
