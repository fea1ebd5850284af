/** What is read of jobs for their clients, and the wish to cancel one. Their state is written by the writer alone. */
import type { Pool } from 'pg'
import {
  type JobRecord,
  type JobRecordRow,
  jobRecordColumns,
  jobRecordTables,
  toJobRecord,
} from './job-record.ts'

/** Filters of a list; each that is left out lets everything through. Several values of one filter mean any of them. */
export interface JobFilter {
  readonly ids?: readonly string[]
  readonly states?: readonly string[]
  readonly stages?: readonly string[]
  readonly skills?: readonly string[]
  readonly tags?: readonly string[]
  readonly batchIds?: readonly string[]
  readonly sessionIds?: readonly string[]
  readonly purposes?: readonly string[]
  readonly failureCodes?: readonly string[]
  readonly createdAfter?: Date
  readonly createdBefore?: Date
  /** Every pair must be there; several values of one key mean any of them. */
  readonly metadata?: Readonly<Record<string, readonly string[]>>
}

/** The place of a job in the list, newest first. */
export interface ListCursor {
  readonly createdAt: Date
  readonly id: string
}

export interface JobStore {
  find(tenantId: string, jobId: string): Promise<JobRecord | null>
  /** At most `limit` jobs, newest first, after the cursor. */
  list(
    tenantId: string,
    filter: JobFilter,
    page: { limit: number; after: ListCursor | null },
  ): Promise<JobRecord[]>
  /** Has the provider something open for the job: a message under way or undecided, or a render? */
  hasOpenWork(jobId: string): Promise<boolean>
  /** Asks the holder to cancel; a waiting job becomes due at once. False when the job has ended. */
  requestCancel(tenantId: string, jobId: string): Promise<boolean>
}

const findSql = `SELECT ${jobRecordColumns} FROM ${jobRecordTables} WHERE j.id = $1 AND j.tenant_id = $2`

const openWorkSql = `
SELECT EXISTS (SELECT 1 FROM permits WHERE job_id = $1 AND state IN ('open', 'accepted', 'unknown'))
    OR EXISTS (SELECT 1 FROM jobs WHERE id = $1 AND stage IN ('export', 'render') AND render_id IS NOT NULL) AS is_open`

const requestCancelSql = `
UPDATE jobs SET
  cancel_requested_at = COALESCE(cancel_requested_at, now()),
  due_at = CASE WHEN state = 'waiting' THEN LEAST(due_at, now()) ELSE due_at END
WHERE id = $1 AND tenant_id = $2 AND finished_at IS NULL
RETURNING id`

export const createJobStore = ({ pool }: { readonly pool: Pool }): JobStore => ({
  async find(tenantId, jobId) {
    const { rows } = await pool.query<JobRecordRow>({
      name: 'find-job',
      text: findSql,
      values: [jobId, tenantId],
    })
    return rows[0] === undefined ? null : toJobRecord(rows[0])
  },

  async list(tenantId, filter, page) {
    const { text, values } = toListQuery(tenantId, filter, page)
    const { rows } = await pool.query<JobRecordRow>(text, values)
    return rows.map(toJobRecord)
  },

  async hasOpenWork(jobId) {
    const { rows } = await pool.query<{ is_open: boolean }>(openWorkSql, [jobId])
    return rows[0]?.is_open === true
  },

  async requestCancel(tenantId, jobId) {
    const { rowCount } = await pool.query(requestCancelSql, [jobId, tenantId])
    return rowCount === 1
  },
})

const toListQuery = (
  tenantId: string,
  filter: JobFilter,
  { limit, after }: { readonly limit: number; readonly after: ListCursor | null },
): { text: string; values: unknown[] } => {
  const values: unknown[] = []
  const param = (value: unknown): string => `$${values.push(value)}`
  const anyOf = (column: string, accepted: readonly string[] | undefined): string[] =>
    accepted === undefined ? [] : [`${column} = ANY (${param(accepted)})`]
  const conditions = [
    `j.tenant_id = ${param(tenantId)}`,
    ...(after === null ? [] : [`(j.created_at, j.id) < (${param(after.createdAt)}, ${param(after.id)})`]),
    ...anyOf('j.id', filter.ids),
    ...anyOf('j.state', filter.states),
    ...anyOf('j.stage', filter.stages),
    ...anyOf('j.skill', filter.skills),
    ...anyOf('j.batch_id', filter.batchIds),
    ...anyOf('j.session_id', filter.sessionIds),
    ...anyOf('q.purpose', filter.purposes),
    ...anyOf('j.failure_code', filter.failureCodes),
    ...(filter.tags === undefined ? [] : [`q.tags && ${param(filter.tags)}::text[]`]),
    ...(filter.createdAfter === undefined ? [] : [`j.created_at > ${param(filter.createdAfter)}`]),
    ...(filter.createdBefore === undefined ? [] : [`j.created_at < ${param(filter.createdBefore)}`]),
    ...Object.entries(filter.metadata ?? {}).map(
      ([key, accepted]) =>
        `(${accepted.map((value) => `q.metadata @> ${param(JSON.stringify({ [key]: value }))}::jsonb`).join(' OR ')})`,
    ),
  ]
  const text = `SELECT ${jobRecordColumns} FROM ${jobRecordTables} WHERE ${conditions.join(' AND ')}
ORDER BY j.created_at DESC, j.id DESC LIMIT ${param(limit)}`
  return { text, values }
}
