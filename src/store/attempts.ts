import type { PrismaClient } from './generated/client.ts'

/** One try of one stage, as it ended. */
export interface AttemptRecord {
  readonly attempt: number
  readonly stage: string
  readonly messageNo: number
  readonly try: number
  readonly outcome: string
  readonly failureCode: string | null
  readonly detail: unknown
  readonly startedAt: Date
  readonly finishedAt: Date
}

export interface AttemptStore {
  /** Every try of every stage of a job, oldest first. The caller has checked whose job it is. */
  listOfJob(jobId: string): Promise<AttemptRecord[]>
}

export const createAttemptStore = ({ prisma }: { readonly prisma: PrismaClient }): AttemptStore => ({
  listOfJob: (jobId) =>
    prisma.attempt.findMany({
      where: { jobId },
      orderBy: { id: 'asc' },
      select: {
        attempt: true,
        stage: true,
        messageNo: true,
        try: true,
        outcome: true,
        failureCode: true,
        detail: true,
        startedAt: true,
        finishedAt: true,
      },
    }),
})
