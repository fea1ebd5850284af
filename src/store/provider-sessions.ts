import type { Pool } from 'pg'
import type { PrismaClient } from './generated/client.ts'

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

/** Has no message that may count been sent in the job's provider session, and no file by another job? */
export const isProviderSessionUnused = async (
  pool: Pool,
  job: {
    readonly id: string
    readonly sessionId: string | null
    readonly providerSessionId: string | null
  },
): Promise<boolean> => {
  const values = [job.providerSessionId, job.id, job.sessionId]
  const { rows } = await pool.query<{ is_unused: boolean }>(isUnusedSql, values)
  return rows[0]?.is_unused === true
}
