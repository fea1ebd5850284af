/** The history of ended jobs, removed when the retention of their tenant is over. */
import type { Pool } from 'pg'
import { inTransaction } from './in-transaction.ts'
import { before, isPending, trimFeeds } from './retention-sql.ts'

/**
 * $1 time, $2 how many at most. Locks the jobs, then the uploads that they take: whether another job takes one is asked
 * by the statement that comes after, which sees whoever held the lock before.
 */
const lockSql = `
WITH due AS MATERIALIZED (
  SELECT j.id FROM tenants t CROSS JOIN LATERAL (
    SELECT c.id FROM jobs c
    WHERE c.tenant_id = t.id AND c.finished_at < ${before('t')}
      AND c.finished_at IS NOT NULL AND (c.trimmed_at IS NULL OR c.trimmed_at < c.finished_at)
      AND NOT EXISTS (SELECT 1 FROM callback_deliveries d WHERE d.job_id = c.id AND ${isPending('d')})
    ORDER BY c.finished_at LIMIT $2
  ) j LIMIT $2
),
locked AS MATERIALIZED (
  SELECT id FROM jobs WHERE id = ANY (ARRAY(SELECT id FROM due)) AND finished_at IS NOT NULL
  ORDER BY id FOR UPDATE SKIP LOCKED
),
held AS MATERIALIZED (
  SELECT id FROM uploads
  WHERE id = ANY (ARRAY(SELECT s.upload_id FROM locked l JOIN upload_uses s ON s.job_id = l.id))
  ORDER BY id FOR UPDATE
)
SELECT ARRAY(SELECT id FROM locked) AS ids, ARRAY(SELECT id FROM held) AS upload_ids`

/**
 * $1 time, $2 jobs and $3 uploads that are locked. Removes events but for the last one, which says how the job ended,
 * tries, deliveries that came to an end, and the claim to uploads. The job and its request stay, with what it cost.
 */
const trimSql = `
WITH trimmed AS MATERIALIZED (SELECT id, seq FROM jobs WHERE id = ANY ($2)),
events AS (
  DELETE FROM job_events v USING trimmed t WHERE v.job_id = t.id AND v.seq < t.seq
  RETURNING v.tenant_id, v.xid, v.feed_id
),
feeds AS (${trimFeeds('events')}),
tries AS (DELETE FROM attempts WHERE job_id = ANY ($2)),
deliveries AS (DELETE FROM callback_deliveries d WHERE d.job_id = ANY ($2) AND NOT (${isPending('d')})),
uses AS (DELETE FROM upload_uses WHERE job_id = ANY ($2)),
freed AS (
  UPDATE uploads u SET expires_at = $1::timestamptz
  WHERE u.id = ANY ($3) AND NOT EXISTS (
    SELECT 1 FROM upload_uses o WHERE o.upload_id = u.id AND o.job_id <> ALL ($2))
)
UPDATE jobs SET trimmed_at = $1::timestamptz WHERE id = ANY ($2)`

/** Says of how many jobs. */
export const trimHistories = (
  pool: Pool,
  { now, most }: { readonly now: Date; readonly most: number },
): Promise<number> =>
  inTransaction(pool, async (connection) => {
    const { rows } = await connection.query<{ ids: string[]; upload_ids: string[] }>(lockSql, [now, most])
    const { ids = [], upload_ids: uploadIds = [] } = rows[0] ?? {}
    if (ids.length > 0) await connection.query(trimSql, [now, ids, uploadIds])
    return ids.length
  })
