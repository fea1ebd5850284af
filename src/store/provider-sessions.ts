import type { Pool } from 'pg'
import type { PrismaClient } from './generated/client.ts'

/** A job as the provider session of its conversation knows it. */
export interface JobInSession {
  readonly id: string
  readonly sessionId: string | null
  readonly providerSessionId: string | null
}

/** How many provider sessions were made for a job. */
export const countProviderSessions = (prisma: PrismaClient, jobId: string): Promise<number> =>
  prisma.providerSession.count({ where: { jobId } })

/** $1 provider session, $2 the job that asks, which has no message under way, $3 its conversation. */
const isUnusedSql = `
SELECT NOT EXISTS (
  SELECT 1 FROM jobs j JOIN permits p ON p.job_id = j.id
  WHERE j.session_id = $3 AND p.provider_session_id = $1 AND p.state NOT IN ('not_sent', 'rejected', 'not_accepted')
    AND (p.job_id <> $2 OR p.state <> 'open')
) AND NOT EXISTS (
  SELECT 1 FROM jobs j JOIN job_inputs i ON i.job_id = j.id
  WHERE j.session_id = $3 AND j.id <> $2 AND i.provider_session_id = $1
) AS is_unused`

/** $1 provider session, $2 the job that asks, $3 its conversation, $4 the name. */
const countEarlierSql = `
SELECT count(*)::int AS inputs FROM jobs j JOIN job_inputs i ON i.job_id = j.id
WHERE j.session_id = $3 AND j.id <> $2 AND i.provider_session_id = $1 AND i.filename = $4
  AND i.state = 'acknowledged'`

/** How many files of a name earlier jobs of the conversation have handed over to the job's provider session. */
export const countEarlierInputs = async (
  pool: Pool,
  job: JobInSession,
  filename: string,
): Promise<number> => {
  if (job.sessionId === null) return 0
  const values = [job.providerSessionId, job.id, job.sessionId, filename]
  const { rows } = await pool.query<{ inputs: number }>(countEarlierSql, values)
  return rows[0]?.inputs ?? 0
}

/** Has no message that may count been sent in the job's provider session, and no file by another job? */
export const isProviderSessionUnused = async (pool: Pool, job: JobInSession): Promise<boolean> => {
  const values = [job.providerSessionId, job.id, job.sessionId]
  const { rows } = await pool.query<{ is_unused: boolean }>(isUnusedSql, values)
  return rows[0]?.is_unused === true
}
