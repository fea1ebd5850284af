import type { Pool } from 'pg'
import type { JobInSession } from './provider-sessions.ts'

/** A message of an earlier job of a conversation that was given up: the provider may still be at it. */
export interface StrayMessage {
  /** Of the session before the message. */
  readonly fingerprint: string
  /** Milliseconds since it was given up. */
  readonly ageMs: number
}

/** $1 provider session, $2 the job that asks, $3 its conversation. */
const findSql = `
SELECT p.baseline->>'fingerprint' AS fingerprint, (extract(epoch FROM now() - p.closed_at) * 1000)::float8 AS age_ms
FROM jobs j JOIN permits p ON p.job_id = j.id
WHERE j.session_id = $3 AND j.id <> $2 AND p.provider_session_id = $1
  AND (p.state = 'unknown' OR p.detail ? 'interrupted') AND p.closed_at > now() - interval '1 hour'
ORDER BY p.closed_at DESC LIMIT 1`

export const findStrayMessage = async (pool: Pool, job: JobInSession): Promise<StrayMessage | null> => {
  const values = [job.providerSessionId, job.id, job.sessionId]
  const { rows } = await pool.query<{ fingerprint: string; age_ms: number }>(findSql, values)
  const [row] = rows
  return row === undefined ? null : { fingerprint: row.fingerprint, ageMs: row.age_ms }
}
