import type { PrismaClient } from './generated/client.ts'

/** An event as its sender names it. */
export interface IntakeEventId {
  readonly intakeId: string
  readonly eventId: string
}

/** Which events have become which jobs. The row of a new job's event is written by the statement that creates the job. */
export interface IntakeEventStore {
  /** The job that the event has become. */
  findJob(event: IntakeEventId): Promise<string | null>
  /** The event belongs to a job that was there before. */
  record(event: IntakeEventId, jobId: string): Promise<void>
}

export const createIntakeEventStore = ({ prisma }: { readonly prisma: PrismaClient }): IntakeEventStore => ({
  async findJob(event) {
    const row = await prisma.intakeEvent.findUnique({
      where: { intakeId_eventId: event },
      select: { jobId: true },
    })
    return row?.jobId ?? null
  },
  async record(event, jobId) {
    await prisma.intakeEvent.createMany({ data: [{ ...event, jobId }], skipDuplicates: true })
  },
})
