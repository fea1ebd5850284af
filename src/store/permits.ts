/**
 * Permits: the intent rows without which no message is sent (guarantees.md §2.1-2). Opening one is fenced by the
 * job's lease; the database refuses a second open one for the same message or the same provider session.
 */
import type { Pool, PoolClient } from 'pg'
import type { Clock } from '../clock.ts'
import { newId } from '../job/ids.ts'
import { tryPatiently } from '../patience.ts'
import { createBatcher, shortRestMs } from './batcher.ts'
import type { BudgetLimit, Limits } from './budgets.ts'
import { databaseErrorKind, isConnectionError } from './database-error.ts'
import { type Disclaimer, isPermitDisclaimed, recordDisclaimer } from './disclaimers.ts'
import { openLimitedPermits } from './limited-permits.ts'
import { createPermitCompany } from './permit-company.ts'

export interface PermitBaseline {
  readonly fingerprint: string
  readonly available: number
  readonly frozen: number
}

export interface NewPermit {
  readonly jobId: string
  readonly epoch: number
  readonly attempt: number
  readonly messageNo: number
  readonly accountId: string
  readonly providerSessionId: string
  readonly messageDigest: string
  readonly baseline: PermitBaseline
  readonly creditsReserved: number
}

export interface PermitRow {
  readonly id: string
  readonly try: number
  readonly state: string
  readonly baseline: PermitBaseline
  readonly creditsReserved: number
}

export type OpenPermitResult =
  | { readonly outcome: 'opened' | 'found'; readonly permit: PermitRow }
  | { readonly outcome: 'denied' }
  /** A budget has less left than the message is estimated to cost; nothing was written. */
  | { readonly outcome: 'over_budget'; readonly limit: BudgetLimit }

export interface PermitStore {
  open(permit: NewPermit): Promise<OpenPermitResult>
  accept(permitId: string): Promise<void>
  /** Has no other message of the account been under way, or charged late, since the baseline of this permit? */
  wasAlone(permitId: string): Promise<boolean>
  /**
   * Says of a permit that was opened here that its message had no effect. Goes on until that is recorded; false when it
   * could not be, after which the message counts as one of unknown fate.
   */
  disclaim(permitId: string, disclaimer: Disclaimer): Promise<boolean>
  /** Did whoever opened the permit say that its message had no effect? */
  isDisclaimed(permitId: string): Promise<boolean>
  /** Permits of a job whose outcome is still open, newest first. */
  listOpen(jobId: string): Promise<readonly PermitRow[]>
  readonly stats: { readonly statements: number; readonly operations: number }
}

/**
 * The newest permit of the message decides: one that ended without effect allows another, any other one is found. A
 * lease that is gone, or a session with an open permit, leaves no row at all. A message under a limit is not opened but
 * returned with its limits, unless it comes with the budgets that it is reserved in.
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
    WHERE j.id = op.job_id AND j.epoch = op.epoch AND j.state = 'running' AND j.lease_until > now() OFFSET 0) held
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
)
SELECT op_id, id, try, state, baseline, credits_reserved, true AS is_opened, NULL::jsonb AS limits FROM opened
UNION ALL
SELECT op_id, id, try, state, baseline, credits_reserved, false, NULL FROM newest
WHERE state NOT IN ('not_sent', 'rejected', 'not_accepted')
UNION ALL
SELECT l.op_id, NULL, NULL, NULL, NULL, NULL, false, l.limits
FROM limited l LEFT JOIN newest n ON n.op_id = l.op_id
WHERE n.op_id IS NULL OR n.state IN ('not_sent', 'rejected', 'not_accepted')`

/**
 * A message that was given up while the provider may have gone on with it can still be charged for a while; one of
 * another job may have been charged between the reading of the baseline and the opening of the permit, but not one of
 * the same conversation, which comes to its end before. Two questions, so that each has its part of the index and
 * neither reads the account's history.
 */
const aloneSql = `
SELECT p.id FROM permits p
WHERE p.id = ANY ($1)
  AND NOT EXISTS (
    SELECT 1 FROM permits o
    WHERE o.account_id = p.account_id AND o.closed_at IS NULL AND o.id <> p.id
      AND o.state NOT IN ('not_sent', 'rejected'))
  AND NOT EXISTS (
    SELECT 1 FROM permits o
    WHERE o.account_id = p.account_id AND o.closed_at >= p.created_at - interval '20 minutes' AND o.id <> p.id
      AND o.state NOT IN ('not_sent', 'rejected')
      AND o.closed_at >= p.created_at - CASE
        WHEN o.state = 'unknown' OR o.detail ? 'interrupted' THEN interval '20 minutes'
        WHEN o.job_id <> p.job_id AND o.provider_session_id <> p.provider_session_id THEN interval '30 seconds'
        ELSE interval '0' END)`

const listOpenSql = `
SELECT id, try, state, baseline, credits_reserved FROM permits
WHERE job_id = $1 AND state IN ('open', 'accepted') ORDER BY created_at DESC`

interface Row {
  op_id: string
  id: string
  try: number
  state: string
  baseline: PermitBaseline
  credits_reserved: number
  is_opened: boolean
  /** Set, and then nothing but `op_id`, where the message is limited and was not opened for that. */
  limits?: Limits | null
}

