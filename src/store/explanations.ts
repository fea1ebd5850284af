import type { Pool } from 'pg'
import type { JobFacts, LastFailure } from '../job/explain.ts'
import type { FailureCode } from '../job/failure.ts'
import type { JobState } from '../job/lifecycle.ts'
import type { StageName } from '../job/plan.ts'
import { hasAnyPriority } from './place-sql.ts'
import { isBehindInSession } from './session-sql.ts'

/** What the database says of a job and of what it waits behind; `slotMs` is null before any job has ended. */
export interface ExplanationRecord extends Omit<JobFacts, 'slotMs' | 'budgets'> {
  readonly skill: string
  readonly slotMs: number | null
  /** What the job has spent and reserved; null for a `max` that it does not have. */
  readonly credits: { readonly used: number; readonly max: number | null }
  readonly batchId: string | null
  /** Of its tenant; null: not limited. */
  readonly maxCreditsPerDay: number | null
}

export interface ExplanationStore {
  find(tenantId: string, jobId: string): Promise<ExplanationRecord | null>
}

/** The account of its own that a row's tenant has. */
const accountOf = (row: string): string =>
  `(SELECT own.id FROM provider_accounts own WHERE own.tenant_id = ${row}.tenant_id LIMIT 1)`

/** Beyond this many the exact place in the line does not matter. */
const mostAhead = 100_000

/** How many of the newest jobs are looked at for how long a job holds a slot. */
const sampleOf = 200

/**
 * $1 job, $2 tenant, $3 the account of tenants without one of their own. What is rung counts as busy for as long as the
 * dispatcher waits for its bell to be answered.
 */
const findSql = `
WITH job AS MATERIALIZED (
  SELECT j.*, q.max_credits FROM jobs j JOIN job_requests q ON q.job_id = j.id WHERE j.id = $1 AND j.tenant_id = $2
),
busy AS MATERIALIZED (
  SELECT tenant_id, account_id FROM jobs WHERE state = 'running'
  UNION ALL
  SELECT tenant_id, account_id FROM jobs
  WHERE rung_at > now() - interval '5 seconds' AND state IN ('queued', 'waiting') AND id <> $1
),
account AS MATERIALIZED (
  SELECT p.* FROM job JOIN provider_accounts p ON p.id = COALESCE(job.account_id, ${accountOf('job')}, $3)
),
failure AS (
  SELECT a.failure_code, a.detail->>'note' AS message, a.stage, a.finished_at
  FROM attempts a JOIN job ON a.job_id = job.id
  WHERE a.outcome = 'fail' ORDER BY a.id DESC LIMIT 1
),
sample AS (
  SELECT id FROM (
    SELECT id, finished_at FROM jobs WHERE tenant_id = $2 ORDER BY created_at DESC, id DESC LIMIT ${sampleOf}
  ) newest WHERE finished_at IS NOT NULL LIMIT 20
),
held AS (
  SELECT sum(extract(epoch FROM a.finished_at - a.started_at)) * 1000 AS ms
  FROM sample JOIN attempts a ON a.job_id = sample.id GROUP BY sample.id
)
SELECT now() AS now, job.state, job.stage, job.skill, job.cancel_requested_at IS NOT NULL AS is_cancel_requested,
  CASE WHEN isfinite(job.due_at) THEN job.due_at END AS due_at, job.notes->>'waiting_for' AS wait_reason,
  COALESCE(job.lease_until < now(), false) AS is_orphaned,
  ${isBehindInSession('job')} AS is_behind_session,
  (SELECT count(*)::int FROM (
    SELECT 1 FROM jobs q WHERE q.state = 'queued' AND q.tenant_id = job.tenant_id AND ${hasAnyPriority('q')}
      AND (q.order_at, q.id) < (job.order_at, job.id) LIMIT ${mostAhead}) line) AS ahead,
  (SELECT count(*)::int FROM busy WHERE busy.tenant_id = job.tenant_id) AS tenant_used,
  t.max_concurrency AS tenant_max,
  (SELECT count(*)::int FROM busy
   WHERE COALESCE(busy.account_id, ${accountOf('busy')}, $3) = p.id) AS account_used,
  p.max_concurrency AS account_max,
  (SELECT count(*)::int FROM busy) AS fleet_used,
  (SELECT COALESCE(sum(slots), 0)::int FROM workers WHERE seen_at > now() - interval '1 minute') AS fleet_max,
  p.paused_until, (p.breaker->job.stage->>'probe_at')::timestamptz AS probe_at,
  job.failure_code, job.failure_message, job.failure_stage, job.finished_at,
  f.failure_code AS try_code, f.message AS try_message, f.stage AS try_stage, f.finished_at AS try_at,
  (SELECT avg(ms)::float8 FROM held) AS slot_ms, job.batch_id, job.max_credits, t.max_credits_per_day,
  job.credits_spent + COALESCE((
    SELECT sum(o.credits_reserved) FROM permits o WHERE o.job_id = job.id AND o.closed_at IS NULL), 0)::int
    AS credits_used
FROM job JOIN tenants t ON t.id = job.tenant_id
LEFT JOIN account p ON true
LEFT JOIN failure f ON true`

