/**
 * What the dispatcher reads and marks (architecture.md §4). One process leads at a time: the transaction-scoped
 * advisory lock is the leadership, and whoever does not get it gets no rows.
 */
import type { Pool } from 'pg'
import { isBehindInSession } from './session-sql.ts'

export interface RungBell {
  readonly id: string
  readonly ringNo: number
}

export interface DispatchStore {
  /** Marks due jobs as rung and returns their bells: rescued and waiting ones first, then queued ones fairly. */
  ringJobs(limits: { readonly most: number; readonly againAfterMs: number }): Promise<readonly RungBell[]>
  ringDeliveries(limits: {
    readonly most: number
    readonly againAfterMs: number
  }): Promise<readonly RungBell[]>
  /** Jobs whose start deadline or deadline passed while nobody held them. */
  listExpired(most: number): Promise<readonly { readonly id: string; readonly code: ExpiryCode }[]>
  /** This process works, with so many slots. Forgets processes that have not been seen for a minute. */
  recordWorker(worker: { readonly id: string; readonly slots: number }): Promise<void>
  removeWorker(id: string): Promise<void>
}

export type ExpiryCode = 'start_deadline_exceeded' | 'deadline_exceeded'

const jobsLock = 4_705_001
const deliveriesLock = 4_705_002

/**
 * `room` bounds the ready list to twice the fleet's slots. Tenants with something queued are found by hopping through
 * the index, and each contributes its first few rows, so the cost follows the number of tenants and slots, never the
 * backlog. Inside a tenant the order is (order_at, id); between tenants it is rank divided by weight. Ids go on as
 * arrays: the planner, who cannot know the limits, would join a large set with the whole table.
 */
const ringJobsSql = `
WITH RECURSIVE leader AS MATERIALIZED (SELECT pg_try_advisory_xact_lock(${jobsLock}) AS is_leader),
fleet AS MATERIALIZED (
  SELECT COALESCE(sum(slots), 0)::int AS slots FROM workers WHERE seen_at > now() - interval '1 minute'
),
busy AS MATERIALIZED (
  SELECT tenant_id, count(*)::int AS jobs FROM (
    SELECT tenant_id FROM jobs WHERE state = 'running' AND lease_until >= now()
    UNION ALL
    SELECT tenant_id FROM jobs
    WHERE rung_at > now() - $2 * interval '1 millisecond' AND state IN ('queued', 'waiting')
  ) held GROUP BY tenant_id
),
room AS MATERIALIZED (
  SELECT GREATEST(0, LEAST($1::int, 2 * (SELECT slots FROM fleet) - COALESCE((SELECT sum(jobs) FROM busy), 0)))::int
    AS jobs
),
rescued AS (
  SELECT id FROM jobs
  WHERE (SELECT is_leader FROM leader) AND state = 'running' AND lease_until < now()
    AND (rung_at IS NULL OR rung_at < now() - $2 * interval '1 millisecond')
  LIMIT $1
),
resumed AS (
  SELECT id FROM jobs
  WHERE (SELECT is_leader FROM leader) AND state = 'waiting' AND due_at <= now()
    AND (rung_at IS NULL OR rung_at < now() - $2 * interval '1 millisecond')
  ORDER BY due_at, id
  LIMIT (SELECT jobs FROM room)
),
lining_up AS (
  (SELECT tenant_id FROM jobs WHERE (SELECT is_leader FROM leader) AND state = 'queued'
   ORDER BY tenant_id LIMIT 1)
  UNION ALL
  SELECT (SELECT j.tenant_id FROM jobs j WHERE j.state = 'queued' AND j.tenant_id > l.tenant_id
          ORDER BY j.tenant_id LIMIT 1)
  FROM lining_up l WHERE l.tenant_id IS NOT NULL
),
line AS MATERIALIZED (
  SELECT t.id, GREATEST(1, t.weight) AS weight, t.max_concurrency - COALESCE(b.jobs, 0) AS free,
    sum(GREATEST(1, t.weight)) OVER () AS total_weight
  FROM lining_up l JOIN tenants t ON t.id = l.tenant_id LEFT JOIN busy b ON b.tenant_id = t.id
),
started AS (
  SELECT q.id
  FROM line l
  CROSS JOIN LATERAL (
    SELECT j.id, row_number() OVER (ORDER BY j.order_at, j.id) AS rank
    FROM (
      SELECT c.id, c.order_at FROM jobs c
      WHERE c.state = 'queued' AND c.tenant_id = l.id AND c.due_at <= now()
        AND c.order_at <= now() + interval '10 minutes'
        AND (c.rung_at IS NULL OR c.rung_at < now() - $2 * interval '1 millisecond')
        AND (c.session_id IS NULL OR NOT ${isBehindInSession('c')})
      ORDER BY c.order_at, c.id
      LIMIT GREATEST(0, LEAST(l.free, 2 + 2 * (SELECT jobs FROM room) * l.weight / l.total_weight))
    ) j
  ) q
  ORDER BY q.rank::float8 / l.weight, q.id
  LIMIT GREATEST(0, (SELECT jobs FROM room) - (SELECT count(*) FROM resumed))
),
picked AS (
  SELECT id FROM rescued UNION ALL SELECT id FROM resumed UNION ALL SELECT id FROM started
),
locked AS MATERIALIZED (
  SELECT id FROM jobs
  WHERE id = ANY (ARRAY(SELECT id FROM picked)) AND state IN ('queued', 'waiting', 'running')
  ORDER BY id FOR UPDATE SKIP LOCKED
)
UPDATE jobs SET rung_at = now(), ring_no = ring_no + 1
WHERE id = ANY (ARRAY(SELECT id FROM locked))
RETURNING id, ring_no`

