/**
 * What waits for an endpoint that was enabled again, or deleted. The endpoint changes first, and says what becomes of its
 * deliveries: what was put aside is due, or all that waits is given up. They follow so many at a time, however many they
 * are; those that are left, also by a process that died, are found by the next who asks.
 */
import type { Pool } from 'pg'

/**
 * $1 how many at most. Whoever holds a delivery just now keeps it; it is found the next time. The time that is compared
 * with is computed, so that the index leads right behind what an enabled endpoint will be tried at.
 */
const settleSql = (receivers: string): string => `
WITH RECURSIVE receivers AS (${receivers}),
changed AS MATERIALIZED (
  SELECT r.endpoint_id, c.id IS NULL AS is_deleted
  FROM receivers r LEFT JOIN callback_endpoints c ON c.id = r.endpoint_id
  WHERE r.endpoint_id IS NOT NULL AND c.disabled_at IS NULL
),
left_over AS MATERIALIZED (
  SELECT o.id, r.is_deleted
  FROM changed r CROSS JOIN LATERAL (
    SELECT d.id FROM callback_deliveries d
    WHERE d.endpoint_id = r.endpoint_id AND d.state = 'waiting'
      AND d.due_at >= (CASE WHEN r.is_deleted THEN '-infinity' ELSE 'infinity' END)::timestamptz
    ORDER BY d.due_at, d.id LIMIT $1 FOR UPDATE SKIP LOCKED
  ) o LIMIT $1
)
UPDATE callback_deliveries d SET
  state = CASE WHEN l.is_deleted THEN 'failed' ELSE 'waiting' END,
  due_at = CASE WHEN l.is_deleted THEN d.due_at ELSE date_trunc('milliseconds', now()) END,
  rung_at = NULL
FROM left_over l WHERE d.id = l.id`

/** Hops through the index from endpoint to endpoint: its cost follows their number. */
const allSql = settleSql(`
  (SELECT endpoint_id FROM callback_deliveries WHERE endpoint_id IS NOT NULL AND state = 'waiting'
   ORDER BY endpoint_id LIMIT 1)
  UNION ALL
  SELECT (SELECT d.endpoint_id FROM callback_deliveries d
          WHERE d.endpoint_id > r.endpoint_id AND d.state = 'waiting' ORDER BY d.endpoint_id LIMIT 1)
  FROM receivers r WHERE r.endpoint_id IS NOT NULL`)

const oneSql = settleSql('SELECT $2::text AS endpoint_id')

const mostOfOne = 1_000

/** The first ones of an endpoint that was enabled or deleted just now. */
export const settleFirst = async (pool: Pool, endpointId: string): Promise<void> => {
  await pool.query(oneSql, [mostOfOne, endpointId])
}

/** Those that were left, whatever their endpoint; says how many. */
export const settleRest = async (pool: Pool, { most }: { readonly most: number }): Promise<number> => {
  const { rowCount } = await pool.query(allSql, [most])
  return rowCount ?? 0
}
