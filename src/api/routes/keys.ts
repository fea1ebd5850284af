import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod'
import { z } from 'zod'
import { KeyIn } from '../../actions/key-in.ts'
import { revokeKey } from '../../actions/manage-keys.ts'
import type { KeyRecord } from '../../store/key-directory.ts'
import { actorOf, principalOf } from '../auth.ts'
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

/** The keys of one's own tenant. */
export const keyRoutes =
  ({ deps, requireKey, keyring }: RouteContext): FastifyPluginAsyncZod =>
  async (app) => {
    const { publicUrl } = deps.settings
    const toOut = (key: KeyRecord): KeyOut => toKeyOut(key, `${publicUrl}/v1/keys`)
    const onRequest = [requireKey('keys:write', 'admin'), answersJson]

    app.route({
      method: 'POST',
      url: '/v1/keys',
      onRequest,
      validatorCompiler: leaveBodyToAction,
      schema: {
        operationId: 'createKey',
        summary: 'Make an API key',
        description: 'The key is shown in this answer and never again; only its hash is kept.',
        tags: ['keys'],
        headers: idempotencyHeaders,
        body: KeyIn,
        response: {
          201: KeyWithSecretOut,
          ...problems(
            'not_acceptable',
            'idempotency_in_flight',
            'payload_too_large',
            'unsupported_content_type',
            'out_of_range',
            'idempotency_key_reused',
          ),
        },
      },
      handler: async (request, reply) =>
        makeKey({ deps }, request, reply, { schema: KeyIn, route: 'POST /v1/keys', toOut }),
    })

    app.route({
      method: 'GET',
      url: '/v1/keys',
      onRequest,
      schema: {
        operationId: 'listKeys',
        summary: 'List API keys',
        description: 'Newest first, those that were revoked too.',
        tags: ['keys'],
        querystring: z.strictObject({ limit: limitQuery, cursor: cursorQuery.optional() }),
        response: { 200: listOf(KeyOut), ...problems('not_acceptable') },
      },
      handler: async (request, reply) => {
        const { limit, cursor } = request.query
        const page = { limit: limit + 1, after: cursor ?? null }
        const keys = await deps.keyDirectory.list(principalOf(request).tenantId, page)
        return sendPage(request, reply, publicUrl, toPage(keys, limit, toOut))
      },
    })

    app.route({
      method: 'GET',
      url: '/v1/keys/:id',
      onRequest,
      schema: {
        operationId: 'getKey',
        summary: 'Read what is known of an API key',
        tags: ['keys'],
        params: idParams,
        response: { 200: KeyOut, ...problems('not_acceptable', 'not_found') },
      },
      handler: async (request, reply) => {
        const key = await deps.keyDirectory.find(principalOf(request).tenantId, request.params.id)
        return key === null ? sendProblem(reply, 'not_found') : reply.send(toOut(key))
      },
    })

    app.route({
      method: 'DELETE',
      url: '/v1/keys/:id',
      onRequest,
      schema: {
        operationId: 'revokeKey',
        summary: 'Revoke an API key',
        description: 'It lets nobody in any more, at the latest after two seconds. That cannot be undone.',
        tags: ['keys'],
        params: idParams,
        response: {
          204: z.undefined().describe('It is revoked.'),
          ...problems('not_acceptable', 'not_found'),
        },
      },
      handler: async (request, reply) => {
        const place = { ownerId: principalOf(request).tenantId, keyId: request.params.id }
        const { outcome } = await revokeKey(deps, { ...place, actor: actorOf(request) })
        if (outcome === 'not_found') return sendProblem(reply, 'not_found')
        keyring.forget()
        return reply.code(204).send()
      },
    })
  }
