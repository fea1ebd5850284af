/** Erasing what a finished job holds of its client (api.md §1, DELETE). A stub of the job and its bookings stay. */
import type { Pool } from 'pg'
import { finishedStates, isFinished, type JobState } from '../job/lifecycle.ts'
import type { AuditRecord } from './audit-log.ts'
import { inTransaction } from './in-transaction.ts'

export interface ErasureStore {
  /** Null for a job that is not there, or erased already. */
  find(tenantId: string, jobId: string): Promise<ErasableJob | null>
  /**
   * Erases all rows at once, with the entry of the audit log: the request, inputs, artifacts, texts of events and tries,
   * words in a conversation, bodies of
   * callbacks and of stored answers. Uploads that no other job takes go with it. Answers the keys of the files that no
   * row names any more, which are the caller's to delete; null when the job was erased, or put back in the queue, meanwhile.
   */
  erase(jobId: string, audit: AuditRecord): Promise<readonly string[] | null>
}

export interface ErasableJob {
  readonly isFinished: boolean
}

const findSql = 'SELECT state FROM jobs WHERE id = $1 AND tenant_id = $2 AND erased_at IS NULL'

/**
 * $1 job, $2 tenant. Whether another job takes the uploads is asked by the statement that comes after, which sees whoever
 * held these locks before: a job that was just made, or is erased just now.
 */
const lockSql = `
WITH job AS MATERIALIZED (SELECT id FROM jobs WHERE id = $1 AND tenant_id = $2 FOR UPDATE)
SELECT 1 FROM uploads
WHERE id = ANY (ARRAY(SELECT s.upload_id FROM job JOIN upload_uses s ON s.job_id = job.id))
ORDER BY id FOR UPDATE`

const finished = finishedStates.map((state) => `'${state}'`).join(', ')

/** What a stored answer has of the request. In the answer to a message the job is a part of it. */
const emptyRequest = `'{"prompt": "", "steps": [], "inputs": [], "output": {}, "metadata": {}, "tags": []}'::jsonb`

/** $1 job, $2 tenant, $3 to $6 the audit entry: id, time, key, request. */
const eraseSql = `
WITH erased AS MATERIALIZED (
  SELECT id, tenant_id FROM jobs
  WHERE id = $1 AND tenant_id = $2 AND state IN (${finished}) AND erased_at IS NULL
  FOR UPDATE
),
stub AS (
  UPDATE jobs j SET erased_at = now(), message = NULL, timeline = NULL, notes = '{}', warnings = '[]',
    failure_message = NULL, artifact_id = NULL, render_url = NULL
  FROM erased e WHERE j.id = e.id
),
requests AS (DELETE FROM job_requests q USING erased e WHERE q.job_id = e.id),
inputs AS (DELETE FROM job_inputs i USING erased e WHERE i.job_id = e.id),
artifacts AS (DELETE FROM artifacts a USING erased e WHERE a.job_id = e.id RETURNING a.storage_key),
uses AS (DELETE FROM upload_uses u USING erased e WHERE u.job_id = e.id RETURNING u.upload_id),
uploads AS (
  DELETE FROM uploads u USING uses
  WHERE u.id = uses.upload_id
    AND NOT EXISTS (SELECT 1 FROM upload_uses o WHERE o.upload_id = u.id AND o.job_id <> $1)
  RETURNING u.storage_key
),
events AS (
  UPDATE job_events v SET data = v.data || CASE v.type WHEN 'job.message' THEN '{"text": ""}' ELSE '{"message": ""}' END::jsonb
  FROM erased e WHERE v.job_id = e.id AND v.type IN ('job.message', 'job.retrying', 'job.failed')
),
attempts AS (UPDATE attempts t SET detail = '{}' FROM erased e WHERE t.job_id = e.id),
deliveries AS (
  UPDATE callback_deliveries d SET body = NULL, lease_until = NULL,
    state = CASE d.state WHEN 'waiting' THEN 'failed' ELSE d.state END
  FROM erased e WHERE d.job_id = e.id
  RETURNING d.id
),
tries AS (UPDATE callback_attempts t SET response_head = NULL FROM deliveries d WHERE t.delivery_id = d.id),
said AS (UPDATE session_messages m SET text = '' FROM erased e WHERE m.job_id = e.id AND m.role = 'user'),
answers AS (
  UPDATE idempotency_keys k
  SET body = CASE WHEN k.body ? 'job' THEN jsonb_set(k.body, '{job}', (k.body->'job') || ${emptyRequest})
    ELSE k.body || ${emptyRequest} END
  FROM erased e WHERE k.resource_id = e.id AND k.tenant_id = e.tenant_id
),
audited AS (
  INSERT INTO audit_log (id, at, key_id, tenant_id, action, subject_id, request_id)
  SELECT $3, $4, $5, e.tenant_id, 'job.erased', e.id, $6 FROM erased e
)
SELECT ARRAY(SELECT storage_key FROM artifacts UNION ALL SELECT storage_key FROM uploads) AS keys FROM erased`

export const createErasureStore = ({ pool }: { readonly pool: Pool }): ErasureStore => ({
  async find(tenantId, jobId) {
    const { rows } = await pool.query<{ state: JobState }>(findSql, [jobId, tenantId])
    const [row] = rows
    return row === undefined ? null : { isFinished: isFinished(row.state) }
  },

  erase: (jobId, { id, at, keyId, tenantId, requestId }) =>
    inTransaction(pool, async (connection) => {
      await connection.query(lockSql, [jobId, tenantId])
      const values = [jobId, tenantId, id, at, keyId, requestId]
      const { rows } = await connection.query<{ keys: string[] }>(eraseSql, values)
      return rows[0]?.keys ?? null
    }),
})
