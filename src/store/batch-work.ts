/** What the keeper of the batches does to them: one process at a time, in small steps that may be cut off anywhere. */
import type { Pool } from 'pg'
import type { JobState } from '../job/lifecycle.ts'
import type { StageName } from '../job/plan.ts'
import { walkOf } from './batch-walk.ts'
import type { BatchRedrive } from './batches.ts'
import { leading } from './leadership.ts'
import { headStartOf } from './place-sql.ts'

/** A batch that is closed and has not ended. */
export interface ActiveBatch {
  readonly id: string
  readonly tenantId: string
  readonly state: 'running' | 'canceling'
  readonly isReleased: boolean
  readonly redrive: BatchRedrive | null
  /** Of its tenant; null where that has none of its own. */
  readonly queueBound: number | null
}

export interface OpenJob {
  readonly id: string
  readonly state: JobState
  readonly stage: StageName
  readonly seq: number
  readonly isCancelRequested: boolean
}

export interface FailedJobs {
  readonly ids: readonly string[]
  /** The last job that was looked at for them, and whether it is the last of the batch. */
  readonly lookedTo: string
  readonly isLast: boolean
}

export interface BatchEnding {
  readonly batchId: string
  readonly state: string
  /** As it was when the ending was decided. */
  readonly seq: number
  readonly at: Date
  readonly event: {
    readonly id: string
    readonly type: string
    readonly data: object
    /** Of the callbacks. */
    readonly body: string
  }
}

export interface BatchWorkStore {
  /** Runs the work unless another process is at it; false when it is. */
  lead(work: () => Promise<void>): Promise<boolean>
  listActive(): Promise<ActiveBatch[]>
  /** Lets go of the next jobs of a batch, in the order of its lines; says how many, and whether it looked at any. */
  release(batchId: string, most: number): Promise<{ readonly released: number; readonly isProgress: boolean }>
  /** Jobs that have not ended, in the order of their ids. */
  listOpen(batchId: string, page: { readonly after: string; readonly most: number }): Promise<OpenJob[]>
  /** Jobs that the redrive has still to run again. */
  listFailed(batchId: string, redrive: BatchRedrive, most: number): Promise<FailedJobs>
  /** Writes down how far a redrive is, unless it is no longer that one. */
  advanceRedrive(batchId: string, from: BatchRedrive, to: BatchRedrive): Promise<void>
  /** Batches that have nothing left to do. */
  listDone(): Promise<readonly { readonly id: string; readonly tenantId: string }[]>
  /** Ends a batch that has nothing left to do, with its event and what that delivers; false when it has. */
  end(ending: BatchEnding): Promise<boolean>
}

const keeperLock = 4_705_020

/** $1 batch, $2 how many. A place in the line of ids is kept with the batch, so that nothing is looked at twice. */
const releaseSql = `
WITH RECURSIVE batch AS MATERIALIZED (
  SELECT id, released_to FROM batches
  WHERE id = $1 AND state = 'running' AND released_at IS NULL
  FOR NO KEY UPDATE
),
${walkOf({ batch: '(SELECT id FROM batch)', after: '(SELECT released_to FROM batch)', most: '$2' }).trim()},
lines AS MATERIALIZED (SELECT id FROM walk),
held AS MATERIALIZED (
  SELECT id FROM jobs
  WHERE id = ANY (ARRAY(SELECT id FROM lines)) AND state = 'queued' AND due_at = 'infinity'
  ORDER BY id FOR UPDATE
),
due AS MATERIALIZED (
  SELECT held.id, GREATEST(now(), q.run_at) AS due_at, q.start_deadline_s, q.deadline_s
  FROM held CROSS JOIN LATERAL (
    SELECT q.run_at, q.start_deadline_s, q.deadline_s FROM job_requests q WHERE q.job_id = held.id OFFSET 0) q
),
released AS (
  UPDATE jobs j SET
    due_at = due.due_at,
    order_at = due.due_at - ${headStartOf('j')},
    start_deadline_at = due.due_at + due.start_deadline_s * interval '1 second',
    deadline_at = due.due_at + due.deadline_s * interval '1 second'
  FROM due WHERE j.id = due.id AND j.id = ANY (ARRAY(SELECT id FROM due))
  RETURNING j.id
),
progress AS MATERIALIZED (
  SELECT count(*)::int AS looked_at, max(id) AS last_id, (SELECT count(*)::int FROM released) AS released FROM lines
),
noted AS (
  UPDATE batches b SET
    released_to = COALESCE(p.last_id, b.released_to),
    released = b.released + p.released,
    released_at = CASE WHEN p.looked_at < $2 THEN now() END
  FROM batch, progress p WHERE b.id = batch.id
)
SELECT p.released, true AS is_progress FROM batch, progress p`

/** $1 batch, $2 the job after which to begin, $3 how many. */
const openSql = `
WITH RECURSIVE ${walkOf({ batch: '$1', after: '$2', most: '$3', where: 'j.finished_at IS NULL' }).trim()}
SELECT j.id, j.state, j.stage, j.seq, j.cancel_requested_at IS NOT NULL AS is_cancel_requested
FROM walk w CROSS JOIN LATERAL (SELECT * FROM jobs j WHERE j.id = w.id OFFSET 0) j ORDER BY w.no`

const lookedAtATime = 1_000

