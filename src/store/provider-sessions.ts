import type { PrismaClient } from './generated/client.ts'

/** How many provider sessions were made for a job. */
export const countProviderSessions = (prisma: PrismaClient, jobId: string): Promise<number> =>
  prisma.providerSession.count({ where: { jobId } })
