/** The intent rows of inputs on their way to the provider, whose upload is not idempotent (guarantees.md §2.2). */
import type { Pool } from 'pg'

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
  ): Promise<'fresh' | 'started' | 'acknowledged'>
  acknowledge(key: JobInputKey, providerUrl: string | null): Promise<void>
}

const startSql = `
WITH fresh AS (
  INSERT INTO job_inputs (job_id, no, provider_session_id, state, filename, hash)
  VALUES ($1, $2, $3, 'started', $4, $5)
  ON CONFLICT DO NOTHING
  RETURNING 'fresh' AS state
)
SELECT state FROM fresh
UNION ALL
SELECT state FROM job_inputs WHERE job_id = $1 AND no = $2 AND provider_session_id = $3`

export const createJobInputStore = ({ pool }: { pool: Pool }): JobInputStore => ({
  async start({ jobId, no, providerSessionId }, { filename, hash }) {
    const { rows } = await pool.query<{ state: 'fresh' | 'started' | 'acknowledged' }>(startSql, [
      jobId,
      no,
      providerSessionId,
      filename,
      hash,
    ])
    return rows[0]?.state ?? 'started'
  },
  async acknowledge({ jobId, no, providerSessionId }, providerUrl) {
    await pool.query(
      `UPDATE job_inputs SET state = 'acknowledged', acknowledged_at = now(), provider_url = $4
       WHERE job_id = $1 AND no = $2 AND provider_session_id = $3`,
      [jobId, no, providerSessionId, providerUrl],
    )
  },
})
