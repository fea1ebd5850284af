import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod'
import { z } from 'zod'
import { createSession } from '../../actions/create-session.ts'
import { SessionIn } from '../../actions/session-in.ts'
import { principalOf } from '../auth.ts'
import { readKeyed } from '../keyed-body.ts'
import { answersJson } from '../negotiation.ts'
import { sendProblem } from '../problem.ts'
import type { RouteContext } from '../route-context.ts'
import { idempotencyHeaders, idParams } from '../schemas/ids.ts'
import { cursorQuery, limitQuery, listOf, toPage } from '../schemas/list.ts'
import { problems } from '../schemas/problem-out.ts'
import { SessionOut, toSessionOut } from '../schemas/session-out.ts'
import { sendCreated } from '../send-created.ts'
import { sendPage } from '../send-page.ts'
import { sendRefusal } from '../send-refusal.ts'
import { leaveBodyToAction } from '../validation.ts'

export const sessionRoutes =
  ({ deps, requireKey }: RouteContext): FastifyPluginAsyncZod =>
  async (app) => {
    const { publicUrl } = deps.settings

    app.route({
      method: 'POST',
      url: '/v1/sessions',
      onRequest: [requireKey('jobs:write'), answersJson],
      validatorCompiler: leaveBodyToAction,
      schema: {
        operationId: 'createSession',
        summary: 'Begin a conversation',
        description:
          'A conversation lasts over many messages, all of one skill and about one draft. Its session at the provider is made by its first job.',
        tags: ['sessions'],
        headers: idempotencyHeaders,
        body: SessionIn.nullish(),
        response: {
          201: SessionOut,
          ...problems(
            'not_acceptable',
            'idempotency_in_flight',
            'payload_too_large',
            'unsupported_content_type',
            'unknown_skill',
            'idempotency_key_reused',
          ),
        },
      },
      handler: async (request, reply) => {
        const result = await createSession(deps, {
          tenantId: principalOf(request).tenantId,
          body: request.body,
          ...readKeyed(request, 'POST /v1/sessions', request.body ?? {}),
          toBody: (session) => toSessionOut(session, publicUrl),
        })
        return result.outcome === 'refused' ? sendRefusal(reply, result) : sendCreated(reply, result)
      },
    })

    app.route({
      method: 'GET',
      url: '/v1/sessions',
      onRequest: [requireKey('jobs:read'), answersJson],
      schema: {
        operationId: 'listSessions',
        summary: 'List conversations',
        description: 'Newest first.',
        tags: ['sessions'],
        querystring: z.strictObject({ limit: limitQuery, cursor: cursorQuery.optional() }),
        response: { 200: listOf(SessionOut), ...problems('not_acceptable') },
      },
      handler: async (request, reply) => {
        const { limit, cursor } = request.query
        const page = { limit: limit + 1, after: cursor ?? null }
        const sessions = await deps.sessions.list(principalOf(request).tenantId, page)
        const toOut = (session: (typeof sessions)[number]) => toSessionOut(session, publicUrl)
        return sendPage(request, reply, publicUrl, toPage(sessions, limit, toOut))
      },
    })

    app.route({
      method: 'GET',
      url: '/v1/sessions/:id',
      onRequest: [requireKey('jobs:read'), answersJson],
      schema: {
        operationId: 'getSession',
        summary: 'Read a conversation',
        tags: ['sessions'],
        params: idParams,
        response: { 200: SessionOut, ...problems('not_acceptable', 'not_found') },
      },
      handler: async (request, reply) => {
        const session = await deps.sessions.find(principalOf(request).tenantId, request.params.id)
        return session === null
          ? sendProblem(reply, 'not_found')
          : reply.send(toSessionOut(session, publicUrl))
      },
    })
  }
