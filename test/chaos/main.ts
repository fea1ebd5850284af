/** `npm run chaos -- --run R2 --jobs 10000 --seed 7`: performs runs and says what did not hold. */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { abortOnSignals } from '../../src/cli/signals.ts'
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

/** What became of a run, for the table at the end. */
interface Outcome {
  readonly name: string
  readonly title: string
  readonly jobs: number
  readonly seconds: number
  readonly complaints: readonly string[]
}

const perform = async (name: string, run: ChaosRun): Promise<Outcome> => {
  const begunMs = performance.now()
  // What a failed run leaves behind is looked at.
  let isKept = values.keep
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
    const complaints = judge(report, run, { isShort: values.short })
    console.log(tellReport(report, complaints))
    isKept ||= complaints.length > 0
    const seconds = (performance.now() - begunMs) / 1_000
    return { name, title: run.title, jobs: report.verdict.tallies.accepted, seconds, complaints }
  } finally {
    await redis?.stop()
    if (isKept) console.log(`kept: ${dataDir}`)
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

const tellOutcome = ({ name, title, jobs, seconds, complaints }: Outcome): string =>
  [
    `${complaints.length === 0 ? 'ok  ' : 'FAIL'} ${name.padEnd(4)}`,
    `${jobs} jobs`.padStart(11),
    `${seconds.toFixed(0)} s`.padStart(6),
    ` ${title}`,
  ].join(' ')

const outcomes: Outcome[] = []
for (const name of names) if (isRunName(name)) outcomes.push(await perform(name, runs[name]))
const failed = outcomes.filter(({ complaints }) => complaints.length > 0).length
console.log(`\n${outcomes.map(tellOutcome).join('\n')}`)
console.log(`\n${outcomes.length - failed} passed, ${failed} failed`)
process.exitCode = failed === 0 ? 0 : 1
