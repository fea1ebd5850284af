/**
 * What the dispatcher reads and marks (architecture.md §4). Rounds are the leader's. Two may believe for a moment that
 * they lead; a transaction-scoped advisory lock lets one of them go round, and the other one gets no rows.
 */
import type { Pool } from 'pg'
import { withoutWaiting } from './commit.ts'
import type { Lead } from './leadership.ts'
import { eachPriority } from './place-sql.ts'
import { isBehindInSession } from './session-sql.ts'

export interface RungBell {
  readonly id: string
  readonly ringNo: number
  /** What a dead process left behind goes before all that wait (guarantees.md §2.3 "Worker SIGKILL"). */
  readonly isUrgent?: boolean
}

export interface DispatchStore {
  /** Marks due jobs as rung and returns their bells: rescued and waiting ones first, then queued ones fairly. */
  ringJobs(limits: {
    readonly most: number
    readonly againAfterMs: number
    /** Whose token the jobs of tenants without an account of their own are done with. */
    readonly sharedAccountId: string
  }): Promise<readonly RungBell[]>
  /**
   * Marks due deliveries as rung and returns their bells: those among the first `most` in line that have none out. The
   * others follow as these are claimed.
   */
  ringDeliveries(limits: {
    readonly most: number
    /** Twice and three times as long from the second and the third bell on. */
    readonly againAfterMs: number
  }): Promise<readonly RungBell[]>
  /** Bells of these jobs were heard and not answered: what is still due is rung again without waiting. */
  unringJobs(ids: readonly string[]): Promise<void>
  /** Jobs whose start deadline or deadline passed before anybody began them. */
  listExpired(most: number): Promise<readonly ExpiredJob[]>
  /** This process works, with so many slots. Forgets processes that have not been seen for a minute. */
  recordWorker(worker: { readonly id: string; readonly slots: number }): Promise<Fleet>
  removeWorker(id: string): Promise<void>
}

export interface Fleet {
  /** Other processes that work, or did so less than a minute ago. */
  readonly others: number
}

export type ExpiryCode = 'start_deadline_exceeded' | 'deadline_exceeded'

export interface ExpiredJob {
  readonly id: string
  /** As long as it has this one, nobody has begun it. */
  readonly seq: number
  readonly code: ExpiryCode
}

const jobsLock = 4_705_001
const deliveriesLock = 4_705_002
/** Of the process that goes round. */
export const dispatchLeadLock = 4_705_006

/** Of a tenant's jobs of one priority at a time, however many of them stand behind others of their conversation. */
const mostLookedAt = 5_000

/**
 * $1 most, $2 milliseconds until a bell is rung again, $3 the account of tenants without one of their own.
 *
 * The commit does not wait for the disk: a mark that a crash of the database takes back is rung once more, which says
 * nothing new.
 *
 * `room` bounds the ready list to twice the fleet's slots. Tenants with something queued are found by hopping through
 * the index, and each contributes the first few that are due of each priority, so the cost follows the number of tenants
 * and slots, never the backlog, due or scheduled. Inside a tenant the order is (order_at, id); between tenants it is rank
 * divided by weight; of those who share a provider account, the first ones that it has room for are begun. A job that has
 * begun is never held back: it counts against both limits while it is rung or running, and new work makes way for it. Ids
 * go on as arrays: the planner, who cannot know the limits, would join a large set with the whole table.
 */
