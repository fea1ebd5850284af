/** Provider accounts that tenants bring along, as they and an administrator see them: never with their token (api.md §7). */
import { type AuditRecord, writeAudit } from './audit-log.ts'
import type { PrismaClient, ProviderAccount } from './generated/client.ts'
import { type KeyedAnswer, writeKeyed } from './keyed-write.ts'
import { type ListPage, newestFirst, olderThan } from './list-order.ts'

export interface AccountRecord {
  readonly id: string
  /** Null: shared by all tenants without an account of their own. */
  readonly tenantId: string | null
  readonly kind: 'token' | 'anonymous'
  readonly userId: string | null
  readonly tokenExpiresAt: Date | null
  readonly tokenSetAt: Date | null
  readonly pausedUntil: Date | null
  /** Operations that its circuit breaker holds back. */
  readonly down: readonly string[]
  /** Jobs under way with it at a time. */
  readonly maxConcurrency: number
  readonly createdAt: Date
}

export interface OwnAccountStore {
  find(tenantId: string): Promise<AccountRecord | null>
  /** Any account, shared ones included. */
  findById(accountId: string): Promise<AccountRecord | null>
  /** Writes it with the answer, or nothing: `false` when the idempotency key is taken, or the tenant has an account. */
  insert(
    account: AccountRecord & { readonly tenantId: string; readonly tokenSealed: string },
    audit: AuditRecord,
    answer: KeyedAnswer | null,
  ): Promise<boolean>
  /** False when there is no such account. */
  limit(accountId: string, maxConcurrency: number, audit: AuditRecord): Promise<boolean>
  /** Gives the tenant its account, or its account another token; `false` when it has one by another id. */
  set(
    account: { readonly id: string; readonly tenantId: string; readonly tokenSealed: string },
    audit: AuditRecord,
  ): Promise<boolean>
  /** False when there is none. */
  remove(tenantId: string, audit: AuditRecord): Promise<boolean>
  /** All of the installation. */
  list(page: ListPage): Promise<AccountRecord[]>
}

const toRecord = (row: ProviderAccount): AccountRecord => ({
  id: row.id,
  tenantId: row.tenantId,
  kind: row.kind as AccountRecord['kind'],
  userId: row.userId,
  tokenExpiresAt: row.tokenExpiresAt,
  tokenSetAt: row.tokenSetAt,
  pausedUntil: row.pausedUntil,
  down: Object.keys(row.breaker as object),
  maxConcurrency: row.maxConcurrency,
  createdAt: row.createdAt,
})

/** One account a tenant. */
const identityOf = (tenantId: string): string => `tenant:${tenantId}`

export const createOwnAccountStore = ({ prisma }: { readonly prisma: PrismaClient }): OwnAccountStore => ({
  async find(tenantId) {
    const row = await prisma.providerAccount.findUnique({ where: { identity: identityOf(tenantId) } })
    return row === null ? null : toRecord(row)
  },

  async findById(id) {
    const row = await prisma.providerAccount.findUnique({ where: { id } })
    return row === null ? null : toRecord(row)
  },

  insert: ({ down: _, ...account }, audit, answer) =>
    writeKeyed(
      prisma,
      [
        prisma.providerAccount.create({ data: { ...account, identity: identityOf(account.tenantId) } }),
        writeAudit(prisma, audit),
      ],
      answer,
    ),

  async limit(id, maxConcurrency, audit) {
    const count = await prisma.$executeRaw`
      WITH limited AS (
        UPDATE provider_accounts SET max_concurrency = ${maxConcurrency} WHERE id = ${id} RETURNING id
      )
      INSERT INTO audit_log (id, at, key_id, tenant_id, action, subject_id, request_id, detail)
      SELECT ${audit.id}, ${audit.at}, ${audit.keyId}, ${audit.tenantId}, ${audit.action}, limited.id,
        ${audit.requestId}, ${JSON.stringify(audit.detail)}::jsonb
      FROM limited`
    return count === 1
  },

  /** Another token may be another account's: what was known of the former one does not hold for it. */
  async set({ id, tenantId, tokenSealed }, audit) {
    const count = await prisma.$executeRaw`
      WITH kept AS (
        INSERT INTO provider_accounts (id, tenant_id, kind, identity, token_sealed, token_set_at)
        VALUES (${id}, ${tenantId}, 'token', ${identityOf(tenantId)}, ${tokenSealed}, ${audit.at})
        ON CONFLICT (identity) DO UPDATE SET token_sealed = EXCLUDED.token_sealed,
          token_set_at = EXCLUDED.token_set_at, token_expires_at = NULL, user_id = NULL, paused_until = NULL,
          breaker = '{}'
        WHERE provider_accounts.id = EXCLUDED.id
        RETURNING id
      )
      INSERT INTO audit_log (id, at, key_id, tenant_id, action, subject_id, request_id)
      SELECT ${audit.id}, ${audit.at}, ${audit.keyId}, ${audit.tenantId}, ${audit.action}, kept.id, ${audit.requestId}
      FROM kept`
    return count === 1
  },

  async remove(tenantId, audit) {
    const count = await prisma.$executeRaw`
      WITH removed AS (
        DELETE FROM provider_accounts WHERE identity = ${identityOf(tenantId)} RETURNING id
      )
      INSERT INTO audit_log (id, at, key_id, tenant_id, action, subject_id, request_id)
      SELECT ${audit.id}, ${audit.at}, ${audit.keyId}, ${audit.tenantId}, ${audit.action}, removed.id,
        ${audit.requestId}
      FROM removed`
    return count === 1
  },

  async list({ limit, after }) {
    const rows = await prisma.providerAccount.findMany({
      where: olderThan(after),
      orderBy: newestFirst,
      take: limit,
    })
    return rows.map(toRecord)
  },
})