const toPermit = (row: Omit<Row, 'op_id' | 'is_opened' | 'limits'>): PermitRow => ({
  id: row.id,
  try: row.try,
  state: row.state,
  baseline: row.baseline,
  creditsReserved: row.credits_reserved,
})

const open = async (connection: Pool | PoolClient, rows: readonly object[]): Promise<readonly Row[]> => {
  const opened = await connection.query<Row>({
    name: 'open-permits',
    text: openSql,
    values: [JSON.stringify(rows)],
  })
  return opened.rows
}

/** All at once, except those that something limits: they follow under the locks of their budgets. */
const openPermits = async (
  pool: Pool,
  permits: readonly (NewPermit & { readonly id: string })[],
): Promise<OpenPermitResult[]> => {
  const operations = permits.map(toOperation)
  const rows = new Map((await open(pool, operations)).map((row) => [row.op_id, row]))
  const limited = operations.flatMap((row) => {
    const limits = rows.get(row.id)?.limits ?? null
    return limits === null ? [] : [{ row, limits }]
  })
  if (limited.length === 0) return permits.map(({ id }) => toResult(rows.get(id)))
  const { rows: opened, exceeded } = await openLimitedPermits(pool, limited, open)
  for (const { row } of limited) rows.delete(row.id)
  for (const row of opened) rows.set(row.op_id, row)
  return permits.map(({ id }) => {
    const limit = exceeded.get(id)
    return limit === undefined ? toResult(rows.get(id)) : { outcome: 'over_budget', limit }
  })
}

/** A permit found under the id that was chosen for it is ours: the answer to its opening was lost. */
const toResult = (row: Row | undefined): OpenPermitResult =>
  row === undefined
    ? { outcome: 'denied' }
    : { outcome: row.is_opened || row.id === row.op_id ? 'opened' : 'found', permit: toPermit(row) }

const patienceMs = 10_000
const disclaimingMs = 10 * 60_000
const againAfterMs = 200

/** Asks again when the connection or a race was lost: the ids make it safe, whatever was carried out. */
const askPatiently = async <T>(clock: Clock, ask: () => Promise<T>): Promise<T> => {
  const startedMs = clock.monotonicMs()
  for (;;) {
    try {
      return await ask()
    } catch (error) {
      if (databaseErrorKind(error) === 'other' || clock.monotonicMs() - startedMs > patienceMs) throw error
      await new Promise<void>((resolve) => {
        clock.after(againAfterMs, resolve)
      })
    }
  }
}

export const createPermitStore = ({ pool, clock }: { pool: Pool; clock: Clock }): PermitStore => {
  const company = createPermitCompany()
  const rest = { clock, ms: shortRestMs }
  const opening = createBatcher<NewPermit & { readonly id: string }, OpenPermitResult>({
    maxBatch: 200,
    maxInFlight: 2,
    isFatal: isConnectionError,
    rest,
    flush: (permits) => openPermits(pool, permits),
  })

  const accepting = createBatcher<string, void>({
    maxBatch: 500,
    maxInFlight: 2,
    isFatal: isConnectionError,
    rest,
    async flush(ids) {
      await pool.query({
        name: 'accept-permits',
        text: `UPDATE permits SET state = 'accepted', accepted_at = now() WHERE id = ANY ($1) AND state = 'open'`,
        values: [[...ids].sort()],
      })
      return ids.map(() => undefined)
    },
  })

  const asking = createBatcher<string, boolean>({
    maxBatch: 500,
    maxInFlight: 1,
    isFatal: isConnectionError,
    async flush(ids) {
      const { rows } = await pool.query<{ id: string }>({
        name: 'find-lonely-permits',
        text: aloneSql,
        values: [ids],
      })
      const alone = new Set(rows.map(({ id }) => id))
      return ids.map((id) => alone.has(id))
    },
  })

  const disclaim: PermitStore['disclaim'] = (permitId, disclaimer) =>
    tryPatiently({ clock, forMs: disclaimingMs }, () => recordDisclaimer(pool, permitId, disclaimer)).then(
      () => true,
      () => false,
    )

  return {
    disclaim,
    isDisclaimed: (permitId) => isPermitDisclaimed(pool, permitId),
    async open(permit) {
      const chosen = { ...permit, id: newId('permit', clock.nowMs()) }
      const result = await askPatiently(clock, () => opening.run(chosen)).catch((error: unknown) => {
        // It may have been written all the same, and nobody will ever send on it.
        void disclaim(chosen.id, { state: 'not_sent', detail: { cause: 'the permit was never heard of' } })
        throw error
      })
      if (result.outcome === 'opened') company.open(result.permit.id, permit.accountId)
      return result
    },
    async accept(permitId) {
      await askPatiently(clock, () => accepting.run(permitId))
      company.accept(permitId)
    },
    wasAlone: async (permitId) => !company.hadCompany(permitId) && (await asking.run(permitId)),
    async listOpen(jobId) {
      const { rows } = await pool.query<Row>(listOpenSql, [jobId])
      return rows.map(toPermit)
    },
    get stats() {
      return {
        statements: [opening, accepting, asking].reduce((sum, { stats }) => sum + stats.statements, 0),
        operations: [opening, accepting, asking].reduce((sum, { stats }) => sum + stats.operations, 0),
      }
    },
  }
}

const toOperation = (permit: NewPermit & { readonly id: string }) => ({
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
