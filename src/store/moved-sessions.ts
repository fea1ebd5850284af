import type { Pool } from 'pg'
import type { JobInSession } from './provider-sessions.ts'

/** $1 the permit, $2 the job that asks, $3 its conversation. */
const hasMovedOnSql = `
SELECT EXISTS (
  SELECT 1 FROM jobs j JOIN permits o ON o.job_id = j.id
  WHERE j.session_id = $3 AND j.id <> $2 AND o.provider_session_id = p.provider_session_id
    AND o.created_at >= p.created_at AND o.state NOT IN ('not_sent', 'rejected', 'not_accepted')
) OR EXISTS (
  SELECT 1 FROM jobs j JOIN job_inputs i ON i.job_id = j.id
  WHERE j.session_id = $3 AND j.id <> $2 AND i.provider_session_id = p.provider_session_id
    AND i.started_at >= p.created_at
) AS has_moved_on
FROM permits p WHERE p.id = $1`

/** Has another job of the conversation sent a message that may count, or handed over a file, since that permit was opened? */
export const hasSessionMovedOn = async (
  pool: Pool,
  job: JobInSession,
  permitId: string,
): Promise<boolean> => {
  if (job.sessionId === null) return false
  const values = [permitId, job.id, job.sessionId]
  const { rows } = await pool.query<{ has_moved_on: boolean }>(hasMovedOnSql, values)
  return rows[0]?.has_moved_on === true
}
