import type { PrismaClient } from './generated/client.ts'
import type { JobArtifact } from './job-record.ts'

export interface ArtifactRecord extends JobArtifact {
  readonly jobId: string
  readonly tenantId: string
  readonly storageKey: string
  readonly createdAt: Date
}

export interface ArtifactStore {
  /** Null as well for one whose time is over. */
  find(tenantId: string, artifactId: string): Promise<ArtifactRecord | null>
}

export const createArtifactStore = ({
  prisma,
  nowMs,
}: {
  readonly prisma: PrismaClient
  readonly nowMs: () => number
}): ArtifactStore => ({
  async find(tenantId, artifactId) {
    const notExpired = { OR: [{ expiresAt: null }, { expiresAt: { gt: new Date(nowMs()) } }] }
    const row = await prisma.artifact.findFirst({ where: { id: artifactId, tenantId, ...notExpired } })
    return row === null ? null : { ...row, sizeBytes: Number(row.sizeBytes) }
  },
})
