/** A tenant's endpoints for callbacks (api.md §5). Their secrets are sealed, each for its row. */
import type { Pool } from 'pg'
import { settleFirst } from './endpoint-deliveries.ts'
import type { CallbackEndpoint, PrismaClient } from './generated/client.ts'
import { type KeyedAnswer, writeKeyed, writeKeyedIf } from './keyed-write.ts'
import { type ListPage, newestFirst, olderThan } from './list-order.ts'

export interface EndpointRecord {
  readonly id: string
  readonly tenantId: string
  readonly url: string
  readonly events: readonly string[]
  readonly description: string | null
  readonly disabledAt: Date | null
  readonly disabledReason: DisabledReason | null
  /** Since when every try has failed. */
  readonly failingSince: Date | null
  readonly failures: number
  /** Until when the previous secret signs too. May have passed. */
  readonly previousSecretUntil: Date | null
  readonly createdAt: Date
}

/** The receiver answered 410, or did nothing but fail for days; or the tenant wanted it so. */
export const disabledReasons = ['gone', 'failing', 'requested'] as const
export type DisabledReason = (typeof disabledReasons)[number]

export interface EndpointChanges {
  readonly url?: string
  readonly events?: readonly string[]
  readonly description?: string | null
}

/** An event that is none of a job, on its way to an endpoint; its body is there from the start. */
export interface EndpointDelivery {
  readonly id: string
  readonly tenantId: string
  readonly endpointId: string
  readonly eventId: string
  readonly eventType: string
  readonly body: string
  readonly createdAt: Date
}

/** Of one tenant: each event makes a delivery for every endpoint, in the statement that writes the events of all. */
export const mostEndpoints = 50

export interface EndpointStore {
  /**
   * Writes it, with the answer that is stored under the key, or nothing: `false` when the key is taken, or the tenant
   * has as many endpoints as it may.
   */
  insert(
    endpoint: EndpointRecord & { readonly secretSealed: string },
    answer: KeyedAnswer | null,
  ): Promise<boolean>
  find(tenantId: string, endpointId: string): Promise<EndpointRecord | null>
  list(tenantId: string, page: ListPage): Promise<EndpointRecord[]>
  count(tenantId: string): Promise<number>
  /** A URL that is another one begins without the failures of the former. */
  update(tenantId: string, endpointId: string, changes: EndpointChanges): Promise<EndpointRecord | null>
  /** What still waits for it is given up: the first thousand at once, the rest little by little. False when there is none. */
  delete(tenantId: string, endpointId: string): Promise<boolean>
  /** Makes the present secret the previous one, which goes on signing for `overlapS`. */
  rotateSecret(
    tenantId: string,
    endpointId: string,
    secret: { readonly sealed: string; readonly overlapS: number },
  ): Promise<EndpointRecord | null>
  /**
   * Forgets its failures, and makes due what was put aside while it was disabled: the first thousand at once, the rest
   * little by little.
   */
  enable(tenantId: string, endpointId: string): Promise<EndpointRecord | null>
  /**
   * Disables an endpoint that is enabled, tells of it in the feed of the tenant, and has `notice` delivered to the
   * tenant's others that asked for its event; false when somebody else did, or it is no longer at the `url` that is to be
   * disabled. `notice` names the disabled endpoint.
   */
  disable(
    notice: Omit<EndpointDelivery, 'id'>,
    disabled: { readonly at: Date; readonly reason: DisabledReason; readonly url: string | null },
  ): Promise<boolean>
  /** Has it delivered, and stores the answer under the key; `false` when the key is taken. */
  send(delivery: EndpointDelivery, answer: KeyedAnswer | null): Promise<boolean>
}

const toRecord = (row: CallbackEndpoint): EndpointRecord => ({
  id: row.id,
  tenantId: row.tenantId,
  url: row.url,
  events: row.events,
  description: row.description,
  disabledAt: row.disabledAt,
  disabledReason: row.disabledReason as DisabledReason | null,
  failingSince: row.failingSince,
  failures: row.failures,
  previousSecretUntil: row.previousSecretUntil,
  createdAt: row.createdAt,
})

