import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod'
import { z } from 'zod'
import { TenantKeyIn } from '../../actions/key-in.ts'
import { revokeKey } from '../../actions/manage-keys.ts'
import type { KeyRecord } from '../../store/key-directory.ts'
import { actorOf } from '../auth.ts'
import { makeKey } from '../make-key.ts'
import { answersJson } from '../negotiation.ts'
import { sendProblem } from '../problem.ts'
import type { RouteContext } from '../route-context.ts'
import { idempotencyHeaders, idParams } from '../schemas/ids.ts'
import { KeyOut, KeyWithSecretOut, toKeyOut } from '../schemas/key-out.ts'
import { cursorQuery, limitQuery, listOf, toPage } from '../schemas/list.ts'
import { problems } from '../schemas/problem-out.ts'
import { sendPage } from '../send-page.ts'
import { leaveBodyToAction } from '../validation.ts'

/** The keys of every tenant. */
export const adminKeyRoutes =
  ({ deps, requireKey, keyring }: RouteContext): FastifyPluginAsyncZod =>
  async (app) => {
    const { publicUrl } = deps.settings
    const toOut = (key: KeyRecord): KeyOut => toKeyOut(key, `${publicUrl}/v1/admin/keys`)
    const onRequest = [requireKey('admin'), answersJson]

    app.route({
      method: 'POST',
      url: '/v1/admin/keys',
      onRequest,
      validatorCompiler: leaveBodyToAction,
      schema: {
        operationId: 'createTenantKey',
        summary: 'Make an API key for a tenant',
        description:
          'As for one’s own tenant: shown in this answer and never again, and only with scopes that the key that asks has.',
        tags: ['admin'],
        headers: idempotencyHeaders,
        body: TenantKeyIn,
        response: {
          201: KeyWithSecretOut,
          ...problems(
            'not_acceptable',
            'idempotency_in_flight',
            'payload_too_large',
            'unsupported_content_type',
            'unknown_tenant',
            'out_of_range',
            'idempotency_key_reused',
          ),
        },
      },
      handler: async (request, reply) =>
        makeKey({ deps }, request, reply, { schema: TenantKeyIn, route: 'POST /v1/admin/keys', toOut }),
    })

    app.route({
      method: 'GET',
      url: '/v1/admin/keys',
      onRequest,
      schema: {
        operationId: 'listTenantKeys',
        summary: 'List the API keys of all tenants, or of one',
        tags: ['admin'],
        querystring: z.strictObject({
          tenant_id: z.string().min(1).max(100).optional(),
          limit: limitQuery,
          cursor: cursorQuery.optional(),
        }),
        response: { 200: listOf(KeyOut), ...problems('not_acceptable') },
      },
      handler: async (request, reply) => {
        const { tenant_id, limit, cursor } = request.query
        const page = { limit: limit + 1, after: cursor ?? null }
        const keys = await deps.keyDirectory.list(tenant_id ?? null, page)
        return sendPage(request, reply, publicUrl, toPage(keys, limit, toOut))
      },
    })

    app.route({
      method: 'GET',
      url: '/v1/admin/keys/:id',
      onRequest,
      schema: {
        operationId: 'getTenantKey',
        summary: 'Read what is known of an API key of any tenant',
        tags: ['admin'],
        params: idParams,
        response: { 200: KeyOut, ...problems('not_acceptable', 'not_found') },
      },
      handler: async (request, reply) => {
        const key = await deps.keyDirectory.find(null, request.params.id)
        return key === null ? sendProblem(reply, 'not_found') : reply.send(toOut(key))
      },
    })

    app.route({
      method: 'DELETE',
      url: '/v1/admin/keys/:id',
      onRequest,
      schema: {
        operationId: 'revokeTenantKey',
        summary: 'Revoke an API key of any tenant',
        tags: ['admin'],
        params: idParams,
        response: {
          204: z.undefined().describe('It is revoked.'),
          ...problems('not_acceptable', 'not_found'),
        },
      },
      handler: async (request, reply) => {
        const place = { ownerId: null, keyId: request.params.id }
        const { outcome } = await revokeKey(deps, { ...place, actor: actorOf(request) })
        if (outcome === 'not_found') return sendProblem(reply, 'not_found')
        keyring.forget()
        return reply.code(204).send()
      },
    })
  }
