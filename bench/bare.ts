/**
 * The upper bound: the same eight calls in a loop without any durability; with `BENCH_BARE_HTTP=1` the same behind an
 * HTTP API that accepts jobs into memory, and with `BENCH_BARE_DATABASE` the same with a row committed after each step,
 * the least that durability can be. A process of its own, told what to do over its parent's channel.
 */
import fastify from 'fastify'
import pg from 'pg'
import { openBareRunner } from './support/bare-job.ts'
import { type FromBare, sharedNowMs, type ToBare } from './support/protocol.ts'

const concurrency = 64
const databaseUrl = process.env['BENCH_BARE_DATABASE']
const pool =
  databaseUrl === undefined
    ? null
    : new pg.Pool({ connectionString: databaseUrl, max: 16, maxLifetimeSeconds: 0 })
await pool?.query(
  'CREATE TABLE IF NOT EXISTS steps (job_no int, step text, result jsonb, PRIMARY KEY (job_no, step))',
)

const runner = openBareRunner({
  upstreamUrl: process.env['BENCH_UPSTREAM_URL'] ?? '',
  callbackSecret: process.env['BENCH_CALLBACK_SECRET'] ?? '',
  concurrency,
  keepStep:
    pool === null
      ? null
      : async (jobNo, step, result) => {
          await pool.query({
            name: 'keep-step',
            text: 'INSERT INTO steps (job_no, step, result) VALUES ($1, $2, $3)',
            values: [jobNo, step, JSON.stringify(result)],
          })
        },
})
let lastNo = 0

const tell = (message: FromBare): void => void process.send?.(message)

const drain = async (jobs: number, lanes: number): Promise<number> => {
  let left = jobs
  const startedMs = sharedNowMs()
  const runLane = async (): Promise<void> => {
    while (left > 0) {
      left -= 1
      lastNo += 1
      await runner.runJob(lastNo)
    }
  }
  await Promise.all(Array.from({ length: lanes }, runLane))
  return (sharedNowMs() - startedMs) / 1_000
}

const timeOneByOne = async (jobs: number): Promise<number[]> => {
  const latenciesMs: number[] = []
  for (let no = 0; no < jobs; no += 1) latenciesMs.push((await drain(1, 1)) * 1_000)
  return latenciesMs
}

/** Accepts into an array and works on 64 at a time. */
const serve = async (): Promise<string> => {
  const app = fastify()
  let waiting = 0
  let running = 0
  const pump = (): void => {
    while (running < concurrency && waiting > 0) {
      waiting -= 1
      running += 1
      void drain(1, 1).then(() => {
        running -= 1
        pump()
      })
    }
  }
  app.post('/v1/jobs', async (_request, reply) => {
    waiting += 1
    pump()
    return reply.code(202).send({ state: 'queued' })
  })
  return app.listen({ host: '127.0.0.1', port: 0 })
}

process.on('message', (message: ToBare) => {
  switch (message.type) {
    case 'drain':
      void drain(message.jobs, message.concurrency).then((seconds) => tell({ type: 'drained', seconds }))
      return
    case 'light':
      void timeOneByOne(message.jobs).then((latenciesMs) => tell({ type: 'lightened', latenciesMs }))
  }
})
process.on('disconnect', () => process.exit())

tell({ type: 'ready', url: process.env['BENCH_BARE_HTTP'] === '1' ? await serve() : null })
