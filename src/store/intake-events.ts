import type { Pool } from 'pg'
import type { PrismaClient } from './generated/client.ts'

/** An event as its sender names it. */
export interface IntakeEventId {
  readonly intakeId: string
  readonly eventId: string
}

/** An event as it is remembered. */
export interface NewIntakeEvent extends IntakeEventId {
  /** SHA-256 of a body that was signed without the event's id; null where the id says enough. */
  readonly bodyDigest: string | null
}

/** Which events have become which jobs. The row of a new job's event is written by the statement that creates the job. */
export interface IntakeEventStore {
  /** The job that the event has become. */
  findJob(event: IntakeEventId): Promise<string | null>
  /**
   * The job that an event with that very body has become within the last seconds, whatever its id. A body that came
   * longer ago is forgotten, so that it may come again.
   */
  findJobOfBody(intakeId: string, bodyDigest: string, withinS: number): Promise<string | null>
  /** The event belongs to a job that was there before. */
  record(event: NewIntakeEvent, jobId: string): Promise<void>
}

const findBodySql = `
SELECT job_id, received_at > now() - $3 * interval '1 second' AS is_recent
FROM intake_events WHERE intake_id = $1 AND body_digest = $2`

const forgetBodySql = `
UPDATE intake_events SET body_digest = NULL
WHERE intake_id = $1 AND body_digest = $2 AND received_at <= now() - $3 * interval '1 second'`

export const createIntakeEventStore = ({
  pool,
  prisma,
}: {
  readonly pool: Pool
  readonly prisma: PrismaClient
}): IntakeEventStore => ({
  async findJob(event) {
    const row = await prisma.intakeEvent.findUnique({
      where: { intakeId_eventId: event },
      select: { jobId: true },
    })
    return row?.jobId ?? null
  },
  async findJobOfBody(intakeId, bodyDigest, withinS) {
    const values = [intakeId, bodyDigest, withinS]
    const { rows } = await pool.query<{ job_id: string; is_recent: boolean }>(findBodySql, values)
    const [row] = rows
    if (row?.is_recent === true) return row.job_id
    if (row !== undefined) await pool.query(forgetBodySql, values)
    return null
  },
  async record(event, jobId) {
    await prisma.intakeEvent.createMany({ data: [{ ...event, jobId }], skipDuplicates: true })
  },
})
