import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod'
import { z } from 'zod'
import { type AuditRecord, auditActions } from '../../store/audit-log.ts'
import { answersJson } from '../negotiation.ts'
import type { RouteContext } from '../route-context.ts'
import { cursorQuery, limitQuery, listOf, toPage } from '../schemas/list.ts'
import { problems } from '../schemas/problem-out.ts'
import { valuesOf } from '../schemas/values.ts'
import { sendPage } from '../send-page.ts'

const AuditOut = z
  .object({
    id: z.string(),
    at: z.iso.datetime(),
    key_id: z.string().describe('The API key that did it.'),
    tenant_id: z.string().describe('Whose thing it was done to.'),
    action: z.enum(auditActions),
    subject_id: z.string(),
    request_id: z.string(),
    detail: z.record(z.string(), z.unknown()).describe('What was set; never a secret.'),
  })
  .meta({ id: 'AuditEntry' })

const toAuditOut = (entry: AuditRecord): z.output<typeof AuditOut> => ({
  id: entry.id,
  at: entry.at.toISOString(),
  key_id: entry.keyId,
  tenant_id: entry.tenantId,
  action: entry.action,
  subject_id: entry.subjectId,
  request_id: entry.requestId,
  detail: { ...entry.detail },
})

/** What an administrator reads and nobody writes: who did what. */
export const adminRecordRoutes =
  ({ deps, requireKey }: RouteContext): FastifyPluginAsyncZod =>
  async (app) => {
    const { publicUrl } = deps.settings
    const onRequest = [requireKey('admin'), answersJson]

    app.route({
      method: 'GET',
      url: '/v1/admin/audit',
      onRequest,
      schema: {
        operationId: 'listAudit',
        summary: 'Read who changed keys, tenants and provider accounts',
        description: 'Newest first. The log is only ever added to.',
        tags: ['admin'],
        querystring: z.strictObject({
          tenant_id: z.string().min(1).max(100).optional(),
          action: valuesOf(z.enum(auditActions)),
          limit: limitQuery,
          cursor: cursorQuery.optional(),
        }),
        response: { 200: listOf(AuditOut), ...problems('not_acceptable') },
      },
      handler: async (request, reply) => {
        const { tenant_id, action, limit, cursor } = request.query
        const filter = { ...(tenant_id && { tenantId: tenant_id }), ...(action && { actions: action }) }
        const entries = await deps.auditLog.list(filter, { limit: limit + 1, after: cursor ?? null })
        const dated = entries.map((entry) => ({ ...entry, createdAt: entry.at }))
        return sendPage(request, reply, publicUrl, toPage(dated, limit, toAuditOut))
      },
    })
  }
