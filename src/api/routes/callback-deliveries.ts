import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod'
import { z } from 'zod'
import { redeliverCallback } from '../../actions/redeliver-callback.ts'
import { type DeliveryRecord, deliveryStates } from '../../store/delivery-log.ts'
import { pollS } from '../answer-job.ts'
import { principalOf } from '../auth.ts'
import { answersJson } from '../negotiation.ts'
import { sendProblem } from '../problem.ts'
import type { RouteContext } from '../route-context.ts'
import { DeliveryOut, deliveryUrl, toDeliveryOut } from '../schemas/delivery-out.ts'
import { idParams } from '../schemas/ids.ts'
import { cursorQuery, limitQuery, listOf, toPage } from '../schemas/list.ts'
import { problems } from '../schemas/problem-out.ts'
import { valuesOf } from '../schemas/values.ts'
import { sendPage } from '../send-page.ts'

const id = z.string().min(1).max(100)

const DeliveryQuery = z.strictObject({
  job_id: valuesOf(id),
  endpoint_id: valuesOf(id),
  state: valuesOf(z.enum(deliveryStates)),
  limit: limitQuery,
  cursor: cursorQuery.optional(),
})

export const callbackDeliveryRoutes =
  ({ deps, requireKey }: RouteContext): FastifyPluginAsyncZod =>
  async (app) => {
    const { publicUrl } = deps.settings
    const toOut = (delivery: DeliveryRecord): DeliveryOut => toDeliveryOut(delivery, publicUrl)

    app.route({
      method: 'GET',
      url: '/v1/callback-deliveries',
      onRequest: [requireKey('callbacks:read'), answersJson],
      schema: {
        operationId: 'listCallbackDeliveries',
        summary: 'List deliveries of callbacks',
        description: 'Newest first, each with every try and the first bytes of what was answered.',
        tags: ['callbacks'],
        querystring: DeliveryQuery,
        response: { 200: listOf(DeliveryOut), ...problems('not_acceptable') },
      },
      handler: async (request, reply) => {
        const { job_id, endpoint_id, state, limit, cursor } = request.query
        const filter = {
          ...(job_id && { jobIds: job_id }),
          ...(endpoint_id && { endpointIds: endpoint_id }),
          ...(state && { states: state }),
        }
        const page = { limit: limit + 1, after: cursor ?? null }
        const deliveries = await deps.deliveryLog.list(principalOf(request).tenantId, filter, page)
        return sendPage(request, reply, publicUrl, toPage(deliveries, limit, toOut))
      },
    })

    app.route({
      method: 'GET',
      url: '/v1/callback-deliveries/:id',
      onRequest: [requireKey('callbacks:read'), answersJson],
      schema: {
        operationId: 'getCallbackDelivery',
        summary: 'Read a delivery of a callback',
        tags: ['callbacks'],
        params: idParams,
        response: { 200: DeliveryOut, ...problems('not_acceptable', 'not_found') },
      },
      handler: async (request, reply) => {
        const delivery = await deps.deliveryLog.find(principalOf(request).tenantId, request.params.id)
        return delivery === null ? sendProblem(reply, 'not_found') : reply.send(toOut(delivery))
      },
    })

    app.route({
      method: 'POST',
      url: '/v1/callback-deliveries/:id/redeliver',
      onRequest: [requireKey('callbacks:write'), answersJson],
      schema: {
        operationId: 'redeliverCallback',
        summary: 'Deliver a callback again',
        description:
          'Whatever came of it before: the same `webhook-id` and the same bytes, signed with the present secret, with a whole schedule of tries. One that waits has its next try now, or as soon as a try that is under way has ended.',
        tags: ['callbacks'],
        params: idParams,
        response: {
          202: DeliveryOut,
          ...problems('not_acceptable', 'not_found', 'endpoint_disabled', 'receiver_gone'),
        },
      },
      handler: async (request, reply) => {
        const place = { tenantId: principalOf(request).tenantId, deliveryId: request.params.id }
        const result = await redeliverCallback(deps, place)
        if (result.outcome !== 'redelivering') return sendProblem(reply, result.outcome)
        const location = deliveryUrl(publicUrl, result.delivery.id)
        reply.headers({ location, 'retry-after': String(pollS) })
        return reply.code(202).send(toOut(result.delivery))
      },
    })
  }
