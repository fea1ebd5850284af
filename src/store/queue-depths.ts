/** How many jobs are in line, under way or waiting, for whoever watches; counted now and then, never for a question. */
import type { Pool } from 'pg'
import { eachPriority } from './place-sql.ts'

export interface QueueDepth {
  readonly state: 'queued' | 'running' | 'waiting'
  readonly jobs: number
  /** For how long the one that has been due longest has been due; null when none is. */
  readonly oldestMs: number | null
}

export interface QueueDepthStore {
  /** Counts unless somebody has within `freshMs`. The cost grows with the backlog: see how long it took. */
  count(freshMs: number): Promise<void>
  /** As last counted; empty before that. */
  read(): Promise<readonly QueueDepth[]>
}

const depthLock = 4_705_004

/**
 * Index-only counts. Jobs for later stand behind those that are due, whose place is at most five minutes after their
 * due time. The oldest one is looked for among the first of each priority in the line of each tenant, by hopping through
 * the index.
 */
const countSql = `
WITH RECURSIVE turn AS MATERIALIZED (
  SELECT pg_try_advisory_xact_lock(${depthLock}) AND NOT EXISTS (
    SELECT 1 FROM queue_depths WHERE counted_at > now() - $1 * interval '1 millisecond') AS is_ours
),
lining_up AS (
  (SELECT tenant_id FROM jobs WHERE (SELECT is_ours FROM turn) AND state = 'queued' ORDER BY tenant_id LIMIT 1)
  UNION ALL
  SELECT (SELECT j.tenant_id FROM jobs j WHERE j.state = 'queued' AND j.tenant_id > l.tenant_id
          ORDER BY j.tenant_id LIMIT 1)
  FROM lining_up l WHERE l.tenant_id IS NOT NULL
),
first AS (
  SELECT f.due_at FROM lining_up l CROSS JOIN ${eachPriority} CROSS JOIN LATERAL (
    SELECT j.due_at FROM jobs j WHERE j.state = 'queued' AND j.tenant_id = l.tenant_id AND j.priority = p.priority
    ORDER BY j.order_at, j.id LIMIT 1) f
  WHERE f.due_at <= now()
),
depths AS (
  SELECT 'queued' AS state, count(*)::int AS jobs, (SELECT min(due_at) FROM first) AS oldest_at
  FROM jobs WHERE (SELECT is_ours FROM turn) AND state = 'queued' AND order_at <= now() + interval '5 minutes'
  UNION ALL
  SELECT 'waiting', count(*)::int, min(due_at) FILTER (WHERE due_at <= now())
  FROM jobs WHERE (SELECT is_ours FROM turn) AND state = 'waiting'
  UNION ALL
  SELECT 'running', count(*)::int, NULL FROM jobs WHERE (SELECT is_ours FROM turn) AND state = 'running'
)
INSERT INTO queue_depths (state, jobs, oldest_at, counted_at)
SELECT state, jobs, oldest_at, now() FROM depths WHERE (SELECT is_ours FROM turn)
ON CONFLICT (state) DO UPDATE
SET jobs = EXCLUDED.jobs, oldest_at = EXCLUDED.oldest_at, counted_at = EXCLUDED.counted_at`

interface Row {
  state: QueueDepth['state']
  jobs: number
  oldest_ms: number | null
}

export const createQueueDepthStore = ({ pool }: { readonly pool: Pool }): QueueDepthStore => ({
  async count(freshMs) {
    await pool.query({ name: 'count-queue-depths', text: countSql, values: [freshMs] })
  },

  async read() {
    const { rows } = await pool.query<Row>(
      `SELECT state, jobs, (extract(epoch FROM now() - oldest_at) * 1000)::float8 AS oldest_ms FROM queue_depths`,
    )
    return rows.map(({ state, jobs, oldest_ms }) => ({ state, jobs, oldestMs: oldest_ms }))
  },
})
