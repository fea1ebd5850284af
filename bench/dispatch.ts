/**
 * What a round of the dispatcher costs with a small and with a large backlog, and with a small one beside many jobs that
 * are scheduled for five minutes from now: `node bench/dispatch.ts [--rows 1000000]`. Starts a Postgres of its own, fills
 * the lines evenly for a number of tenants with due jobs and as many with scheduled ones, and prints the plans and the
 * medians.
 */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { Client, type Pool } from 'pg'
import { headStartSeconds } from '../src/job/job.ts'
import { openStore, type Store } from '../src/store/client.ts'
import { createDispatchStore, ringJobsSql } from '../src/store/dispatch.ts'
import { startEmbeddedPostgres } from '../src/store/embedded.ts'
import { migrate } from '../src/store/migrate.ts'

const { values } = parseArgs({
  options: { rows: { type: 'string', default: '1000000' }, tenants: { type: 'string', default: '20' } },
})
const tenants = Number(values.tenants)
const rounds = 60
const turns = 4
const sharedAccountId = 'acc_bench'
const limits = { most: 200, againAfterMs: 5_000, sharedAccountId }

interface Backlog {
  readonly due: number
  /** Of all priorities, and of tenants with nothing else: behind enough that are due, nobody would look at them. */
  readonly scheduled: number
}

const fill = async (pool: Pool, { due, scheduled }: Backlog): Promise<void> => {
  await pool.query(
    `INSERT INTO tenants (id, name) SELECT 'ten_' || n, 'tenant ' || n FROM generate_series(1, $1) n`,
    [2 * tenants],
  )
  await pool.query({
    text: `INSERT INTO jobs (id, tenant_id, skill, state, stage, due_at, order_at, priority, created_at)
     SELECT 'job_' || lpad(n::text, 9, '0'), 'ten_' || (n % ${tenants} + 1), 'free-video-generation-api', 'queued', 'auth',
       now() - interval '1 day' + n * interval '1 millisecond', now() - interval '1 day' + n * interval '1 millisecond',
       'normal', now() FROM generate_series(1, $1) n`,
    values: [due],
  })
  await pool.query({
    text: `INSERT INTO jobs (id, tenant_id, skill, state, stage, due_at, order_at, priority, created_at)
     SELECT 'job_' || p.key || lpad(n::text, 9, '0'), 'ten_' || (${tenants} + n % ${tenants} + 1), 'free-video-generation-api', 'queued', 'auth',
       now() + interval '5 minutes', now() + interval '5 minutes' - p.value::int * interval '1 second', p.key, now()
     FROM json_each_text($2) p, generate_series(1, $1::int / 3) n`,
    values: [scheduled, JSON.stringify(headStartSeconds)],
  })
  await pool.query(`INSERT INTO provider_accounts (id, kind, identity) VALUES ($1, 'token', 'bench')`, [
    sharedAccountId,
  ])
  await pool.query('VACUUM ANALYZE jobs')
  await pool.query(`INSERT INTO workers (id, slots) VALUES ('bench', 100)`)
}

const median = (numbers: readonly number[]): number =>
  [...numbers].sort((left, right) => left - right)[Math.floor(numbers.length / 2)] ?? 0

interface Case {
  readonly backlog: Backlog
  readonly store: Store
  readonly timesMs: number[]
}

/** In a database of its own. */
const prepare = async (serverUrl: string, backlog: Backlog, no: number): Promise<Case> => {
  const url = new URL(serverUrl)
  url.pathname = `/bench_${no}`
  await query(serverUrl, `CREATE DATABASE bench_${no}`)
  await migrate(url.href)
  const store = openStore({ databaseUrl: url.href })
  store.pool.options.statement_timeout = 0
  await fill(store.pool, backlog)
  return { backlog, store, timesMs: [] }
}

const query = async (databaseUrl: string, sql: string): Promise<void> => {
  const client = new Client({ connectionString: databaseUrl })
  await client.connect()
  await client.query(sql)
  await client.end()
}

/** Rings, then takes what was rung out of the line, as claims would. */
const goRound = async ({ store: { pool, jobPool }, timesMs }: Case): Promise<void> => {
  await pool.query(`UPDATE workers SET seen_at = now()`)
  const startedMs = performance.now()
  const rung = await createDispatchStore({ pool: jobPool }).ringJobs(limits)
  timesMs.push(performance.now() - startedMs)
  if (rung.length === 0) throw new Error('nothing was rung')
  await pool.query(
    `UPDATE jobs SET state = 'succeeded', finished_at = now(), rung_at = NULL WHERE id = ANY ($1)`,
    [rung.map(({ id }) => id)],
  )
}

/** What the prepared statement does, with the plan that knows no limits. */
const explain = async (pool: Pool): Promise<string> => {
  const client = await pool.connect()
  try {
    await client.query('BEGIN')
    const { rows } = await client.query<{ 'QUERY PLAN': string }>({
      text: `EXPLAIN (ANALYZE, BUFFERS, COSTS OFF, TIMING OFF, SUMMARY OFF) ${ringJobsSql}`,
      values: [limits.most, limits.againAfterMs, sharedAccountId],
    })
    return rows.map((row) => row['QUERY PLAN']).join('\n')
  } finally {
    await client.query('ROLLBACK')
    client.release()
  }
}

const dataDir = await mkdtemp(join(tmpdir(), 'clipline-bench-'))
// Room for all rows: what is compared is the work of a round, not where the rows are fetched from.
const server = await startEmbeddedPostgres({ dataDir, settings: { shared_buffers: '3GB' } })
const cases: Case[] = []
try {
  await query(server.url, `ALTER ROLE CURRENT_USER SET statement_timeout = '10min'`)
  const few = 1_000 + rounds * limits.most
  const many = Number(values.rows)
  const hardlyAny = 3 * tenants
  const backlogs: readonly Backlog[] = [
    { due: few, scheduled: hardlyAny },
    { due: many, scheduled: hardlyAny },
    { due: few, scheduled: many },
  ]
  for (const [no, backlog] of backlogs.entries()) cases.push(await prepare(server.url, backlog, no))
  // All begin alike: the first change of a page after a checkpoint logs the page as a whole.
  await query(server.url, 'CHECKPOINT')
  // By turns, so that a slow moment of the machine is one of all; some rounds each, as its caches are not shared either.
  for (let turn = 0; turn < turns; turn += 1)
    for (const each of cases) for (let round = 0; round < rounds / turns; round += 1) await goRound(each)
  for (const { store } of cases) console.log(`\n${await explain(store.jobPool)}\n`)
  const medians = cases.map(({ timesMs }) => median(timesMs))
  for (const [no, { due, scheduled }] of backlogs.entries())
    console.log(
      `${due} rows due, ${scheduled} scheduled, of ${tenants} tenants each: median ${medians[no]?.toFixed(2)} ms a round`,
    )
  const [ofFew = 1, ...others] = medians
  const [ofMany, ofScheduled] = others.map((ms) => (ms / ofFew).toFixed(2))
  console.log(`ratio ${ofMany} with more that are due, ${ofScheduled} with more that are scheduled`)
} finally {
  for (const { store } of cases) await store.close()
  await server.stop()
  await rm(dataDir, { recursive: true, force: true })
}
