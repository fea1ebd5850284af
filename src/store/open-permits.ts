/** The statement that opens and accepts permits, and the way round by the budgets for those that something limits. */
import type { Pool, PoolClient } from 'pg'
import type { Limits } from './budgets.ts'
import { toJsonb } from './jsonb.ts'
import { openLimitedPermits } from './limited-permits.ts'
import type { NewPermit, OpenPermitResult, PermitBaseline, PermitRow } from './permits.ts'

/**
 * $1 permits to open, $2 ids of permits whose messages were accepted.
 *
 * The newest permit of the message decides: one that ended without effect allows another, any other one is found. A
 * lease that is gone, a job that is to be canceled, or a session with an open permit, leaves no row at all. A message
 * under a limit is not opened but returned with its limits, unless it comes with the budgets that it is reserved in. What
 * is accepted was opened by an earlier statement, and is no message's newest permit that would allow another.
 */
const openSql = `
WITH op AS MATERIALIZED (
  SELECT * FROM jsonb_to_recordset($1::jsonb) AS op(
    id text, job_id text, epoch int, attempt int, message_no int, account_id text, provider_session_id text,
    message_digest text, baseline jsonb, credits_reserved int, budget_ids text[])
),
held AS MATERIALIZED (
  SELECT op.*, held.tenant_id, held.batch_id FROM op CROSS JOIN LATERAL (
    SELECT j.tenant_id, j.batch_id FROM jobs j
    WHERE j.id = op.job_id AND j.epoch = op.epoch AND j.state = 'running' AND j.lease_until > now()
      AND j.cancel_requested_at IS NULL OFFSET 0) held
),
newest AS MATERIALIZED (
  SELECT held.id AS op_id, found.*
  FROM held CROSS JOIN LATERAL (
    SELECT * FROM permits p
    WHERE p.job_id = held.job_id AND p.message_no = held.message_no AND p.attempt = held.attempt
    ORDER BY p.try DESC LIMIT 1) found
),
limited AS MATERIALIZED (
  SELECT h.id AS op_id, jsonb_build_object('tenant_id', h.tenant_id, 'day', to_char(now(), 'YYYY-MM-DD'),
    'max_credits_per_day', t.max_credits_per_day, 'batch_id', b.id) AS limits
  FROM held h
  CROSS JOIN LATERAL (SELECT t.max_credits_per_day FROM tenants t WHERE t.id = h.tenant_id OFFSET 0) t
  LEFT JOIN LATERAL (SELECT b.id FROM budgets b WHERE b.id = h.batch_id OFFSET 0) b ON true
  WHERE h.budget_ids IS NULL AND (t.max_credits_per_day IS NOT NULL OR b.id IS NOT NULL)
),
opened AS (
  INSERT INTO permits (id, job_id, message_no, attempt, try, epoch, account_id, provider_session_id, state,
    message_digest, baseline, credits_reserved, budget_ids)
  SELECT h.id, h.job_id, h.message_no, h.attempt, COALESCE(n.try, 0) + 1, h.epoch, h.account_id,
    h.provider_session_id, 'open', h.message_digest, h.baseline, h.credits_reserved, COALESCE(h.budget_ids, '{}')
  FROM held h LEFT JOIN newest n ON n.op_id = h.id LEFT JOIN limited l ON l.op_id = h.id
  WHERE l.op_id IS NULL AND (n.op_id IS NULL OR n.state IN ('not_sent', 'rejected', 'not_accepted'))
  ORDER BY h.job_id
  ON CONFLICT DO NOTHING
  RETURNING id, id AS op_id, try, state, baseline, credits_reserved
),
accepted AS (
  UPDATE permits SET state = 'accepted', accepted_at = now() WHERE id = ANY ($2) AND state = 'open'
)
SELECT op_id, id, try, state, baseline, credits_reserved, true AS is_opened, NULL::jsonb AS limits FROM opened
UNION ALL
SELECT op_id, id, try, state, baseline, credits_reserved, false, NULL FROM newest
WHERE state NOT IN ('not_sent', 'rejected', 'not_accepted')
UNION ALL
SELECT l.op_id, NULL, NULL, NULL, NULL, NULL, false, l.limits
FROM limited l LEFT JOIN newest n ON n.op_id = l.op_id
WHERE n.op_id IS NULL OR n.state IN ('not_sent', 'rejected', 'not_accepted')`

/** A permit as the database has it. */
export interface StoredPermit {
  id: string
  try: number
  state: string
  baseline: PermitBaseline
  credits_reserved: number
}

interface Row extends StoredPermit {
  op_id: string
  is_opened: boolean
  /** Set, and then nothing but `op_id`, where the message is limited and was not opened for that. */
  limits?: Limits | null
}

export const toPermit = (row: StoredPermit): PermitRow => ({
  id: row.id,
  try: row.try,
  state: row.state,
  baseline: row.baseline,
  creditsReserved: row.credits_reserved,
})

const open = async (
  connection: Pool | PoolClient,
  rows: readonly object[],
  acceptedIds: readonly string[] = [],
): Promise<readonly Row[]> => {
  const opened = await connection.query<Row>({
    name: 'open-permits',
    text: openSql,
    values: [toJsonb(rows), acceptedIds],
  })
  return opened.rows
}

export type ChosenPermit = NewPermit & { readonly id: string }

/** Nothing was written: the message has limits, and its permit is opened under their locks. */
export interface LimitedPermit {
  readonly outcome: 'limited'
  readonly limits: Limits
}

/** Opens all that nothing limits, and accepts others beside them. Answers by the ids of the permits. */
export const openPermits = async (
  pool: Pool,
  permits: readonly ChosenPermit[],
  acceptedIds: readonly string[],
): Promise<ReadonlyMap<string, OpenPermitResult | LimitedPermit>> => {
  const opened = await open(pool, permits.map(toOperation), [...acceptedIds].sort())
  const rows = new Map(opened.map((row) => [row.op_id, row]))
  return new Map(
    permits.map(({ id }) => {
      const row = rows.get(id)
      return [id, row?.limits ? { outcome: 'limited', limits: row.limits } : toResult(row)]
    }),
  )
}

/** Opens those that something limits, as far as their budgets go. Answers by the ids of the permits. */
export const openPermitsUnderLimits = async (
  pool: Pool,
  permits: readonly { readonly permit: ChosenPermit; readonly limits: Limits }[],
): Promise<ReadonlyMap<string, OpenPermitResult>> => {
  const limited = permits.map(({ permit, limits }) => ({ row: toOperation(permit), limits }))
  const { rows: opened, exceeded } = await openLimitedPermits(pool, limited, open)
  const rows = new Map(opened.map((row) => [row.op_id, row]))
  return new Map(
    permits.map(({ permit: { id } }) => {
      const limit = exceeded.get(id)
      return [id, limit === undefined ? toResult(rows.get(id)) : { outcome: 'over_budget', limit }]
    }),
  )
}

/** A permit found under the id that was chosen for it is ours: the answer to its opening was lost. */
const toResult = (row: Row | undefined): OpenPermitResult =>
  row === undefined
    ? { outcome: 'denied' }
    : { outcome: row.is_opened || row.id === row.op_id ? 'opened' : 'found', permit: toPermit(row) }

const toOperation = (permit: ChosenPermit) => ({
  id: permit.id,
  job_id: permit.jobId,
  epoch: permit.epoch,
  attempt: permit.attempt,
  message_no: permit.messageNo,
  account_id: permit.accountId,
  provider_session_id: permit.providerSessionId,
  message_digest: permit.messageDigest,
  baseline: permit.baseline,
  credits_reserved: permit.creditsReserved,
})
