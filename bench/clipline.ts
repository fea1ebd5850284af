/**
 * Clipline whole, as it is deployed: an `api` and a `worker` process, Postgres with default durability, the queue on
 * Redis or in Postgres. Jobs are accepted through `POST /v1/jobs` while their tenant may have none at work, then all of
 * them may begin.
 */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import pg from 'pg'
import { Pool } from 'undici'
import type { DatabaseServer } from './support/databases.ts'
import type { DrainMeasure, Engine } from './support/engine.ts'
import type { CallsPerJob } from './support/ledger.ts'
import { callbackSecret, type Mock } from './support/mock.ts'
import { sharedNowMs } from './support/protocol.ts'
import type { RedisServer } from './support/redis.ts'
import { type ServiceProcess, startService } from './support/service.ts'
import { readStatements, resetStatements } from './support/statements.ts'
import { readCpuMs } from './support/usage.ts'

export interface CliplineOptions {
  readonly name: string
  readonly mock: Mock
  readonly databases: DatabaseServer
  /** Null: the queue lives in Postgres. */
  readonly redis: RedisServer | null
  /** For the worker alone, such as `--cpu-prof`. */
  readonly workerFlags: readonly string[]
}

const workerConcurrency = 64
const submitters = 64
const apiKey = `clk_${'b'.repeat(43)}`
const secret = Buffer.from(Array.from({ length: 32 }, (_, index) => index * 7)).toString('hex')
const drainTimeoutMs = 120_000

/** Before each message the session and the balance are read; after it the session, and, when alone, the balance. */
const callsPerJob: CallsPerJob = {
  session: 1,
  upload: 1,
  message: 1,
  state: 2,
  credits: { from: 1, to: 2 },
  export: 1,
  poll: 1,
  download: 1,
  callback: 1,
}

export const createClipline = (options: CliplineOptions): Engine => {
  const { mock, databases, redis } = options
  let bed: Bed | null = null
  const getBed = (): Bed => {
    if (bed === null) throw new Error(`${options.name} was not started`)
    return bed
  }

  return {
    name: options.name,
    callsPerJob,
    async start() {
      bed = await openBed(options)
    },

    async drain(jobs) {
      const { database, worker } = getBed()
      await mock.reset()
      const submitsPerSecond = await submitForLater(getBed(), jobs)
      await database.query('VACUUM (ANALYZE) jobs, job_requests, callback_deliveries')
      await resetStatements(database)
      const readCosts = async () => ({
        orchestratorMs: await readCpuMs(worker.pid),
        storeMs: (await readCpuMs(databases.pid)) + (redis === null ? 0 : await readCpuMs(redis.pid)),
        walBytes: await readWalBytes(database),
      })
      const before = await readCosts()
      await setConcurrency(database, 1_000)
      await mock.awaitCallbacks(jobs, drainTimeoutMs).catch(async (error: unknown) => {
        throw new Error(`${String(error)}; ${await describeJobs(database)}`)
      })
      const seconds = await awaitDelivered(database, jobs)
      const after = await readCosts()
      const measure: DrainMeasure = {
        jobs,
        seconds,
        orchestratorCpuMs: (after.orchestratorMs - before.orchestratorMs) / jobs,
        storeCpuMs: (after.storeMs - before.storeMs) / jobs,
        ledger: await mock.readLedger(),
        submitsPerSecond,
        statements: await readStatements(database),
        walBytesPerJob: (after.walBytes - before.walBytes) / jobs,
      }
      await database.query('TRUNCATE jobs, callback_deliveries CASCADE')
      return measure
    },

    async light(jobs) {
      const latenciesMs: number[] = []
      await mock.reset()
      for (let no = 1; no <= jobs; no += 1) {
        const startedMs = sharedNowMs()
        await submit(getBed())
        latenciesMs.push((await mock.awaitCallbacks(no, drainTimeoutMs)) - startedMs)
      }
      await awaitDelivered(getBed().database, jobs)
      await getBed().database.query('TRUNCATE jobs, callback_deliveries CASCADE')
      return latenciesMs
    },

    async stop() {
      await bed?.stop()
    },
  }
}

interface Bed {
  readonly api: Pool
  readonly worker: ServiceProcess
  readonly database: pg.Client
  readonly upstreamUrl: string
  stop(): Promise<void>
}