interface Row {
  now: Date
  state: string
  stage: string
  skill: string
  is_cancel_requested: boolean
  due_at: Date | null
  wait_reason: string | null
  is_orphaned: boolean
  is_behind_session: boolean
  ahead: number
  tenant_used: number
  tenant_max: number
  account_used: number
  account_max: number | null
  fleet_used: number
  fleet_max: number
  paused_until: Date | null
  probe_at: Date | null
  failure_code: string | null
  failure_message: string | null
  failure_stage: string | null
  finished_at: Date | null
  try_code: string | null
  try_message: string | null
  try_stage: string
  try_at: Date
  slot_ms: number | null
  batch_id: string | null
  max_credits: number | null
  max_credits_per_day: number | null
  credits_used: number
}

export interface ExplanationStoreDeps {
  readonly pool: Pool
  /** The account of tenants without one of their own. */
  readonly sharedAccountId: () => Promise<string>
}

export const createExplanationStore = ({
  pool,
  sharedAccountId,
}: ExplanationStoreDeps): ExplanationStore => ({
  async find(tenantId, jobId) {
    const { rows } = await pool.query<Row>(findSql, [jobId, tenantId, await sharedAccountId()])
    return rows[0] === undefined ? null : toRecord(rows[0])
  },
})

const toRecord = (row: Row): ExplanationRecord => ({
  now: row.now,
  state: row.state as JobState,
  stage: row.stage as StageName,
  skill: row.skill,
  isCancelRequested: row.is_cancel_requested,
  dueAt: row.due_at,
  waitReason: row.wait_reason,
  isOrphaned: row.is_orphaned,
  isBehindSession: row.is_behind_session,
  ahead: row.ahead,
  tenant: { used: row.tenant_used, max: row.tenant_max },
  fleet: { used: row.fleet_used, max: row.fleet_max },
  account: {
    used: row.account_used,
    // Gone, so that nothing limits the job but its own failure.
    max: row.account_max ?? row.fleet_max,
    pausedUntil: row.paused_until,
    probeAt: row.probe_at,
  },
  lastFailure: toLastFailure(row),
  slotMs: row.slot_ms,
  credits: { used: row.credits_used, max: row.max_credits },
  batchId: row.batch_id,
  maxCreditsPerDay: row.max_credits_per_day,
})

/** A job that has failed says so itself; one whose deadline passed in the line was never tried. */
const toLastFailure = (row: Row): LastFailure | null => {
  if (row.failure_code !== null && row.finished_at !== null)
    return {
      code: row.failure_code as FailureCode,
      message: row.failure_message,
      stage: (row.failure_stage ?? row.stage) as StageName,
      at: row.finished_at,
    }
  if (row.try_code === null) return null
  return {
    code: row.try_code as FailureCode,
    message: row.try_message,
    stage: row.try_stage as StageName,
    at: row.try_at,
  }
}
