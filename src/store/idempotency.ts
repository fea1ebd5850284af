import type { PrismaClient } from './generated/client.ts'
import type { KeyedAnswer } from './keyed-write.ts'

export interface StoredAnswer {
  readonly fingerprint: string
  readonly status: number
  readonly body: unknown
}

export interface IdempotencyStore {
  /** The answer that was stored under a key, or null when there is none that still counts. */
  find(id: IdempotencyId): Promise<StoredAnswer | null>
  /** Stores an answer that another request may have stored before: then that one stays, and this is `false`. */
  reserve(answer: KeyedAnswer): Promise<boolean>
  /** Frees a key whose time is over. */
  forgetExpired(id: IdempotencyId): Promise<void>
}

export interface IdempotencyId {
  readonly tenantId: string
  readonly route: string
  readonly key: string
}

/** How long a key stands for its request (api.md §0). */
const idempotencyTtlMs = 24 * 3_600_000

export const createIdempotencyStore = (deps: {
  readonly prisma: PrismaClient
  readonly nowMs: () => number
}): IdempotencyStore => {
  const expired = (id: IdempotencyId) => ({
    ...id,
    createdAt: { lt: new Date(deps.nowMs() - idempotencyTtlMs) },
  })
  return {
    async find(id) {
      const row = await deps.prisma.idempotencyKey.findUnique({ where: { tenantId_route_key: id } })
      if (row === null || row.createdAt.getTime() < deps.nowMs() - idempotencyTtlMs) return null
      return { fingerprint: row.fingerprint, status: row.status, body: row.body }
    },
    async reserve({ body, ...answer }) {
      const { tenantId, route, key } = answer
      const data = [{ ...answer, body: JSON.parse(JSON.stringify(body)) }]
      const [, stored] = await deps.prisma.$transaction([
        deps.prisma.idempotencyKey.deleteMany({ where: expired({ tenantId, route, key }) }),
        deps.prisma.idempotencyKey.createMany({ data, skipDuplicates: true }),
      ])
      return stored.count === 1
    },
    async forgetExpired(id) {
      await deps.prisma.idempotencyKey.deleteMany({ where: expired(id) })
    },
  }
}
