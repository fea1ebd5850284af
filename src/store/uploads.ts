import type { PrismaClient, Upload } from './generated/client.ts'
import type { ListCursor } from './jobs.ts'

export interface UploadRecord {
  readonly id: string
  readonly tenantId: string
  readonly filename: string
  readonly kind: 'video' | 'image' | 'audio' | 'text'
  readonly contentType: string
  readonly sizeBytes: number
  readonly sha256: string
  readonly width: number | null
  readonly height: number | null
  readonly durationS: number | null
  readonly storageKey: string
  readonly createdAt: Date
  /** Null once a job takes it. */
  readonly expiresAt: Date | null
}

export interface UploadStore {
  find(tenantId: string, uploadId: string): Promise<UploadRecord | null>
  /** Those of the ids that exist, belong to the tenant and have not expired. */
  findAll(tenantId: string, uploadIds: readonly string[]): Promise<UploadRecord[]>
  list(tenantId: string, page: { limit: number; after: ListCursor | null }): Promise<UploadRecord[]>
  /** Writes all of them, with the answer that is stored under the key, or none: `false` when the key is taken. */
  insert(uploads: readonly UploadRecord[], idempotency: UploadIdempotency | null): Promise<boolean>
  /** Deletes the row unless a job that has not ended takes it; the file is the caller's to delete. */
  delete(tenantId: string, uploadId: string): Promise<DeleteUploadResult>
}

export interface UploadIdempotency {
  readonly route: string
  readonly key: string
  readonly fingerprint: string
  readonly status: number
  readonly body: unknown
}

export type DeleteUploadResult =
  | { readonly outcome: 'deleted'; readonly storageKey: string }
  | { readonly outcome: 'in_use' | 'absent' }

const toRecord = (row: Upload): UploadRecord => ({
  id: row.id,
  tenantId: row.tenantId,
  filename: row.filename,
  kind: row.kind as UploadRecord['kind'],
  contentType: row.contentType,
  sizeBytes: Number(row.sizeBytes),
  sha256: row.sha256,
  width: row.width,
  height: row.height,
  durationS: row.durationS,
  storageKey: row.storageKey,
  createdAt: row.createdAt,
  expiresAt: row.expiresAt,
})

export const createUploadStore = ({
  prisma,
  nowMs,
}: {
  readonly prisma: PrismaClient
  readonly nowMs: () => number
}): UploadStore => {
  const notExpired = () => ({ OR: [{ expiresAt: null }, { expiresAt: { gt: new Date(nowMs()) } }] })
  return {
    async find(tenantId, uploadId) {
      const row = await prisma.upload.findFirst({ where: { id: uploadId, tenantId, ...notExpired() } })
      return row === null ? null : toRecord(row)
    },

    async findAll(tenantId, uploadIds) {
      const rows = await prisma.upload.findMany({
        where: { id: { in: [...uploadIds] }, tenantId, ...notExpired() },
      })
      return rows.map(toRecord)
    },

    async list(tenantId, { limit, after }) {
      const older =
        after === null
          ? {}
          : {
              OR: [
                { createdAt: { lt: after.createdAt } },
                { createdAt: after.createdAt, id: { lt: after.id } },
              ],
            }
      const rows = await prisma.upload.findMany({
        where: { AND: [{ tenantId }, notExpired(), older] },
        orderBy: [{ createdAt: 'desc' }, { id: 'desc' }],
        take: limit,
      })
      return rows.map(toRecord)
    },

    async insert(uploads, idempotency) {
      const tenantId = uploads[0]?.tenantId
      if (tenantId === undefined) return true
      const createUploads = prisma.upload.createMany({
        data: uploads.map(({ sizeBytes, ...upload }) => ({ ...upload, sizeBytes: BigInt(sizeBytes) })),
      })
      if (idempotency === null) {
        await createUploads
        return true
      }
      const createKey = prisma.idempotencyKey.create({
        data: {
          tenantId,
          route: idempotency.route,
          key: idempotency.key,
          fingerprint: idempotency.fingerprint,
          resourceId: uploads[0]?.id ?? '',
          status: idempotency.status,
          body: JSON.parse(JSON.stringify(idempotency.body)),
        },
      })
      return isWritten(prisma.$transaction([createKey, createUploads]))
    },

    async delete(tenantId, uploadId) {
      const row = await prisma.upload.findFirst({ where: { id: uploadId, tenantId } })
      if (row === null) return { outcome: 'absent' }
      const [locked, deleted] = await prisma.$transaction([
        // A job that takes it just now is waited for here; the next statement sees it.
        prisma.$queryRaw<unknown[]>`SELECT 1 FROM uploads WHERE id = ${uploadId} FOR UPDATE`,
        prisma.$executeRaw`
          DELETE FROM uploads u WHERE u.id = ${uploadId} AND u.tenant_id = ${tenantId} AND NOT EXISTS (
            SELECT 1 FROM upload_uses s JOIN jobs j ON j.id = s.job_id
            WHERE s.upload_id = u.id AND j.finished_at IS NULL)`,
      ])
      if (deleted === 1) return { outcome: 'deleted', storageKey: row.storageKey }
      return { outcome: locked.length === 0 ? 'absent' : 'in_use' }
    },
  }
}

/** False when the unique key is held by another request. */
const isWritten = async (transaction: Promise<unknown>): Promise<boolean> => {
  try {
    await transaction
    return true
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'P2002') return false
    throw error
  }
}
