/** API keys as their owners manage them. What lets requests in is in `api-keys.ts`. */
import { type AuditRecord, writeAudit } from './audit-log.ts'
import type { ApiKey, PrismaClient } from './generated/client.ts'
import { type KeyedAnswer, writeKeyed } from './keyed-write.ts'
import { type ListPage, newestFirst, olderThan } from './list-order.ts'

export interface KeyRecord {
  readonly id: string
  readonly tenantId: string
  readonly name: string
  readonly scopes: readonly string[]
  readonly expiresAt: Date | null
  readonly revokedAt: Date | null
  readonly lastUsedAt: Date | null
  readonly createdAt: Date
}

export interface KeyDirectory {
  /** Writes the key with its audit entry and the answer, or nothing: `false` when the idempotency key is taken. */
  insert(
    key: KeyRecord & { readonly hash: string },
    audit: AuditRecord,
    answer: KeyedAnswer | null,
  ): Promise<boolean>
  /** With `tenantId` null, of any tenant. */
  find(tenantId: string | null, keyId: string): Promise<KeyRecord | null>
  list(tenantId: string | null, page: ListPage): Promise<KeyRecord[]>
  revoke(keyId: string, audit: AuditRecord): Promise<void>
}

const toRecord = ({ hash: _, ...row }: ApiKey): KeyRecord => row

export const createKeyDirectory = ({ prisma }: { readonly prisma: PrismaClient }): KeyDirectory => ({
  insert: ({ scopes, ...key }, audit, answer) =>
    writeKeyed(
      prisma,
      [prisma.apiKey.create({ data: { ...key, scopes: [...scopes] } }), writeAudit(prisma, audit)],
      answer,
    ),

  async find(tenantId, keyId) {
    const row = await prisma.apiKey.findFirst({
      where: { id: keyId, ...(tenantId !== null && { tenantId }) },
    })
    return row === null ? null : toRecord(row)
  },

  async list(tenantId, { limit, after }) {
    const rows = await prisma.apiKey.findMany({
      where: { ...(tenantId !== null && { tenantId }), ...olderThan(after) },
      orderBy: newestFirst,
      take: limit,
    })
    return rows.map(toRecord)
  },

  async revoke(keyId, audit) {
    const revoked = prisma.apiKey.updateMany({
      where: { id: keyId, revokedAt: null },
      data: { revokedAt: audit.at },
    })
    await prisma.$transaction([revoked, writeAudit(prisma, audit)])
  },
})