/** The same, and $4 when it must have failed at the latest, $5 the codes. */
const failedSql = `
WITH RECURSIVE ${walkOf({ batch: '$1', after: '$2', most: '$3' }).trim()}
SELECT j.id, j.state = 'failed' AND j.erased_at IS NULL AND j.finished_at <= $4::timestamptz
    AND ($5::text[] IS NULL OR j.failure_code = ANY ($5)) AS is_wanted
FROM walk w CROSS JOIN LATERAL (SELECT * FROM jobs j WHERE j.id = w.id OFFSET 0) j ORDER BY w.no`

const doneSql = `
SELECT b.id, b.tenant_id FROM batches b
WHERE b.state IN ('running', 'canceling')
  AND (b.state = 'canceling' OR (b.released_at IS NOT NULL AND COALESCE((b.redrive->>'is_done')::boolean, true)))
  AND (SELECT j.id FROM jobs j WHERE j.batch_id = b.id AND j.finished_at IS NULL ORDER BY j.id LIMIT 1) IS NULL`

/** $1 batch, $2 state, $3 seq, $4 when, $5 to $8 the event: id, type, data, body. */
const endSql = `
WITH ended AS (
  UPDATE batches b SET state = $2, finished_at = $4, seq = b.seq + 1
  WHERE b.id = $1 AND b.seq = $3 AND b.id IN (SELECT done.id FROM (${doneSql}) done)
  RETURNING b.id, b.tenant_id, b.seq, b.callback
),
told AS (
  INSERT INTO tenant_events (id, tenant_id, type, at, data)
  SELECT $5::text, tenant_id, $6::text, $4, $7::jsonb FROM ended
),
deliveries AS (
  INSERT INTO callback_deliveries
    (id, tenant_id, batch_id, endpoint_id, event_seq, event_id, event_type, state, due_at, body)
  SELECT new_id('dlv'), e.tenant_id, e.id, r.endpoint_id, e.seq, $5, $6, 'waiting', now(), $8
  FROM ended e CROSS JOIN LATERAL (
    SELECT NULL AS endpoint_id WHERE e.callback->'events' ? $6
    UNION ALL
    SELECT c.id FROM callback_endpoints c
    WHERE c.tenant_id = e.tenant_id AND c.disabled_at IS NULL AND $6 = ANY (c.events)
  ) r
)
SELECT id FROM ended`

type OpenRow = Omit<OpenJob, 'isCancelRequested'> & { is_cancel_requested: boolean }

interface ActiveRow {
  id: string
  tenant_id: string
  state: ActiveBatch['state']
  is_released: boolean
  redrive: BatchRedrive | null
  queue_bound: number | null
}

export const createBatchWorkStore = ({ pool }: { readonly pool: Pool }): BatchWorkStore => ({
  lead: (work) => leading(pool, keeperLock, work),

  async listActive() {
    const { rows } = await pool.query<ActiveRow>({
      name: 'list-active-batches',
      text: `SELECT b.id, b.tenant_id, b.state, b.released_at IS NOT NULL AS is_released, b.redrive, t.queue_bound
             FROM batches b JOIN tenants t ON t.id = b.tenant_id
             WHERE b.state IN ('running', 'canceling') ORDER BY b.id`,
    })
    return rows.map((row) => ({
      id: row.id,
      tenantId: row.tenant_id,
      state: row.state,
      isReleased: row.is_released,
      redrive: row.redrive,
      queueBound: row.queue_bound,
    }))
  },

  async release(batchId, most) {
    const values = [batchId, most]
    const { rows } = await pool.query<{ released: number }>({
      name: 'release-lines',
      text: releaseSql,
      values,
    })
    return { released: rows[0]?.released ?? 0, isProgress: rows.length > 0 }
  },

  async listOpen(batchId, { after, most }) {
    const { rows } = await pool.query<OpenRow>({
      name: 'list-open-lines',
      text: openSql,
      values: [batchId, after, most],
    })
    return rows.map(({ is_cancel_requested, ...job }) => ({
      ...job,
      isCancelRequested: is_cancel_requested,
    }))
  },

  async listFailed(batchId, { redriven_to, failure_codes, requested_at }, most) {
    const { rows } = await pool.query<{ id: string; is_wanted: boolean }>({
      name: 'list-failed-lines',
      text: failedSql,
      values: [batchId, redriven_to, lookedAtATime, requested_at, failure_codes],
    })
    const wanted = rows.filter((row) => row.is_wanted).map(({ id }) => id)
    const ids = wanted.slice(0, most)
    const isLast = wanted.length <= most && rows.length < lookedAtATime
    const last = wanted.length > most ? ids.at(-1) : rows.at(-1)?.id
    return { ids, lookedTo: last ?? redriven_to, isLast }
  },

  async advanceRedrive(batchId, from, to) {
    await pool.query('UPDATE batches SET redrive = $3 WHERE id = $1 AND redrive = $2::jsonb', [
      batchId,
      JSON.stringify(from),
      JSON.stringify(to),
    ])
  },

  async listDone() {
    const { rows } = await pool.query<{ id: string; tenant_id: string }>({
      name: 'list-done-batches',
      text: doneSql,
    })
    return rows.map((row) => ({ id: row.id, tenantId: row.tenant_id }))
  },

  async end({ batchId, state, seq, at, event: { id, type, data, body } }) {
    const values = [batchId, state, seq, at, id, type, JSON.stringify(data), body]
    const { rows } = await pool.query({ name: 'end-batch', text: endSql, values })
    return rows.length === 1
  },
})
