/** Events that did not become jobs: kept with their bodies until they do, are deleted, or their retention ends. */
import type { Pool } from 'pg'
import type { AuditRecord } from './audit-log.ts'
import type { IntakeEventId } from './intake-events.ts'
import type { ListPage } from './list-order.ts'

export interface FailureRecord {
  readonly id: string
  readonly intakeId: string
  readonly eventId: string
  readonly problem: FailureProblem
  readonly contentType: string
  /** How often it was tried. */
  readonly tries: number
  /** The job that it became at last. */
  readonly jobId: string | null
  readonly createdAt: Date
  readonly triedAt: Date
  readonly expiresAt: Date
}

export interface FailureProblem {
  readonly code: string
  readonly detail: string
  readonly errors: readonly { readonly pointer: string; readonly code: string; readonly detail: string }[]
}

/** With the body as it came; null once it has become a job. */
export interface KeptFailure extends FailureRecord {
  readonly payload: Buffer | null
}

/** An event as it came. */
export interface ReceivedEvent extends IntakeEventId {
  readonly payload: Buffer
  /** For so long, the same body is the same event under whatever id; 0 where ids can be believed. */
  readonly replayWindowS: number
}

export interface NewFailure extends ReceivedEvent {
  readonly id: string
  readonly tenantId: string
  readonly problem: FailureProblem
  readonly contentType: string
}

export interface IntakeFailureStore {
  /** Keeps it, or counts one more try of what is kept: its id. Null when the intake keeps too many already. */
  keep(failure: NewFailure): Promise<string | null>
  find(tenantId: string, intakeId: string, failureId: string): Promise<KeptFailure | null>
  list(
    tenantId: string,
    intakeId: string,
    filter: { readonly isOpen: boolean | null },
    page: ListPage,
  ): Promise<FailureRecord[]>
  /** It has become a job: its body goes. Does nothing where nothing is kept. */
  resolve(event: ReceivedEvent, jobId: string): Promise<void>
  /** Nothing is to become of it after all. */
  drop(event: ReceivedEvent): Promise<void>
  delete(tenantId: string, intakeId: string, failureId: string, audit: AuditRecord): Promise<boolean>
}

/** Of one intake: whatever more comes is refused, and its sender tries again. */
const mostFailures = 1_000
const mostFailureBytes = 64 * 1024 * 1024

/**
 * $1 intake, $2 event, $3 payload, $4 replay window: what is kept of that event, by its id, or by its body, under which
 * it may have come with another id.
 */
const isKept = `(intake_id = $1 AND (event_id = $2
  OR (created_at > now() - $4 * interval '1 second' AND job_id IS NULL AND expires_at > now() AND payload = $3)))`

/**
 * $5 id, $6 tenant, $7 problem, $8 content type. Nobody fills the place with copies of what was captured once: `same` is
 * the id under which the event is kept already.
 */
const keepSql = `
WITH same AS (
  SELECT COALESCE((
    SELECT event_id FROM intake_failures WHERE ${isKept}
    ORDER BY event_id <> $2, created_at LIMIT 1), $2) AS event_id
),
expired AS (
  DELETE FROM intake_failures
  WHERE intake_id = $1 AND event_id <> (SELECT event_id FROM same) AND expires_at <= now()
),
kept AS (
  SELECT count(*) AS failures, COALESCE(sum(octet_length(payload)), 0) AS bytes,
    COALESCE(bool_or(event_id = (SELECT event_id FROM same)), false) AS is_known
  FROM intake_failures WHERE intake_id = $1 AND job_id IS NULL AND expires_at > now()
)
INSERT INTO intake_failures AS f (id, intake_id, tenant_id, event_id, problem, content_type, payload, expires_at)
SELECT $5, $1, $6, same.event_id, $7::jsonb, $8, $3, now() + t.retention_days * interval '1 day'
FROM same, kept, tenants t
WHERE t.id = $6
  AND (kept.is_known OR (kept.failures < ${mostFailures} AND kept.bytes + octet_length($3::bytea) <= ${mostFailureBytes}))
ON CONFLICT (intake_id, event_id) DO UPDATE SET problem = EXCLUDED.problem, content_type = EXCLUDED.content_type,
  payload = EXCLUDED.payload, tries = f.tries + 1, tried_at = now(), expires_at = EXCLUDED.expires_at, job_id = NULL
RETURNING id`

/** $5 job. */
const resolveSql = `
UPDATE intake_failures SET job_id = $5, payload = NULL, tried_at = now()
WHERE ${isKept} AND job_id IS NULL`

const dropSql = `DELETE FROM intake_failures WHERE ${isKept}`

const columns = `id, intake_id AS "intakeId", event_id AS "eventId", problem, content_type AS "contentType", tries,
  job_id AS "jobId", created_at AS "createdAt", tried_at AS "triedAt", expires_at AS "expiresAt"`

const findSql = `
SELECT ${columns}, payload FROM intake_failures
WHERE id = $3 AND intake_id = $2 AND tenant_id = $1 AND expires_at > now()`

/** $3 open ones, resolved ones, or all (null); $4 and $5 the place after which to go on; $6 how many. */
const listSql = `
SELECT ${columns} FROM intake_failures
WHERE intake_id = $2 AND tenant_id = $1 AND expires_at > now()
  AND ($3::boolean IS NULL OR (job_id IS NULL) = $3)
  AND ($4::timestamptz IS NULL OR (created_at, id) < ($4, $5))
ORDER BY created_at DESC, id DESC LIMIT $6`

const deleteSql = `
WITH removed AS (
  DELETE FROM intake_failures WHERE id = $3 AND intake_id = $2 AND tenant_id = $1 RETURNING id
)
INSERT INTO audit_log (id, at, key_id, tenant_id, action, subject_id, request_id)
SELECT $4, $5, $6, $1, $7, removed.id, $8 FROM removed`

const namesOf = ({ intakeId, eventId, payload, replayWindowS }: ReceivedEvent): unknown[] => [
  intakeId,
  eventId,
  payload,
  replayWindowS,
]

export const createIntakeFailureStore = ({ pool }: { readonly pool: Pool }): IntakeFailureStore => ({
  async keep({ id, tenantId, problem, contentType, ...event }) {
    const values = [...namesOf(event), id, tenantId, JSON.stringify(problem), contentType]
    const { rows } = await pool.query<{ id: string }>(keepSql, values)
    return rows[0]?.id ?? null
  },

  async find(tenantId, intakeId, id) {
    const { rows } = await pool.query<KeptFailure>(findSql, [tenantId, intakeId, id])
    return rows[0] ?? null
  },

  async list(tenantId, intakeId, { isOpen }, { limit, after }) {
    const values = [tenantId, intakeId, isOpen, after?.createdAt ?? null, after?.id ?? null, limit]
    const { rows } = await pool.query<FailureRecord>(listSql, values)
    return rows
  },

  async resolve(event, jobId) {
    await pool.query(resolveSql, [...namesOf(event), jobId])
  },

  async drop(event) {
    await pool.query(dropSql, namesOf(event))
  },

  async delete(tenantId, intakeId, failureId, { id, at, keyId, action, requestId }) {
    const values = [tenantId, intakeId, failureId, id, at, keyId, action, requestId]
    const { rowCount } = await pool.query(deleteSql, values)
    return rowCount === 1
  },
})
