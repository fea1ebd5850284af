/** Tenants as an administrator manages them (api.md §7). */
import { type AuditRecord, writeAudit } from './audit-log.ts'
import type { PrismaClient, Tenant } from './generated/client.ts'
import { type KeyedAnswer, writeKeyed } from './keyed-write.ts'
import { type ListPage, newestFirst, olderThan } from './list-order.ts'

export interface TenantLimits {
  /** Its share among tenants that wait. */
  readonly weight: number
  /** Jobs under way at a time; 0 holds all of them. */
  readonly maxConcurrency: number
  /** Null: no limit for all keys together. */
  readonly ratePerMinute: number | null
  /** Null: the installation's own. */
  readonly queueBound: number | null
  /** What its jobs may spend in a day (UTC); null: no limit. */
  readonly maxCreditsPerDay: number | null
  readonly retentionDays: number
}

export interface TenantRecord extends TenantLimits {
  readonly id: string
  readonly name: string
  readonly createdAt: Date
}

export type TenantChanges = Partial<TenantLimits> & { readonly name?: string }

export interface TenantDirectory {
  /** `false` when the idempotency key or the name is taken. */
  insert(
    tenant: TenantRecord & { readonly callbackSecretSealed: string },
    audit: AuditRecord,
    answer: KeyedAnswer | null,
  ): Promise<boolean>
  find(tenantId: string): Promise<TenantRecord | null>
  list(filter: { readonly name?: string }, page: ListPage): Promise<TenantRecord[]>
  /** Deleted tenants keep their names. */
  isNameTaken(name: string): Promise<boolean>
  /** `false` when the name is taken. */
  update(tenantId: string, changes: TenantChanges, audit: AuditRecord): Promise<boolean>
  hasUnfinishedJobs(tenantId: string): Promise<boolean>
  /** Its keys are revoked, its endpoints and its provider account go, with every secret in them. */
  delete(tenantId: string, audit: AuditRecord): Promise<void>
}

const toRecord = (row: Tenant): TenantRecord => ({
  id: row.id,
  name: row.name,
  weight: row.weight,
  maxConcurrency: row.maxConcurrency,
  ratePerMinute: row.ratePerMinute,
  queueBound: row.queueBound,
  maxCreditsPerDay: row.maxCreditsPerDay,
  retentionDays: row.retentionDays,
  createdAt: row.createdAt,
})

export const createTenantDirectory = ({ prisma }: { readonly prisma: PrismaClient }): TenantDirectory => ({
  insert: (tenant, audit, answer) =>
    writeKeyed(prisma, [prisma.tenant.create({ data: tenant }), writeAudit(prisma, audit)], answer),

  async find(id) {
    const row = await prisma.tenant.findFirst({ where: { id, deletedAt: null } })
    return row === null ? null : toRecord(row)
  },

  async list(filter, { limit, after }) {
    const rows = await prisma.tenant.findMany({
      where: { ...filter, deletedAt: null, ...olderThan(after) },
      orderBy: newestFirst,
      take: limit,
    })
    return rows.map(toRecord)
  },

  async isNameTaken(name) {
    return (await prisma.tenant.count({ where: { name } })) > 0
  },

  update: (id, changes, audit) =>
    writeKeyed(
      prisma,
      [
        prisma.tenant.updateMany({ where: { id, deletedAt: null }, data: changes }),
        writeAudit(prisma, audit),
      ],
      null,
    ),

  async hasUnfinishedJobs(tenantId) {
    const job = await prisma.job.findFirst({ where: { tenantId, finishedAt: null }, select: { id: true } })
    return job !== null
  },

  async delete(id, audit) {
    await prisma.$transaction([
      prisma.tenant.updateMany({ where: { id, deletedAt: null }, data: { deletedAt: audit.at } }),
      prisma.apiKey.updateMany({
        where: { tenantId: id, revokedAt: null },
        data: { revokedAt: audit.at },
      }),
      prisma.callbackEndpoint.deleteMany({ where: { tenantId: id } }),
      prisma.intake.deleteMany({ where: { tenantId: id } }),
      prisma.intakeFailure.deleteMany({ where: { tenantId: id } }),
      prisma.providerAccount.deleteMany({ where: { tenantId: id } }),
      writeAudit(prisma, audit),
    ])
  },
})
