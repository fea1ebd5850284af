/** The append-only log of who changed keys, tenants and provider accounts (api.md §7). The database refuses to change it. */
import type { AuditEntry, Prisma, PrismaClient } from './generated/client.ts'
import type { ListPage } from './list-order.ts'

export interface AuditRecord {
  readonly id: string
  readonly at: Date
  /** The key that did it. */
  readonly keyId: string
  /** Whose thing it was done to. */
  readonly tenantId: string
  readonly action: AuditAction
  readonly subjectId: string
  readonly requestId: string
  readonly detail: Readonly<Record<string, unknown>>
}

export const auditActions = [
  'intake.created',
  'intake.updated',
  'intake.deleted',
  'intake_failure.deleted',
  'job.erased',
  'key.created',
  'key.revoked',
  'tenant.created',
  'tenant.updated',
  'tenant.deleted',
  'provider_account.set',
  'provider_account.updated',
  'provider_account.removed',
] as const

export type AuditAction = (typeof auditActions)[number]

export interface AuditFilter {
  readonly tenantId?: string
  readonly actions?: readonly AuditAction[]
}

export interface AuditLog {
  list(filter: AuditFilter, page: ListPage): Promise<AuditRecord[]>
}

/** Writes the entry, for the transaction that does what it tells of. */
export const writeAudit = (prisma: PrismaClient, entry: AuditRecord): Prisma.PrismaPromise<unknown> =>
  prisma.auditEntry.create({ data: { ...entry, detail: entry.detail as Prisma.InputJsonObject } })

const toRecord = (row: AuditEntry): AuditRecord => ({
  id: row.id,
  at: row.at,
  keyId: row.keyId,
  tenantId: row.tenantId,
  action: row.action as AuditAction,
  subjectId: row.subjectId,
  requestId: row.requestId,
  detail: row.detail as AuditRecord['detail'],
})

export const createAuditLog = ({ prisma }: { readonly prisma: PrismaClient }): AuditLog => ({
  async list({ tenantId, actions }, { limit, after }) {
    const older =
      after === null
        ? {}
        : { OR: [{ at: { lt: after.createdAt } }, { at: after.createdAt, id: { lt: after.id } }] }
    const rows = await prisma.auditEntry.findMany({
      where: { ...older, ...(tenantId && { tenantId }), ...(actions && { action: { in: [...actions] } }) },
      orderBy: [{ at: 'desc' }, { id: 'desc' }],
      take: limit,
    })
    return rows.map(toRecord)
  },
})
