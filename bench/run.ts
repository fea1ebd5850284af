/**
 * `npm run bench -- [--only drain|light] [--engines a,b] [--jobs N] [--light-jobs N] [--reps N] [--warm-up N] [--json FILE] [--statements] [--cpu-prof DIR]`
 *
 * Measures all engines in turn, A B C A B C, after a warm-up of each, checks the mock's ledger after every phase, and
 * prints medians; ratios are taken inside a repetition. Everything it starts is stopped.
 */
import { writeFile } from 'node:fs/promises'
import { parseArgs } from 'node:util'
import { createClipline } from './clipline.ts'
import { createBare, createBareBehindHttp } from './support/bare-engine.ts'
import { startDatabaseServer } from './support/databases.ts'
import type { Engine } from './support/engine.ts'
import { findDeviations } from './support/ledger.ts'
import { startMock } from './support/mock.ts'
import { startRedis } from './support/redis.ts'
import { describeStatements, type Repetition, toReport, toTable } from './support/report.ts'
import { readLoad } from './support/usage.ts'

const { values } = parseArgs({
  options: {
    only: { type: 'string' },
    engines: { type: 'string' },
    jobs: { type: 'string', default: '1000' },
    'light-jobs': { type: 'string', default: '60' },
    reps: { type: 'string', default: '3' },
    'warm-up': { type: 'string', default: '4000' },
    json: { type: 'string' },
    statements: { type: 'boolean', default: false },
    'cpu-prof': { type: 'string' },
  },
})
const jobs = Number(values.jobs)
const lightJobs = Number(values['light-jobs'])
const warmUpJobs = Number(values['warm-up'])

const stops: (() => Promise<unknown>)[] = []
const say = (text: string): void => void process.stderr.write(`${text}\n`)

const openEngines = async (): Promise<Engine[]> => {
  const wanted = values.engines?.split(',')
  const isWanted = (name: string) => wanted === undefined || wanted.includes(name)
  const mock = await startMock()
  stops.push(() => mock.stop())
  const engines: Engine[] = [createBare(mock), createBareBehindHttp(mock)].filter(({ name }) =>
    isWanted(name),
  )
  if (!['bare-commits', 'clipline-redis', 'clipline-postgres'].some(isWanted)) return engines
  const databases = await startDatabaseServer()
  stops.push(() => databases.stop())
  if (isWanted('bare-commits')) engines.push(createBare(mock, databases))
  const workerFlags =
    values['cpu-prof'] === undefined ? [] : ['--cpu-prof', `--cpu-prof-dir=${values['cpu-prof']}`]
  if (isWanted('clipline-redis')) {
    const redis = await startRedis()
    if (redis === null) say('redis-server is not installed: the queue on Redis is left out')
    else {
      stops.push(() => redis.stop())
      engines.push(createClipline({ name: 'clipline-redis', mock, databases, redis, workerFlags }))
    }
  }
  if (isWanted('clipline-postgres'))
    engines.push(createClipline({ name: 'clipline-postgres', mock, databases, redis: null, workerFlags }))
  return engines
}

const measure = async (engine: Engine): Promise<Repetition> => {
  const drain = values.only === undefined || values.only === 'drain' ? await engine.drain(jobs) : null
  const deviations = drain === null ? [] : findDeviations(drain.ledger, jobs, engine.callsPerJob)
  if (drain !== null) say(`  ${engine.name}: ${Math.round(jobs / drain.seconds)} jobs/s`)
  for (const deviation of deviations) say(`  ${engine.name}: THE LEDGER IS OFF: ${deviation}`)
  const latenciesMs =
    values.only === undefined || values.only === 'light' ? await engine.light(lightJobs) : null
  return { engine: engine.name, drain, deviations, latenciesMs }
}

const run = async (): Promise<boolean> => {
  const engines = await openEngines()
  for (const engine of engines) {
    await engine.start()
    stops.push(() => engine.stop())
    say(`warming up ${engine.name}`)
    await engine.drain(warmUpJobs)
    if (values.only !== 'drain') await engine.light(Math.min(lightJobs, 20))
  }
  const repetitions: Repetition[][] = []
  for (let no = 1; no <= Number(values.reps); no += 1) {
    say(`repetition ${no}, load ${await readLoad()}`)
    const repetition: Repetition[] = []
    for (const engine of engines) repetition.push(await measure(engine))
    repetitions.push(repetition)
  }
  const report = toReport(repetitions)
  process.stdout.write(`${toTable(report)}\n`)
  if (values.statements) process.stdout.write(`${describeStatements(repetitions.at(-1) ?? [])}\n`)
  if (values.json !== undefined) await writeFile(values.json, `${JSON.stringify(report, null, 2)}\n`)
  return repetitions.flat().every(({ deviations }) => deviations.length === 0)
}

try {
  process.exitCode = (await run()) ? 0 : 1
} finally {
  for (const stop of stops.reverse()) await stop()
}
