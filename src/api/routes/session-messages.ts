import type { FastifyRequest } from 'fastify'
import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod'
import { z } from 'zod'
import { readMessages } from '../../actions/read-messages.ts'
import { sendMessage } from '../../actions/send-message.ts'
import { MessageIn } from '../../actions/session-in.ts'
import { principalOf } from '../auth.ts'
import { readKeyed } from '../keyed-body.ts'
import { answersJson, answersWith } from '../negotiation.ts'
import { sendProblem } from '../problem.ts'
import type { RouteContext } from '../route-context.ts'
import { idempotencyHeaders, idParams } from '../schemas/ids.ts'
import { limitQuery, listOf } from '../schemas/list.ts'
import { AnswerOut, MessageOut, toAnswerOut, toMessageOut } from '../schemas/message-out.ts'
import { problems } from '../schemas/problem-out.ts'
import { sendAnswer } from '../send-answer.ts'
import { sendPage } from '../send-page.ts'
import { leaveBodyToAction } from '../validation.ts'
import { eventStreamType } from './job-events.ts'

export const sessionMessageRoutes =
  (context: RouteContext): FastifyPluginAsyncZod =>
  async (app) => {
    const { deps, requireKey } = context
    const { publicUrl } = deps.settings

    app.route({
      method: 'POST',
      url: '/v1/sessions/:id/messages',
      onRequest: [requireKey('jobs:write'), answersWith('application/json', eventStreamType)],
      validatorCompiler: leaveBodyToAction,
      schema: {
        operationId: 'sendMessage',
        summary: 'Say something in a conversation',
        description:
          'Taken for what it asks for, in English or Chinese: an export, the credits, the status, an upload, subtitles, or else something to generate or change. What costs credits, hands over files or renders becomes a job (202); everything else is answered at once (200). One message is worked on at a time; the next ones queue. With `Prefer: wait=n`, the answer waits up to n seconds (60 at most) for the job to end. With `Accept: text/event-stream`, the answer is a stream: `accepted`, the events of the job, a `note` every two minutes while nothing happens, and at the end `done` with the same body as JSON.',
        tags: ['sessions'],
        params: idParams,
        headers: idempotencyHeaders.extend({ prefer: z.string().optional() }),
        body: MessageIn,
        response: {
          200: {
            description: 'Answered, or the job has ended; or the stream.',
            content: {
              'application/json': { schema: AnswerOut },
              [eventStreamType]: { schema: z.string() },
            },
          },
          202: AnswerOut.describe('A job was accepted; `job.links` lead on.'),
          ...problems(
            'not_acceptable',
            'not_found',
            'session_lost',
            'idempotency_in_flight',
            'payload_too_large',
            'unsupported_content_type',
            'unknown_upload',
            'unsupported_media_type',
            'media_too_large',
            'missing_input',
            'url_not_allowed',
            'not_supported',
            'budget_exceeded',
            'idempotency_key_reused',
            'queue_full',
            'session_full',
            'provider_unavailable',
          ),
        },
      },
      handler: async (request, reply) => {
        const result = await sendMessage(deps, toInput(context, request, request.params.id))
        return sendAnswer(context, request, reply, result)
      },
    })

    app.route({
      method: 'GET',
      url: '/v1/sessions/:id/messages',
      onRequest: [requireKey('jobs:read'), answersJson],
      schema: {
        operationId: 'listMessages',
        summary: 'Read what was said in a conversation',
        description: 'Oldest first. Each message of the client is followed by the reply to it.',
        tags: ['sessions'],
        params: idParams,
        querystring: z.strictObject({
          limit: limitQuery,
          cursor: z.coerce.number().int().min(0).max(Number.MAX_SAFE_INTEGER).default(0),
        }),
        response: { 200: listOf(MessageOut), ...problems('not_acceptable', 'not_found') },
      },
      handler: async (request, reply) => {
        const session = await deps.sessions.find(principalOf(request).tenantId, request.params.id)
        if (session === null) return sendProblem(reply, 'not_found')
        const { limit, cursor } = request.query
        const messages = await readMessages(deps, session, { limit: limit + 1, after: cursor })
        const shown = messages.slice(0, limit)
        return sendPage(request, reply, publicUrl, {
          data: shown.map(toMessageOut),
          next_cursor: messages.length > limit ? String(shown.at(-1)?.no) : null,
        })
      },
    })
  }

const toInput = ({ deps }: RouteContext, request: FastifyRequest, id: string) => {
  const { tenantId, queueBound, maxCreditsPerDay, scopes } = principalOf(request)
  const { publicUrl, queueBound: usualBound } = deps.settings
  return {
    tenantId,
    sessionId: id,
    queueBound: queueBound ?? usualBound,
    maxCreditsPerDay,
    body: request.body,
    ...readKeyed(request, 'POST /v1/sessions/{id}/messages', { id, body: request.body }),
    mayReadCredits: scopes.has('usage:read'),
    toBody: (answer: Parameters<typeof toAnswerOut>[0]) => toAnswerOut(answer, publicUrl),
  }
}
