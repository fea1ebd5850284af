/**
 * What a round of the dispatcher costs with a small and with a large backlog: `node bench/dispatch.ts [--rows 1000000]`.
 * Starts a Postgres of its own, fills the line evenly for a number of tenants, and prints the plan and the medians.
 */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import type { Pool } from 'pg'
import { openStore, type Store } from '../src/store/client.ts'
import { createDispatchStore, ringJobsSql } from '../src/store/dispatch.ts'
import { startEmbeddedPostgres } from '../src/store/embedded.ts'
import { migrate } from '../src/store/migrate.ts'

const { values } = parseArgs({
  options: { rows: { type: 'string', default: '1000000' }, tenants: { type: 'string', default: '20' } },
})
const tenants = Number(values.tenants)
const rounds = 60
const sharedAccountId = 'acc_bench'
const limits = { most: 200, againAfterMs: 5_000, sharedAccountId }

const fill = async (pool: Pool, rows: number): Promise<void> => {
  await pool.query('TRUNCATE jobs, job_requests, tenants CASCADE')
  await pool.query(
    `INSERT INTO tenants (id, name) SELECT 'ten_' || n, 'tenant ' || n FROM generate_series(1, $1) n`,
    [tenants],
  )
  await pool.query({
    text: `INSERT INTO jobs (id, tenant_id, skill, state, stage, due_at, order_at, priority, created_at)
     SELECT 'job_' || n, 'ten_' || (n % ${tenants} + 1), 'free-video-generation-api', 'queued', 'auth',
       now() - interval '1 day' + n * interval '1 millisecond', now() - interval '1 day' + n * interval '1 millisecond',
       'normal', now() FROM generate_series(1, $1) n`,
    values: [rows],
  })
  await pool.query(
    `INSERT INTO provider_accounts (id, kind, identity) VALUES ($1, 'token', 'bench') ON CONFLICT DO NOTHING`,
    [sharedAccountId],
  )
  await pool.query('VACUUM ANALYZE jobs')
  // Both begin alike: the first change of a page after a checkpoint logs the page as a whole.
  await pool.query('CHECKPOINT')
  await pool.query(
    `INSERT INTO workers (id, slots) VALUES ('bench', 100) ON CONFLICT (id) DO UPDATE SET seen_at = now()`,
  )
}

const median = (numbers: readonly number[]): number =>
  [...numbers].sort((left, right) => left - right)[Math.floor(numbers.length / 2)] ?? 0

/** Rings, then takes what was rung out of the line, as claims would. */
const measure = async ({ pool, jobPool }: Store): Promise<number> => {
  const dispatch = createDispatchStore({ pool: jobPool })
  const times: number[] = []
  for (let round = 0; round < rounds; round += 1) {
    const startedMs = performance.now()
    const rung = await dispatch.ringJobs(limits)
    times.push(performance.now() - startedMs)
    if (rung.length === 0) throw new Error('nothing was rung')
    await pool.query(
      `UPDATE jobs SET state = 'succeeded', finished_at = now(), rung_at = NULL WHERE id = ANY ($1)`,
      [rung.map(({ id }) => id)],
    )
    await pool.query(`UPDATE workers SET seen_at = now()`)
  }
  return median(times)
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
const server = await startEmbeddedPostgres({ dataDir, settings: { shared_buffers: '1GB' } })
const store = openStore({ databaseUrl: server.url })
store.pool.options.statement_timeout = 0
try {
  await migrate(server.url)
  await store.pool.query(`ALTER ROLE CURRENT_USER SET statement_timeout = '10min'`)
  const sizes = [1_000 + rounds * limits.most, Number(values.rows)]
  const medians: number[] = []
  for (const size of sizes) {
    await fill(store.pool, size)
    medians.push(await measure(store))
    console.log(`\n${await explain(store.jobPool)}\n`)
    console.log(`${size} queued rows, ${tenants} tenants: median ${medians.at(-1)?.toFixed(2)} ms a round`)
  }
  console.log(`ratio ${((medians[1] ?? 0) / (medians[0] ?? 1)).toFixed(2)}`)
} finally {
  await store.close()
  await server.stop()
  await rm(dataDir, { recursive: true, force: true })
}