export const ringJobsSql = `
WITH RECURSIVE leader AS MATERIALIZED (SELECT pg_try_advisory_xact_lock(${jobsLock}) AS is_leader, ${withoutWaiting}),
fleet AS MATERIALIZED (
  SELECT COALESCE(sum(slots), 0)::int AS slots FROM workers WHERE seen_at > now() - interval '1 minute'
),
running AS MATERIALIZED (
  SELECT id, tenant_id, account_id, lease_until, rung_at FROM jobs WHERE state = 'running'
),
held AS MATERIALIZED (
  SELECT tenant_id, account_id FROM running
  UNION ALL
  SELECT tenant_id, account_id FROM jobs
  WHERE rung_at > now() - $2 * interval '1 millisecond' AND state IN ('queued', 'waiting')
),
room AS MATERIALIZED (
  SELECT GREATEST(0, LEAST($1::int, 2 * (SELECT slots FROM fleet) - (SELECT count(*) FROM held)))::int AS jobs
),
rescued AS (
  SELECT id FROM running
  WHERE (SELECT is_leader FROM leader) AND lease_until < now()
    AND (rung_at IS NULL OR rung_at < now() - $2 * interval '1 millisecond')
  LIMIT $1
),
resumed AS MATERIALIZED (
  SELECT id, tenant_id, account_id FROM jobs
  WHERE (SELECT is_leader FROM leader) AND state = 'waiting' AND due_at <= now()
    AND (rung_at IS NULL OR rung_at < now() - $2 * interval '1 millisecond')
  ORDER BY due_at, id
  LIMIT (SELECT jobs FROM room)
),
busy AS MATERIALIZED (
  SELECT b.tenant_id, b.jobs,
    COALESCE(b.account_id, (SELECT a.id FROM provider_accounts a WHERE a.tenant_id = b.tenant_id LIMIT 1), $3) AS account_id
  FROM (
    SELECT tenant_id, account_id, count(*)::int AS jobs
    FROM (SELECT tenant_id, account_id FROM held UNION ALL SELECT tenant_id, account_id FROM resumed) all_held
    GROUP BY tenant_id, account_id
  ) b
),
busy_tenants AS MATERIALIZED (SELECT tenant_id, sum(jobs)::int AS jobs FROM busy GROUP BY tenant_id),
busy_accounts AS MATERIALIZED (SELECT account_id, sum(jobs)::int AS jobs FROM busy GROUP BY account_id),
lining_up AS (
  (SELECT tenant_id FROM jobs WHERE (SELECT is_leader FROM leader) AND state = 'queued'
   ORDER BY tenant_id LIMIT 1)
  UNION ALL
  SELECT (SELECT j.tenant_id FROM jobs j WHERE j.state = 'queued' AND j.tenant_id > l.tenant_id
          ORDER BY j.tenant_id LIMIT 1)
  FROM lining_up l WHERE l.tenant_id IS NOT NULL
),
line AS MATERIALIZED (
  SELECT id, weight, account_id,
    LEAST(free, 2 + 2 * (SELECT jobs FROM room) * weight / sum(weight) OVER ()) AS most
  FROM (
    SELECT t.id, GREATEST(1, t.weight) AS weight, COALESCE(a.id, $3) AS account_id,
      LEAST(t.max_concurrency - COALESCE(bt.jobs, 0), a.max_concurrency - COALESCE(ba.jobs, 0)) AS free
    FROM lining_up l
    JOIN tenants t ON t.id = l.tenant_id
    LEFT JOIN LATERAL (
      SELECT a.id, a.max_concurrency FROM provider_accounts a
      WHERE a.tenant_id = t.id OR a.id = $3 ORDER BY a.tenant_id NULLS LAST LIMIT 1) a ON true
    LEFT JOIN busy_tenants bt ON bt.tenant_id = t.id
    LEFT JOIN busy_accounts ba ON ba.account_id = a.id
  ) t
  WHERE free > 0
),
fitting AS MATERIALIZED (
  SELECT q.id, q.rank::float8 / l.weight AS turn, COALESCE(q.account_id, l.account_id) AS account_id
  FROM line l
  CROSS JOIN LATERAL (
    SELECT j.id, j.account_id, row_number() OVER (ORDER BY j.order_at, j.id) AS rank
    FROM ${eachPriority}
    CROSS JOIN LATERAL (
      SELECT c.id, c.order_at, c.account_id
      FROM (
        SELECT n.id, n.order_at, n.account_id, n.session_id, n.created_at FROM jobs n
        WHERE n.state = 'queued' AND n.tenant_id = l.id AND n.priority = p.priority
          AND n.order_at <= now() - p.head_start AND n.due_at <= now()
          AND (n.rung_at IS NULL OR n.rung_at < now() - $2 * interval '1 millisecond')
        ORDER BY n.order_at, n.id
        LIMIT ${mostLookedAt}
      ) c
      WHERE c.session_id IS NULL OR NOT ${isBehindInSession('c')}
      ORDER BY c.order_at, c.id
      LIMIT l.most
    ) j
    ORDER BY j.order_at, j.id
    LIMIT l.most
  ) q
),
accounts AS MATERIALIZED (
  SELECT a.id, a.max_concurrency - COALESCE(b.jobs, 0) AS free
  FROM provider_accounts a LEFT JOIN busy_accounts b ON b.account_id = a.id
  WHERE a.id = ANY (ARRAY(SELECT DISTINCT account_id FROM fitting))
),
started AS (
  SELECT f.id
  FROM (SELECT *, row_number() OVER (PARTITION BY account_id ORDER BY turn, id) AS account_rank FROM fitting) f
  LEFT JOIN accounts a ON a.id = f.account_id
  WHERE f.account_rank <= COALESCE(a.free, f.account_rank)
  ORDER BY f.turn, f.id
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
RETURNING id, ring_no, state = 'running' AS is_rescued`

