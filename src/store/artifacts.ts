import type { PrismaClient } from './generated/client.ts'
import type { JobArtifact } from './job-record.ts'

export interface ArtifactRecord extends JobArtifact {
  readonly jobId: string
  readonly tenantId: string
  readonly storageKey: string
  readonly createdAt: Date
}

export interface ArtifactStore {
  find(tenantId: string, artifactId: string): Promise<ArtifactRecord | null>
}

export const createArtifactStore = ({ prisma }: { readonly prisma: PrismaClient }): ArtifactStore => ({
  async find(tenantId, artifactId) {
    const row = await prisma.artifact.findFirst({ where: { id: artifactId, tenantId } })
    return row === null ? null : { ...row, sizeBytes: Number(row.sizeBytes) }
  },
})
