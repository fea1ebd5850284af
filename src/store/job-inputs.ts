/** The intent rows of inputs on their way to the provider, whose upload is not idempotent (guarantees.md §2.2). */
import type { Pool } from 'pg'
import type { Clock } from '../clock.ts'
import { createBatcher, shortRestMs } from './batcher.ts'
import { isConnectionError } from './database-error.ts'
import { toJsonb } from './jsonb.ts'

export interface JobInputKey {
  readonly jobId: string
  readonly no: number
  readonly providerSessionId: string
}

export interface JobInputStore {
  /** Records that input `no` is about to be handed over; says what was recorded before. */
  start(
    key: JobInputKey,
    input: { readonly filename: string | null; readonly hash: string | null },
  ): Promise<JobInputState>
  acknowledge(key: JobInputKey, providerUrl: string | null): Promise<void>
}

type JobInputState = 'fresh' | 'started' | 'acknowledged'

/** The rows of earlier starts are looked up one by one: a set of unknown size would be joined with the whole table. */
const startSql = `
WITH op AS MATERIALIZED (
  SELECT * FROM jsonb_to_recordset($1::jsonb) AS op(
    job_id text, no int, provider_session_id text, filename text, hash text)
  ORDER BY job_id, no
),
fresh AS (
  INSERT INTO job_inputs (job_id, no, provider_session_id, state, filename, hash)
  SELECT job_id, no, provider_session_id, 'started', filename, hash FROM op
  ON CONFLICT DO NOTHING
  RETURNING job_id, no, provider_session_id
)
SELECT job_id, no, provider_session_id, 'fresh' AS state FROM fresh
UNION ALL
SELECT op.job_id, op.no, op.provider_session_id, before.state
FROM op CROSS JOIN LATERAL (
  SELECT i.state FROM job_inputs i
  WHERE i.job_id = op.job_id AND i.no = op.no AND i.provider_session_id = op.provider_session_id
  OFFSET 0
) before`

const acknowledgeSql = `
WITH op AS MATERIALIZED (
  SELECT * FROM jsonb_to_recordset($1::jsonb) AS op(
    job_id text, no int, provider_session_id text, provider_url text)
  ORDER BY job_id, no
)
UPDATE job_inputs i SET state = 'acknowledged', acknowledged_at = now(), provider_url = op.provider_url
FROM op WHERE i.job_id = op.job_id AND i.no = op.no AND i.provider_session_id = op.provider_session_id`

interface Row {
  job_id: string
  no: number
  provider_session_id: string
  state: JobInputState
}

interface Started extends JobInputKey {
  readonly filename: string | null
  readonly hash: string | null
}

interface Acknowledged extends JobInputKey {
  readonly providerUrl: string | null
}

export const createJobInputStore = ({ pool, clock }: { pool: Pool; clock: Clock }): JobInputStore => {
  const rest = { clock, ms: shortRestMs }
  const starts = createBatcher<Started, JobInputState>({
    maxBatch: 200,
    maxInFlight: 2,
    isFatal: isConnectionError,
    rest,
    async flush(inputs) {
      const operations = inputs.map(({ filename, hash, ...key }) => ({ ...toColumns(key), filename, hash }))
      const { rows } = await pool.query<Row>({
        name: 'start-inputs',
        text: startSql,
        values: [toJsonb(operations)],
      })
      const states = new Map(rows.map((row) => [nameOf(row), row.state]))
      return operations.map((row) => states.get(nameOf(row)) ?? 'started')
    },
  })

  const acknowledgments = createBatcher<Acknowledged, void>({
    maxBatch: 200,
    maxInFlight: 2,
    isFatal: isConnectionError,
    rest,
    async flush(inputs) {
      const operations = inputs.map(({ providerUrl, ...key }) => ({
        ...toColumns(key),
        provider_url: providerUrl,
      }))
      await pool.query({
        name: 'acknowledge-inputs',
        text: acknowledgeSql,
        values: [toJsonb(operations)],
      })
      return inputs.map(() => undefined)
    },
  })

  return {
    start: (key, { filename, hash }) => starts.run({ ...key, filename, hash }),
    acknowledge: (key, providerUrl) => acknowledgments.run({ ...key, providerUrl }),
  }
}

const toColumns = ({ jobId, no, providerSessionId }: JobInputKey) => ({
  job_id: jobId,
  no,
  provider_session_id: providerSessionId,
})

const nameOf = (row: Omit<Row, 'state'>): string =>
  JSON.stringify([row.job_id, row.no, row.provider_session_id])