const isUnclaimed = `state = 'waiting' AND due_at <= now() AND (lease_until IS NULL OR lease_until < now())`

/**
 * $1 how many may have a bell out, $2 milliseconds until a bell is rung again.
 *
 * Bells are heard in the order in which they are rung, so one that is rung behind thousands is late however quick its
 * receiver is. Therefore only the front of the line is rung, which moves on when its deliveries are claimed: they leave it
 * with the claim, and what a busy receiver has no place for comes back behind the others. While hanging receivers keep every
 * worker nothing is claimed: the bells that then wait are few, because they are rung again ever later.
 */
const ringDeliveriesSql = `
WITH leader AS MATERIALIZED (SELECT pg_try_advisory_xact_lock(${deliveriesLock}) AS is_leader, ${withoutWaiting}),
front AS MATERIALIZED (
  SELECT id, rung_at, ring_no FROM callback_deliveries
  WHERE (SELECT is_leader FROM leader) AND ${isUnclaimed}
  ORDER BY due_at, id
  LIMIT $1
),
locked AS MATERIALIZED (
  SELECT id FROM callback_deliveries
  WHERE id = ANY (ARRAY(
      SELECT id FROM front
      WHERE rung_at IS NULL OR rung_at < now() - $2 * LEAST(ring_no, 3) * interval '1 millisecond'
    )) AND ${isUnclaimed}
  FOR UPDATE SKIP LOCKED
)
UPDATE callback_deliveries SET rung_at = now(), ring_no = ring_no + 1
WHERE id = ANY (ARRAY(SELECT id FROM locked))
RETURNING id, ring_no`

const expiredSql = `
(SELECT id, seq, 'start_deadline_exceeded' AS code FROM jobs
 WHERE state = 'queued' AND start_deadline_at IS NOT NULL AND start_deadline_at <= now()
 ORDER BY start_deadline_at LIMIT $1)
UNION
(SELECT id, seq, 'deadline_exceeded' FROM jobs
 WHERE state = 'queued' AND deadline_at IS NOT NULL AND deadline_at <= now()
   AND (start_deadline_at IS NULL OR start_deadline_at > now())
 ORDER BY deadline_at LIMIT $1)`

interface BellRow {
  id: string
  ring_no: number
  /** Of jobs alone. */
  is_rescued?: boolean
}

export const createDispatchStore = ({
  pool,
  lead = { query: (question) => pool.query(question) },
}: {
  readonly pool: Pool
  /** Over which rounds are made. */
  readonly lead?: Pick<Lead, 'query'>
}): DispatchStore => {
  const ring = async (name: string, text: string, values: readonly unknown[]) => {
    const { rows } = await lead.query<BellRow>({ name, text, values: [...values] })
    return rows.map(({ id, ring_no, is_rescued }) => ({
      id,
      ringNo: ring_no,
      ...(is_rescued === true && { isUrgent: true }),
    }))
  }
  return {
    ringJobs: ({ most, againAfterMs, sharedAccountId }) =>
      ring('ring-jobs', ringJobsSql, [most, againAfterMs, sharedAccountId]),
    ringDeliveries: ({ most, againAfterMs }) =>
      ring('ring-deliveries', ringDeliveriesSql, [most, againAfterMs]),
    async unringJobs(ids) {
      await pool.query(
        `UPDATE jobs SET rung_at = NULL WHERE id IN (
           SELECT id FROM jobs WHERE id = ANY ($1) AND state IN ('queued', 'waiting', 'running')
           ORDER BY id FOR UPDATE)`,
        [ids],
      )
    },
    async listExpired(most) {
      const { rows } = await pool.query<ExpiredJob>({
        name: 'list-expired',
        text: expiredSql,
        values: [most],
      })
      return rows
    },
    async recordWorker({ id, slots }) {
      const { rows } = await pool.query<{ others: number }>(
        `WITH gone AS (DELETE FROM workers WHERE seen_at < now() - interval '1 minute')
         INSERT INTO workers (id, slots) VALUES ($1, $2)
         ON CONFLICT (id) DO UPDATE SET seen_at = now(), slots = $2
         RETURNING (SELECT count(*)::int FROM workers o
           WHERE o.id <> $1 AND o.seen_at >= now() - interval '1 minute') AS others`,
        [id, slots],
      )
      return { others: rows[0]?.others ?? 0 }
    },
    async removeWorker(id) {
      await pool.query('DELETE FROM workers WHERE id = $1', [id])
    },
  }
}
