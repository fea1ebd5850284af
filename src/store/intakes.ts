/** Webhooks of others that come in and make jobs (api.md §6). Their secrets are sealed, each for its row. */
import type { Pool } from 'pg'
import { type AuditRecord, writeAudit } from './audit-log.ts'
import type { Prisma, PrismaClient, Intake as Row } from './generated/client.ts'
import { type KeyedAnswer, writeKeyed } from './keyed-write.ts'
import { type ListPage, newestFirst, olderThan } from './list-order.ts'

export interface IntakeRecord {
  readonly id: string
  readonly tenantId: string
  readonly name: string
  readonly verifier: StoredVerifier
  readonly mapping: string
  readonly defaults: Readonly<Record<string, unknown>>
  readonly createdAt: Date
  readonly updatedAt: Date
}

/** How an intake verifies, as it stands in its row. */
export interface StoredVerifier {
  readonly type: string
  readonly header: string | null
  readonly encoding: string | null
  readonly prefix: string | null
  readonly id_header: string | null
  /** Left out in rows that are older than the setting. */
  readonly replay_window_s?: number | null
}

export interface SecretIntake extends IntakeRecord {
  readonly secretSealed: string | null
}

/** What an event needs of its intake, and of the tenant that its job will count for. */
export interface OpenIntake extends SecretIntake {
  readonly ratePerMinute: number | null
  readonly queueBound: number | null
  readonly maxCreditsPerDay: number | null
}

export interface IntakeChanges {
  readonly name?: string
  /** Both change together, or neither. */
  readonly verification?: { readonly verifier: StoredVerifier; readonly secretSealed: string | null }
  readonly mapping?: string
  readonly defaults?: Readonly<Record<string, unknown>>
}

export interface IntakeStore {
  /** Writes it, with the answer that is stored under the key, or nothing: `false` when the key is taken. */
  insert(intake: SecretIntake, audit: AuditRecord, answer: KeyedAnswer | null): Promise<boolean>
  find(tenantId: string, intakeId: string): Promise<SecretIntake | null>
  /** Of whatever tenant, as long as there is that tenant: who sends an event knows nothing else. */
  findOpen(intakeId: string): Promise<OpenIntake | null>
  list(tenantId: string, page: ListPage): Promise<IntakeRecord[]>
  update(
    tenantId: string,
    intakeId: string,
    changes: IntakeChanges,
    audit: AuditRecord,
  ): Promise<IntakeRecord | null>
  /** With its events and what is kept of its failures. False when there is none. */
  delete(tenantId: string, intakeId: string, audit: AuditRecord): Promise<boolean>
}

const toRecord = (row: Row): SecretIntake => ({
  id: row.id,
  tenantId: row.tenantId,
  name: row.name,
  verifier: row.verifier as unknown as StoredVerifier,
  secretSealed: row.secretSealed,
  mapping: row.mapping,
  defaults: row.defaults as IntakeRecord['defaults'],
  createdAt: row.createdAt,
  updatedAt: row.updatedAt,
})

const findOpenSql = `
SELECT i.id, i.tenant_id AS "tenantId", i.name, i.verifier, i.secret_sealed AS "secretSealed", i.mapping, i.defaults,
  i.created_at AS "createdAt", i.updated_at AS "updatedAt", t.rate_per_minute AS "ratePerMinute",
  t.queue_bound AS "queueBound", t.max_credits_per_day AS "maxCreditsPerDay"
FROM intakes i JOIN tenants t ON t.id = i.tenant_id WHERE i.id = $1 AND t.deleted_at IS NULL`

/** Prisma takes JSON as a type of its own. */
const toJson = (value: object): Prisma.InputJsonObject => value as Prisma.InputJsonObject

export const createIntakeStore = ({
  pool,
  prisma,
}: {
  readonly pool: Pool
  readonly prisma: PrismaClient
}): IntakeStore => {
  const find = async (tenantId: string, id: string): Promise<SecretIntake | null> => {
    const row = await prisma.intake.findFirst({ where: { id, tenantId } })
    return row === null ? null : toRecord(row)
  }
  return {
    find,

    insert({ verifier, defaults, ...intake }, audit, answer) {
      const data = { ...intake, verifier: toJson(verifier), defaults: toJson(defaults) }
      return writeKeyed(prisma, [prisma.intake.create({ data }), writeAudit(prisma, audit)], answer)
    },

    async findOpen(id) {
      const values = [id]
      const { rows } = await pool.query<OpenIntake>({ name: 'find-open-intake', text: findOpenSql, values })
      return rows[0] ?? null
    },

    async list(tenantId, { limit, after }) {
      const rows = await prisma.intake.findMany({
        where: { tenantId, ...olderThan(after) },
        orderBy: newestFirst,
        take: limit,
      })
      return rows.map(toRecord)
    },

    async update(tenantId, id, { verification, defaults, ...changes }, audit) {
      const data = {
        ...changes,
        ...(defaults && { defaults: toJson(defaults) }),
        ...(verification && {
          verifier: toJson(verification.verifier),
          secretSealed: verification.secretSealed,
        }),
        updatedAt: audit.at,
      }
      if ((await find(tenantId, id)) === null) return null
      await prisma.$transaction([
        prisma.intake.updateMany({ where: { id, tenantId }, data }),
        writeAudit(prisma, audit),
      ])
      return find(tenantId, id)
    },

    async delete(tenantId, id, audit) {
      if ((await find(tenantId, id)) === null) return false
      await prisma.$transaction([
        prisma.intake.deleteMany({ where: { id, tenantId } }),
        prisma.intakeEvent.deleteMany({ where: { intakeId: id } }),
        prisma.intakeFailure.deleteMany({ where: { intakeId: id, tenantId } }),
        writeAudit(prisma, audit),
      ])
      return true
    },
  }
}
