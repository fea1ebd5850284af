/**
 * Writing down what is sent, and how a try went: the delivery, the try, and for how long its endpoint has done nothing
 * but fail.
 */
import type { DeliveryTry } from './deliveries.ts'

/**
 * $1 tries; $2 ids, $3 epochs and $4 bodies of other deliveries, which are kept before their first try. Rows are locked
 * in id order: deliveries first, then endpoints. Deliveries are looked up one by one: the plan, which expects a hundred,
 * would read the whole table (lease-sql.ts).
 */
export const recordSql = `
WITH op AS MATERIALIZED (
  SELECT * FROM jsonb_to_recordset($1::jsonb) AS op(
    id text, epoch int, duration_ms int, outcome text, http_status int, error text, response_head text,
    state text, due_in_ms bigint)
),
locked AS MATERIALIZED (
  SELECT op.*, found.tries, found.endpoint_id, found.is_wanted_again
  FROM (SELECT * FROM op ORDER BY id) op CROSS JOIN LATERAL (
    SELECT d.tries, d.endpoint_id, d.tries_before > d.tries AS is_wanted_again FROM callback_deliveries d
    WHERE d.id = op.id AND d.epoch = op.epoch AND d.state = 'waiting'
    FOR UPDATE) found
),
kept AS (
  UPDATE callback_deliveries d SET body = COALESCE(d.body, k.body)
  FROM unnest($2::text[], $3::int[], $4::text[]) AS k(id, epoch, body)
  WHERE d.id = k.id AND d.id = ANY ($2) AND d.epoch = k.epoch AND d.state = 'waiting'
  RETURNING d.id, d.body
),
updated AS (
  UPDATE callback_deliveries d SET
    state = CASE WHEN l.is_wanted_again THEN 'waiting' ELSE l.state END,
    tries = d.tries + 1,
    due_at = CASE WHEN l.due_in_ms IS NULL OR l.is_wanted_again THEN d.due_at
      ELSE now() + l.due_in_ms * interval '1 millisecond' END,
    lease_until = NULL,
    delivered_at = COALESCE(d.delivered_at, CASE WHEN l.state = 'delivered' THEN now() END)
  FROM locked l WHERE d.id = l.id AND d.id = ANY (ARRAY(SELECT id FROM locked))
),
attempts AS (
  INSERT INTO callback_attempts
    (delivery_id, no, started_at, duration_ms, outcome, http_status, error, response_head)
  SELECT l.id, l.tries + 1, now() - l.duration_ms * interval '1 millisecond', l.duration_ms, l.outcome,
    l.http_status, l.error, l.response_head
  FROM locked l
),
results AS MATERIALIZED (
  SELECT endpoint_id, bool_or(outcome = 'delivered') AS has_delivered, count(*)::int AS tries
  FROM locked WHERE endpoint_id IS NOT NULL GROUP BY endpoint_id
),
concerned AS MATERIALIZED (
  SELECT r.* FROM callback_endpoints c JOIN results r ON r.endpoint_id = c.id
  WHERE NOT r.has_delivered OR c.failures > 0
  ORDER BY c.id FOR UPDATE OF c
),
streaks AS (
  UPDATE callback_endpoints c SET
    failures = CASE WHEN r.has_delivered THEN 0 ELSE c.failures + r.tries END,
    failing_since = CASE WHEN r.has_delivered THEN NULL ELSE COALESCE(c.failing_since, now()) END
  FROM concerned r WHERE c.id = r.endpoint_id
  RETURNING c.id, c.failures, (extract(epoch FROM now() - c.failing_since) * 1000)::float8 AS failing_for_ms
)
SELECT l.id, COALESCE(s.failures, 0) AS failures, COALESCE(s.failing_for_ms, 0) AS failing_for_ms, NULL AS body
FROM locked l LEFT JOIN streaks s ON s.id = l.endpoint_id WHERE s.failures > 0 OR l.outcome = 'gone'
UNION ALL
SELECT id, 0, 0, body FROM kept`

/** The streak that a try belongs to, of no failures where another call was taken meanwhile, or the body that is kept. */
export interface RecordedRow {
  id: string
  failures: number
  failing_for_ms: number
  body: string | null
}

export const toOperation = ({ next, ...attempt }: DeliveryTry) => ({
  id: attempt.id,
  epoch: attempt.epoch,
  duration_ms: Math.round(attempt.durationMs),
  outcome: attempt.outcome,
  http_status: attempt.httpStatus,
  error: attempt.error,
  response_head: attempt.responseHead,
  state: next.state,
  due_in_ms: next.state === 'waiting' ? Math.round(next.dueInMs) : null,
})
