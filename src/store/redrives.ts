import type { Pool } from 'pg'
import type { Job } from '../job/job.ts'
import type { PermitState } from '../job/outcome.ts'
import type { JobPurpose } from '../job/plan.ts'
import type { GoneUpload, RecordedPermit, Redrivable } from '../job/redrive-stage.ts'

/** What the decision over a redrive is made from. */
export interface RedriveRecord {
  readonly job: Redrivable['job'] & Pick<Job, 'id' | 'seq'>
  /** The account that it was done with; null where it came to none. */
  readonly accountId: string | null
  readonly skill: string
  readonly purpose: JobPurpose
  readonly messageCount: number
  readonly hasInputs: boolean
  /** Of all attempts, newest first. */
  readonly permits: readonly RecordedPermit[]
  readonly goneUploads: readonly GoneUpload[]
  /** Uploads among the inputs that are still there. */
  readonly uploadIds: readonly string[]
  /** The provider no longer knows the conversation of the job. */
  readonly isSessionLost: boolean
}

export interface RedriveStore {
  find(tenantId: string, jobId: string): Promise<RedriveRecord | null>
}

/** A conversation that has moved to another provider session has left what the job did in the one before. */
const findSql = `
SELECT j.id, j.state, j.stage, j.message_no, j.seq, j.attempt, j.session_id, j.render_id, j.account_id,
  CASE WHEN s.id IS NULL OR s.provider_session_id = j.provider_session_id THEN j.provider_session_id END
    AS provider_session_id, s.lost_at IS NOT NULL AS is_session_lost,
  j.failure_code, j.warnings, j.skill, q.purpose, 1 + cardinality(q.steps) AS message_count,
  jsonb_array_length(q.inputs) > 0 AS has_inputs,
  jsonb_path_query_array(q.inputs, '$[*].upload_id') AS upload_ids,
  (SELECT COALESCE(jsonb_agg(to_jsonb(p) ORDER BY p.attempt DESC, p.message_no DESC, p.try DESC), '[]')
   FROM permits p WHERE p.job_id = j.id) AS permits,
  (SELECT COALESCE(jsonb_agg(jsonb_build_object('index', i.no - 1, 'uploadId', i.input->>'upload_id',
     'isHandedOver', EXISTS (
       SELECT 1 FROM job_inputs h
       WHERE h.job_id = j.id AND h.no = i.no - 1 AND h.provider_session_id = j.provider_session_id)) ORDER BY i.no), '[]')
   FROM jsonb_array_elements(q.inputs) WITH ORDINALITY AS i(input, no)
   WHERE i.input->>'upload_id' IS NOT NULL AND NOT EXISTS (
     SELECT 1 FROM uploads u WHERE u.id = i.input->>'upload_id' AND u.tenant_id = j.tenant_id
       AND (u.expires_at IS NULL OR u.expires_at > now()))) AS gone_uploads
FROM jobs j JOIN job_requests q ON q.job_id = j.id LEFT JOIN sessions s ON s.id = j.session_id
WHERE j.id = $1 AND j.tenant_id = $2`

interface Row {
  id: string
  state: string
  stage: string
  message_no: number
  seq: number
  attempt: number
  session_id: string | null
  account_id: string | null
  provider_session_id: string | null
  render_id: string | null
  failure_code: string | null
  warnings: Job['warnings']
  skill: string
  purpose: string
  message_count: number
  has_inputs: boolean
  permits: PermitRow[]
  upload_ids: string[]
  gone_uploads: GoneUpload[]
  is_session_lost: boolean
}

interface PermitRow {
  id: string
  message_no: number
  state: string
  provider_session_id: string
  baseline: { fingerprint: string }
  credits_reserved: number
  credits_settled: number | null
  detail: { interrupted?: boolean }
}

export const createRedriveStore = ({ pool }: { readonly pool: Pool }): RedriveStore => ({
  async find(tenantId, jobId) {
    const { rows } = await pool.query<Row>({ name: 'find-redrive', text: findSql, values: [jobId, tenantId] })
    return rows[0] === undefined ? null : toRecord(rows[0])
  },
})

const toRecord = (row: Row): RedriveRecord => ({
  job: {
    id: row.id,
    state: row.state as Job['state'],
    stage: row.stage as Job['stage'],
    messageNo: row.message_no,
    seq: row.seq,
    attempt: row.attempt,
    sessionId: row.session_id,
    providerSessionId: row.provider_session_id,
    renderId: row.render_id,
    failureCode: row.failure_code as Job['failureCode'],
    warnings: row.warnings,
  },
  accountId: row.account_id,
  skill: row.skill,
  purpose: row.purpose as JobPurpose,
  messageCount: row.message_count,
  hasInputs: row.has_inputs,
  permits: row.permits.map(toPermit),
  goneUploads: row.gone_uploads,
  uploadIds: row.upload_ids.filter((id) => !row.gone_uploads.some(({ uploadId }) => uploadId === id)),
  isSessionLost: row.is_session_lost,
})

const toPermit = (row: PermitRow): RecordedPermit => ({
  id: row.id,
  messageNo: row.message_no,
  state: row.state as PermitState,
  providerSessionId: row.provider_session_id,
  fingerprint: row.baseline.fingerprint,
  creditsReserved: row.credits_reserved,
  creditsSettled: row.credits_settled,
  isInterrupted: row.detail.interrupted === true,
})
