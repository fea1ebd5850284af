import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod'
import { z } from 'zod'
import { createTenant, deleteTenant, updateTenant } from '../../actions/manage-tenants.ts'
import { TenantIn, TenantPatch } from '../../actions/tenant-in.ts'
import type { TenantRecord } from '../../store/tenant-directory.ts'
import { actorOf, principalOf } from '../auth.ts'
import { readKeyedBody } from '../keyed-body.ts'
import { answersJson } from '../negotiation.ts'
import { sendProblem } from '../problem.ts'
import type { RouteContext } from '../route-context.ts'
import { idempotencyHeaders, idParams } from '../schemas/ids.ts'
import { cursorQuery, limitQuery, listOf, toPage } from '../schemas/list.ts'
import { problems } from '../schemas/problem-out.ts'
import { TenantOut, toTenantOut } from '../schemas/tenant-out.ts'
import { sendCreated } from '../send-created.ts'
import { sendPage } from '../send-page.ts'
import { leaveBodyToAction } from '../validation.ts'

export const adminTenantRoutes =
  ({ deps, requireKey, keyring }: RouteContext): FastifyPluginAsyncZod =>
  async (app) => {
    const { publicUrl } = deps.settings
    const toOut = (tenant: TenantRecord): TenantOut => toTenantOut(tenant, publicUrl)
    const onRequest = [requireKey('admin'), answersJson]

    app.route({
      method: 'POST',
      url: '/v1/admin/tenants',
      onRequest,
      validatorCompiler: leaveBodyToAction,
      schema: {
        operationId: 'createTenant',
        summary: 'Make a tenant',
        description: 'It has no key yet: POST /v1/admin/keys makes one.',
        tags: ['admin'],
        headers: idempotencyHeaders,
        body: TenantIn,
        response: {
          201: TenantOut,
          ...problems(
            'not_acceptable',
            'idempotency_in_flight',
            'name_taken',
            'payload_too_large',
            'unsupported_content_type',
            'idempotency_key_reused',
          ),
        },
      },
      handler: async (request, reply) => {
        const { body: wanted, keyed } = readKeyedBody(TenantIn, request, 'POST /v1/admin/tenants')
        const { tenantId } = principalOf(request)
        const actor = actorOf(request)
        const result = await createTenant(deps, { tenantId, actor, keyed, wanted, toBody: toOut })
        return result.outcome === 'name_taken' ? sendProblem(reply, 'name_taken') : sendCreated(reply, result)
      },
    })

    app.route({
      method: 'GET',
      url: '/v1/admin/tenants',
      onRequest,
      schema: {
        operationId: 'listTenants',
        summary: 'List tenants',
        tags: ['admin'],
        querystring: z.strictObject({
          name: z.string().min(1).max(100).optional().describe('The one of this name.'),
          limit: limitQuery,
          cursor: cursorQuery.optional(),
        }),
        response: { 200: listOf(TenantOut), ...problems('not_acceptable') },
      },
      handler: async (request, reply) => {
        const { name, limit, cursor } = request.query
        const page = { limit: limit + 1, after: cursor ?? null }
        const tenants = await deps.tenantDirectory.list(name === undefined ? {} : { name }, page)
        return sendPage(request, reply, publicUrl, toPage(tenants, limit, toOut))
      },
    })

    app.route({
      method: 'GET',
      url: '/v1/admin/tenants/:id',
      onRequest,
      schema: {
        operationId: 'getTenant',
        summary: 'Read a tenant',
        tags: ['admin'],
        params: idParams,
        response: { 200: TenantOut, ...problems('not_acceptable', 'not_found') },
      },
      handler: async (request, reply) => {
        const tenant = await deps.tenantDirectory.find(request.params.id)
        return tenant === null ? sendProblem(reply, 'not_found') : reply.send(toOut(tenant))
      },
    })

    app.route({
      method: 'PATCH',
      url: '/v1/admin/tenants/:id',
      onRequest,
      schema: {
        operationId: 'updateTenant',
        summary: 'Change a tenant',
        description:
          'What is left out stays. A new limit holds at once, or within seconds in other processes; `retention_days` holds for files that are made from now on.',
        tags: ['admin'],
        params: idParams,
        body: TenantPatch,
        response: {
          200: TenantOut,
          ...problems(
            'not_acceptable',
            'not_found',
            'name_taken',
            'payload_too_large',
            'unsupported_content_type',
          ),
        },
      },
      handler: async (request, reply) => {
        const { body: patch } = request
        const actor = actorOf(request)
        const result = await updateTenant(deps, { actor, tenantId: request.params.id, patch })
        if (result.outcome !== 'updated') return sendProblem(reply, result.outcome)
        keyring.forget()
        return reply.send(toOut(result.tenant))
      },
    })

    app.route({
      method: 'DELETE',
      url: '/v1/admin/tenants/:id',
      onRequest,
      schema: {
        operationId: 'deleteTenant',
        summary: 'Delete a tenant',
        description:
          'Its keys, endpoints and provider account end with it. What its finished jobs left is kept until its retention ends, and its name stays taken.',
        tags: ['admin'],
        params: idParams,
        response: {
          204: z.undefined().describe('It is gone.'),
          ...problems('not_acceptable', 'not_found', 'tenant_in_use'),
        },
      },
      handler: async (request, reply) => {
        const { outcome } = await deleteTenant(deps, {
          actor: actorOf(request),
          actorTenantId: principalOf(request).tenantId,
          tenantId: request.params.id,
        })
        switch (outcome) {
          case 'deleted':
            keyring.forget()
            return reply.code(204).send()
          case 'not_found':
            return sendProblem(reply, 'not_found')
          case 'own':
            return sendProblem(reply, 'tenant_in_use', { detail: 'It is the tenant of the key that asks.' })
          case 'busy':
            return sendProblem(reply, 'tenant_in_use', { detail: 'It has jobs that have not ended.' })
        }
      },
    })
  }
