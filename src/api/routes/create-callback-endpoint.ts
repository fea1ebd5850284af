import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod'
import { createEndpoint } from '../../actions/create-endpoint.ts'
import { EndpointIn } from '../../actions/endpoint-in.ts'
import { testEndpoint } from '../../actions/test-endpoint.ts'
import { mostEndpoints } from '../../store/callback-endpoints.ts'
import { principalOf } from '../auth.ts'
import { readKeyed } from '../keyed-body.ts'
import { answersJson } from '../negotiation.ts'
import { sendProblem } from '../problem.ts'
import { invalidRequest } from '../request-refusal.ts'
import type { RouteContext } from '../route-context.ts'
import { DeliveryOut, toDeliveryOut } from '../schemas/delivery-out.ts'
import { EndpointWithSecretOut, toEndpointOut } from '../schemas/endpoint-out.ts'
import { idempotencyHeaders, idParams } from '../schemas/ids.ts'
import { problems } from '../schemas/problem-out.ts'
import { sendCreated } from '../send-created.ts'
import { sendRefusal } from '../send-refusal.ts'
import { leaveBodyToAction } from '../validation.ts'

/** What makes an endpoint, and what makes a test of one. */
export const createCallbackEndpointRoutes =
  ({ deps, requireKey }: RouteContext): FastifyPluginAsyncZod =>
  async (app) => {
    const { publicUrl } = deps.settings

    app.route({
      method: 'POST',
      url: '/v1/callback-endpoints',
      onRequest: [requireKey('callbacks:write'), answersJson],
      validatorCompiler: leaveBodyToAction,
      schema: {
        operationId: 'createCallbackEndpoint',
        summary: 'Register an endpoint for callbacks',
        description: `From now on the endpoint is told of the events it asks for, of every job of the tenant. Its secret is shown in this answer and never again. A tenant may have ${mostEndpoints} endpoints; one more is refused (422 \`out_of_range\`).`,
        tags: ['callbacks'],
        headers: idempotencyHeaders,
        body: EndpointIn,
        response: {
          201: EndpointWithSecretOut,
          ...problems(
            'not_acceptable',
            'idempotency_in_flight',
            'payload_too_large',
            'unsupported_content_type',
            'url_not_allowed',
            'out_of_range',
            'idempotency_key_reused',
          ),
        },
      },
      handler: async (request, reply) => {
        const { tenantId } = principalOf(request)
        const result = await createEndpoint(deps, {
          tenantId,
          body: request.body,
          ...readKeyed(request, 'POST /v1/callback-endpoints', request.body),
          toBody: (endpoint, secret) => ({
            ...toEndpointOut(endpoint, publicUrl, deps.clock.nowMs()),
            secret,
          }),
        })
        return result.outcome === 'refused' ? sendRefusal(reply, result) : sendCreated(reply, result)
      },
    })

    app.route({
      method: 'POST',
      url: '/v1/callback-endpoints/:id/test',
      onRequest: [requireKey('callbacks:write'), answersJson],
      schema: {
        operationId: 'testCallbackEndpoint',
        summary: 'Send an endpoint a test',
        description:
          'A delivery of its own, signed and recorded like any other, of type `callback_endpoint.test`; it is tried once. Read it to see how it went.',
        tags: ['callbacks'],
        params: idParams,
        headers: idempotencyHeaders,
        response: {
          202: DeliveryOut,
          ...problems(
            'not_acceptable',
            'not_found',
            'endpoint_disabled',
            'idempotency_in_flight',
            'idempotency_key_reused',
          ),
        },
      },
      handler: async (request, reply) => {
        const { id } = request.params
        const { keyed, faults } = readKeyed(request, 'POST /v1/callback-endpoints/{id}/test', { id })
        if (faults.length > 0) throw invalidRequest(faults)
        const result = await testEndpoint(deps, {
          tenantId: principalOf(request).tenantId,
          endpointId: id,
          keyed,
          showEndpoint: (endpoint) => toEndpointOut(endpoint, publicUrl, deps.clock.nowMs()),
          toBody: (delivery) => toDeliveryOut(delivery, publicUrl),
        })
        switch (result.outcome) {
          case 'not_found':
          case 'endpoint_disabled':
            return sendProblem(reply, result.outcome)
          default:
            return sendCreated(reply, result)
        }
      },
    })
  }