const openBed = async ({ name, mock, databases, redis, workerFlags }: CliplineOptions): Promise<Bed> => {
  const stops: (() => Promise<unknown>)[] = []
  const stop = async () => {
    for (const stopPart of stops.reverse()) await stopPart()
  }
  try {
    const folder = await mkdtemp(join(tmpdir(), `clipline-bench-${name}-`))
    stops.push(() => rm(folder, { recursive: true, force: true }))
    const databaseUrl = await databases.createDatabase(`bench_${name.replaceAll('-', '_')}`, redis?.url)
    const env = environmentOf({ databaseUrl, redisUrl: redis?.url, upstreamUrl: mock.url, folder })
    const api = await startService({ role: 'api', folder, env, nodeFlags: [] })
    stops.push(() => api.stop())
    const worker = await startService({ role: 'worker', folder, env, nodeFlags: workerFlags })
    stops.push(() => worker.stop())
    const client = new Pool(String(api.announced['url']), { connections: submitters, pipelining: 1 })
    stops.push(() => client.close())
    const database = new pg.Client({ connectionString: databaseUrl })
    await database.connect()
    stops.push(() => database.end())
    return { api: client, worker, database, upstreamUrl: mock.url, stop }
  } catch (error) {
    await stop()
    throw error
  }
}

const environmentOf = (place: {
  readonly databaseUrl: string
  readonly redisUrl: string | undefined
  readonly upstreamUrl: string
  readonly folder: string
}): Record<string, string> => ({
  DATABASE_URL: place.databaseUrl,
  ...(place.redisUrl !== undefined && { REDIS_URL: place.redisUrl }),
  DATA_DIR: place.folder,
  HOST: '127.0.0.1',
  PORT: '0',
  NEMO_API_URL: place.upstreamUrl,
  NEMO_TOKEN: 'nmv_usr_bench',
  CLIPLINE_SECRET: secret,
  CLIPLINE_API_KEY: apiKey,
  CLIPLINE_CALLBACK_SECRET: callbackSecret,
  EGRESS_ALLOW: '127.0.0.1/32',
  RATE_LIMIT_PER_MINUTE: '0',
  WORKER_CONCURRENCY: String(workerConcurrency),
})

const submit = async ({ api, upstreamUrl }: Bed): Promise<void> => {
  const { statusCode, body } = await api.request({
    method: 'POST',
    path: '/v1/jobs',
    headers: { authorization: `Bearer ${apiKey}`, 'content-type': 'application/json' },
    body: JSON.stringify({
      prompt: 'a fox in the snow',
      inputs: [{ url: `${upstreamUrl}/files/street.mp4` }],
      callback: { url: `${upstreamUrl}/callback`, events: ['job.succeeded'] },
    }),
  })
  const answer = await body.text()
  if (statusCode !== 202) throw new Error(`a job was not accepted: ${statusCode} ${answer}`)
}

/** Accepts jobs that nobody may begin yet; answers how many were accepted in a second. */
const submitForLater = async (bed: Bed, jobs: number): Promise<number> => {
  await setConcurrency(bed.database, 0)
  let left = jobs
  const startedMs = sharedNowMs()
  const runLane = async (): Promise<void> => {
    while (left > 0) {
      left -= 1
      await submit(bed)
    }
  }
  await Promise.all(Array.from({ length: submitters }, runLane))
  return jobs / ((sharedNowMs() - startedMs) / 1_000)
}

/** Of all tenants: of so many jobs each at a time. */
const setConcurrency = (database: pg.Client, jobs: number) =>
  database.query('UPDATE tenants SET max_concurrency = $1 /* bench */', [jobs])

const readWalBytes = async (database: pg.Client): Promise<number> => {
  const { rows } = await database.query<{ bytes: string }>(
    `SELECT pg_wal_lsn_diff(pg_current_wal_insert_lsn(), '0/0') /* bench */ AS bytes`,
  )
  return Number(rows[0]?.bytes)
}

/** Waits until every delivery is recorded; answers the seconds from the first claim to the last of them. */
const awaitDelivered = async (database: pg.Client, jobs: number): Promise<number> => {
  const deadlineMs = sharedNowMs() + drainTimeoutMs
  while (sharedNowMs() < deadlineMs) {
    const { rows } = await database.query<{ count: number; seconds: number }>(
      `SELECT count(*)::int AS count /* bench */,
         extract(epoch FROM max(d.delivered_at) - (SELECT min(started_at) FROM jobs))::float8 AS seconds
       FROM callback_deliveries d WHERE d.state = 'delivered'`,
    )
    const [row] = rows
    if (row !== undefined && row.count >= jobs) return row.seconds
    await pause(5)
  }
  throw new Error('the deliveries were not recorded in time')
}

const describeJobs = async (database: pg.Client): Promise<string> => {
  const { rows } = await database.query<{ line: string }>(
    `SELECT count(*) || ' ' || state || ' ' || stage || coalesce(' ' || failure_code || ': ' || failure_message, '')
       AS line /* bench */
     FROM jobs GROUP BY state, stage, failure_code, failure_message`,
  )
  return `jobs: ${rows.map(({ line }) => line).join(', ')}`
}