export const createEndpointStore = ({
  pool,
  prisma,
}: {
  readonly pool: Pool
  readonly prisma: PrismaClient
}): EndpointStore => {
  const find = async (tenantId: string, id: string): Promise<EndpointRecord | null> => {
    const row = await prisma.callbackEndpoint.findFirst({ where: { id, tenantId } })
    return row === null ? null : toRecord(row)
  }
  return {
    find,
    count: (tenantId) => prisma.callbackEndpoint.count({ where: { tenantId } }),

    /** The lock makes those of one tenant come one after the other, and each counts the ones before. */
    insert: ({ events, ...endpoint }, answer) =>
      writeKeyedIf(
        prisma,
        async (transaction) => {
          const { tenantId } = endpoint
          await transaction.$queryRaw`SELECT 1 FROM tenants WHERE id = ${tenantId} FOR NO KEY UPDATE`
          const count = await transaction.callbackEndpoint.count({ where: { tenantId } })
          if (count >= mostEndpoints) return false
          await transaction.callbackEndpoint.create({ data: { ...endpoint, events: [...events] } })
          return true
        },
        answer,
      ),

    async list(tenantId, { limit, after }) {
      const rows = await prisma.callbackEndpoint.findMany({
        where: { tenantId, ...olderThan(after) },
        orderBy: newestFirst,
        take: limit,
      })
      return rows.map(toRecord)
    },

    async update(tenantId, id, { events, ...changes }) {
      const { updateMany } = prisma.callbackEndpoint
      const forgetFailures = (url: string) =>
        updateMany({
          where: { id, tenantId, url: { not: url } },
          data: { failingSince: null, failures: 0 },
        })
      const data = { ...changes, ...(events && { events: [...events] }) }
      await prisma.$transaction([
        ...(changes.url === undefined ? [] : [forgetFailures(changes.url)]),
        updateMany({ where: { id, tenantId }, data }),
      ])
      return find(tenantId, id)
    },

    async delete(tenantId, id) {
      const { count } = await prisma.callbackEndpoint.deleteMany({ where: { id, tenantId } })
      if (count > 0) await settleFirst(pool, id)
      return count > 0
    },

    async rotateSecret(tenantId, id, { sealed, overlapS }) {
      const count = await prisma.$executeRaw`
        UPDATE callback_endpoints SET
          secret_sealed = ${sealed},
          previous_secret_sealed = CASE WHEN ${overlapS}::int > 0 THEN secret_sealed END,
          previous_secret_until = CASE WHEN ${overlapS}::int > 0 THEN now() + ${overlapS}::int * interval '1 second' END
        WHERE id = ${id} AND tenant_id = ${tenantId}`
      return count === 0 ? null : find(tenantId, id)
    },

    async enable(tenantId, id) {
      const { count } = await prisma.callbackEndpoint.updateMany({
        where: { id, tenantId },
        data: { disabledAt: null, disabledReason: null, failingSince: null, failures: 0 },
      })
      if (count > 0) await settleFirst(pool, id)
      return find(tenantId, id)
    },

    async disable({ tenantId, endpointId, eventId, eventType, body }, { at, reason, url }) {
      const rows = await prisma.$queryRaw<unknown[]>`
        WITH disabled AS (
          UPDATE callback_endpoints SET disabled_at = ${at}, disabled_reason = ${reason}
          WHERE id = ${endpointId} AND disabled_at IS NULL AND url = COALESCE(${url}, url) RETURNING id
        ),
        noted AS (
          INSERT INTO tenant_events (id, tenant_id, type, at, data)
          SELECT ${eventId}, ${tenantId}, ${eventType}, ${at},
            jsonb_build_object('endpoint_id', ${endpointId}::text, 'reason', ${reason}::text)
          FROM disabled
        ),
        told AS (
          INSERT INTO callback_deliveries
            (id, tenant_id, endpoint_id, event_seq, event_id, event_type, state, due_at, body)
          SELECT new_id('dlv'), c.tenant_id, c.id, 0, ${eventId}, ${eventType}, 'waiting',
            date_trunc('milliseconds', now()), ${body}
          FROM callback_endpoints c
          WHERE EXISTS (SELECT 1 FROM disabled) AND c.tenant_id = ${tenantId} AND c.id <> ${endpointId}
            AND c.disabled_at IS NULL AND ${eventType} = ANY (c.events)
        )
        SELECT id FROM disabled`
      return rows.length > 0
    },

    send: ({ id, tenantId, endpointId, eventId, eventType, body, createdAt }, answer) =>
      writeKeyed(
        prisma,
        [
          prisma.$executeRaw`
            INSERT INTO callback_deliveries
              (id, tenant_id, endpoint_id, event_seq, event_id, event_type, state, due_at, body, created_at)
            VALUES (${id}, ${tenantId}, ${endpointId}, 0, ${eventId}, ${eventType}, 'waiting',
              date_trunc('milliseconds', now()), ${body}, ${createdAt})`,
        ],
        answer,
      ),
  }
}
