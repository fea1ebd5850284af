/** Lines of a batch that have dedupe keys: equal ones come one after the other, as jobs do (create-jobs.ts). */
import type { Pool, PoolClient } from 'pg'
import type { GoodLine, LinesToTake } from './batch-lines.ts'
import { inTransaction } from './in-transaction.ts'

/** Lines whose keys are held, and by which jobs; null where an earlier one of the same lines is the first to have it. */
export type DedupeConflicts = ReadonlyMap<number, string | null>

export const hasDedupeKeys = (lines: readonly GoodLine[]): boolean =>
  lines.some(({ job }) => job.dedupe !== null)

/** One transaction: while it holds the keys, nobody else makes a job of them. */
export const holdingKeys = async <Result>(
  pool: Pool,
  lines: LinesToTake,
  work: (connection: PoolClient, conflicts: DedupeConflicts) => Promise<Result>,
): Promise<Result> =>
  inTransaction(pool, async (connection) => work(connection, await lockKeys(connection, lines)))

/** In one order for everybody, so that nobody waits for each other. */
const lockSql = `
SELECT pg_advisory_xact_lock(hashtextextended(place, 0))
FROM (SELECT place FROM unnest($1::text[]) AS place ORDER BY hashtextextended(place, 0)) places`

const knownSql = 'SELECT line_key FROM job_requests WHERE batch_id = $1 AND line_key = ANY ($2)'

/** A job that came to nothing holds no key. */
const holdersSql = `
SELECT DISTINCT ON (q.dedupe_key) q.dedupe_key, q.job_id FROM job_requests q JOIN jobs j ON j.id = q.job_id
WHERE q.tenant_id = $1 AND q.dedupe_key = ANY ($2) AND q.dedupe_until > now()
  AND j.state NOT IN ('failed', 'canceled') AND q.job_id <> ALL ($3)
ORDER BY q.dedupe_key, q.dedupe_until DESC`

/** By dedupe key, the job that holds it; `uncounted` are jobs that do not count as such. */
export const findHolders = async (
  database: Pick<Pool | PoolClient, 'query'>,
  asked: {
    readonly tenantId: string
    readonly keys: readonly string[]
    readonly uncounted: readonly string[]
  },
): Promise<ReadonlyMap<string, string>> => {
  const { rows } = await database.query<{ dedupe_key: string; job_id: string }>(holdersSql, [
    asked.tenantId,
    asked.keys,
    asked.uncounted,
  ])
  return new Map(rows.map(({ dedupe_key, job_id }) => [dedupe_key, job_id]))
}

/** A line that the batch has already is no rival of its own job. */
const lockKeys = async (
  connection: PoolClient,
  { batchId, tenantId, good }: LinesToTake,
): Promise<DedupeConflicts> => {
  const deduped = good.flatMap((line) =>
    line.job.dedupe === null ? [] : [{ ...line, key: line.job.dedupe.key }],
  )
  const keys = [...new Set(deduped.map(({ key }) => key))]
  await connection.query(lockSql, [keys.map((key) => JSON.stringify([tenantId, key]))])
  const lineKeys = deduped.flatMap(({ lineKey }) => (lineKey === null ? [] : [lineKey]))
  const known = await connection.query<{ line_key: string }>(knownSql, [batchId, lineKeys])
  const knownKeys = new Set(known.rows.map(({ line_key }) => line_key))
  const uncounted = good.flatMap(({ job, replaces }) => (replaces === null ? [job.id] : [job.id, replaces]))
  const holders = await findHolders(connection, { tenantId, keys, uncounted })
  const first = new Set<string>()
  const conflicts = new Map<number, string | null>()
  for (const { line, lineKey, key } of deduped) {
    if (lineKey !== null && knownKeys.has(lineKey)) continue
    const holder = holders.get(key)
    if (holder !== undefined || first.has(key)) conflicts.set(line, holder ?? null)
    else first.add(key)
  }
  return conflicts
}