const ringDeliveriesSql = `
WITH leader AS MATERIALIZED (SELECT pg_try_advisory_xact_lock(${deliveriesLock}) AS is_leader),
picked AS MATERIALIZED (
  SELECT id FROM callback_deliveries
  WHERE (SELECT is_leader FROM leader) AND state = 'waiting' AND due_at <= now()
    AND (lease_until IS NULL OR lease_until < now())
    AND (rung_at IS NULL OR rung_at < now() - $2 * interval '1 millisecond')
  ORDER BY due_at, id
  LIMIT $1
  FOR UPDATE SKIP LOCKED
)
UPDATE callback_deliveries SET rung_at = now(), ring_no = ring_no + 1
WHERE id = ANY (ARRAY(SELECT id FROM picked))
RETURNING id, ring_no`

const expiredSql = `
(SELECT id, 'start_deadline_exceeded' AS code FROM jobs
 WHERE state = 'queued' AND start_deadline_at IS NOT NULL AND start_deadline_at <= now()
 ORDER BY start_deadline_at LIMIT $1)
UNION
(SELECT id, 'deadline_exceeded' FROM jobs
 WHERE state = 'queued' AND deadline_at IS NOT NULL AND deadline_at <= now()
   AND (start_deadline_at IS NULL OR start_deadline_at > now())
 ORDER BY deadline_at LIMIT $1)`

export const createDispatchStore = ({ pool }: { pool: Pool }): DispatchStore => {
  const ring = async (name: string, text: string, most: number, againAfterMs: number) => {
    const { rows } = await pool.query<{ id: string; ring_no: number }>({
      name,
      text,
      values: [most, againAfterMs],
    })
    return rows.map(({ id, ring_no }) => ({ id, ringNo: ring_no }))
  }
  return {
    ringJobs: ({ most, againAfterMs }) => ring('ring-jobs', ringJobsSql, most, againAfterMs),
    ringDeliveries: ({ most, againAfterMs }) =>
      ring('ring-deliveries', ringDeliveriesSql, most, againAfterMs),
    async listExpired(most) {
      const { rows } = await pool.query<{ id: string; code: ExpiryCode }>({
        name: 'list-expired',
        text: expiredSql,
        values: [most],
      })
      return rows
    },
    async recordWorker({ id, slots }) {
      await pool.query(
        `WITH gone AS (DELETE FROM workers WHERE seen_at < now() - interval '1 minute')
         INSERT INTO workers (id, slots) VALUES ($1, $2)
         ON CONFLICT (id) DO UPDATE SET seen_at = now(), slots = $2`,
        [id, slots],
      )
    },
    async removeWorker(id) {
      await pool.query('DELETE FROM workers WHERE id = $1', [id])
    },
  }
}
