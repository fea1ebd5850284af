import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod'
import { z } from 'zod'
import { rotateEndpointSecret } from '../../actions/callback-secret.ts'
import { changeEndpoint } from '../../actions/create-endpoint.ts'
import { disableEndpoint } from '../../actions/disable-endpoint.ts'
import { EndpointPatch, RotationIn } from '../../actions/endpoint-in.ts'
import type { EndpointRecord } from '../../store/callback-endpoints.ts'
import { principalOf } from '../auth.ts'
import { answersJson } from '../negotiation.ts'
import { sendProblem } from '../problem.ts'
import type { RouteContext } from '../route-context.ts'
import { EndpointOut, EndpointWithSecretOut, toEndpointOut } from '../schemas/endpoint-out.ts'
import { idParams } from '../schemas/ids.ts'
import { cursorQuery, limitQuery, listOf, toPage } from '../schemas/list.ts'
import { problems } from '../schemas/problem-out.ts'
import { sendPage } from '../send-page.ts'
import { sendRefusal } from '../send-refusal.ts'
import { leaveBodyToAction } from '../validation.ts'

export const callbackEndpointRoutes =
  ({ deps, requireKey }: RouteContext): FastifyPluginAsyncZod =>
  async (app) => {
    const { publicUrl } = deps.settings
    const toOut = (endpoint: EndpointRecord): EndpointOut =>
      toEndpointOut(endpoint, publicUrl, deps.clock.nowMs())

    app.route({
      method: 'GET',
      url: '/v1/callback-endpoints',
      onRequest: [requireKey('callbacks:read'), answersJson],
      schema: {
        operationId: 'listCallbackEndpoints',
        summary: 'List endpoints for callbacks',
        tags: ['callbacks'],
        querystring: z.strictObject({ limit: limitQuery, cursor: cursorQuery.optional() }),
        response: { 200: listOf(EndpointOut), ...problems('not_acceptable') },
      },
      handler: async (request, reply) => {
        const { limit, cursor } = request.query
        const page = { limit: limit + 1, after: cursor ?? null }
        const endpoints = await deps.endpoints.list(principalOf(request).tenantId, page)
        return sendPage(request, reply, publicUrl, toPage(endpoints, limit, toOut))
      },
    })

    app.route({
      method: 'GET',
      url: '/v1/callback-endpoints/:id',
      onRequest: [requireKey('callbacks:read'), answersJson],
      schema: {
        operationId: 'getCallbackEndpoint',
        summary: 'Read an endpoint for callbacks',
        tags: ['callbacks'],
        params: idParams,
        response: { 200: EndpointOut, ...problems('not_acceptable', 'not_found') },
      },
      handler: async (request, reply) => {
        const endpoint = await deps.endpoints.find(principalOf(request).tenantId, request.params.id)
        return endpoint === null ? sendProblem(reply, 'not_found') : reply.send(toOut(endpoint))
      },
    })

    app.route({
      method: 'PATCH',
      url: '/v1/callback-endpoints/:id',
      onRequest: [requireKey('callbacks:write'), answersJson],
      validatorCompiler: leaveBodyToAction,
      schema: {
        operationId: 'updateCallbackEndpoint',
        summary: 'Change an endpoint for callbacks',
        description:
          'What is left out stays. Deliveries under way go to a new URL from their next try on, and the failures of the former one are forgotten.',
        tags: ['callbacks'],
        params: idParams,
        body: EndpointPatch,
        response: {
          200: EndpointOut,
          ...problems(
            'not_acceptable',
            'not_found',
            'payload_too_large',
            'unsupported_content_type',
            'url_not_allowed',
          ),
        },
      },
      handler: async (request, reply) => {
        const place = { tenantId: principalOf(request).tenantId, endpointId: request.params.id }
        const result = await changeEndpoint(deps, { ...place, body: request.body })
        switch (result.outcome) {
          case 'changed':
            return reply.send(toOut(result.endpoint))
          case 'refused':
            return sendRefusal(reply, result)
          case 'not_found':
            return sendProblem(reply, 'not_found')
        }
      },
    })

    app.route({
      method: 'DELETE',
      url: '/v1/callback-endpoints/:id',
      onRequest: [requireKey('callbacks:write'), answersJson],
      schema: {
        operationId: 'deleteCallbackEndpoint',
        summary: 'Delete an endpoint for callbacks',
        description:
          'Deliveries that still wait for it are given up; of more than a thousand, the others follow within minutes.',
        tags: ['callbacks'],
        params: idParams,
        response: {
          204: z.undefined().describe('It is gone.'),
          ...problems('not_acceptable', 'not_found'),
        },
      },
      handler: async (request, reply) => {
        const isDeleted = await deps.endpoints.delete(principalOf(request).tenantId, request.params.id)
        return isDeleted ? reply.code(204).send() : sendProblem(reply, 'not_found')
      },
    })

    app.route({
      method: 'POST',
      url: '/v1/callback-endpoints/:id/rotate',
      onRequest: [requireKey('callbacks:write'), answersJson],
      schema: {
        operationId: 'rotateCallbackEndpointSecret',
        summary: 'Give an endpoint a new secret',
        description:
          'For `overlap_s` seconds (a day when left out) callbacks carry the signatures of both secrets. The new one is shown in this answer and never again. Rotating again within that time ends the one before the last.',
        tags: ['callbacks'],
        params: idParams,
        body: RotationIn.nullish(),
        response: { 200: EndpointWithSecretOut, ...problems('not_acceptable', 'not_found') },
      },
      handler: async (request, reply) => {
        const { overlap_s: overlapS } = request.body ?? RotationIn.parse({})
        const place = { tenantId: principalOf(request).tenantId, endpointId: request.params.id, overlapS }
        const rotated = await rotateEndpointSecret(deps, place)
        return rotated === null
          ? sendProblem(reply, 'not_found')
          : reply.send({ ...toOut(rotated.endpoint), secret: rotated.secret })
      },
    })

    app.route({
      method: 'POST',
      url: '/v1/callback-endpoints/:id/enable',
      onRequest: [requireKey('callbacks:write'), answersJson],
      schema: {
        operationId: 'enableCallbackEndpoint',
        summary: 'Enable a disabled endpoint',
        description:
          'Its failures are forgotten, and what had to wait while it was disabled is delivered; of more than a thousand deliveries, the others follow within minutes. Of events that happened meanwhile there are no deliveries.',
        tags: ['callbacks'],
        params: idParams,
        response: { 200: EndpointOut, ...problems('not_acceptable', 'not_found') },
      },
      handler: async (request, reply) => {
        const endpoint = await deps.endpoints.enable(principalOf(request).tenantId, request.params.id)
        if (endpoint === null) return sendProblem(reply, 'not_found')
        deps.wakeDispatcher()
        return reply.send(toOut(endpoint))
      },
    })

    app.route({
      method: 'POST',
      url: '/v1/callback-endpoints/:id/disable',
      onRequest: [requireKey('callbacks:write'), answersJson],
      schema: {
        operationId: 'disableCallbackEndpoint',
        summary: 'Disable an endpoint',
        description:
          'No more deliveries are made for it, and those that wait are put aside until it is enabled again; a try under way still ends. The feed and the other endpoints are told as if it had disabled itself. One that is disabled already stays as it is.',
        tags: ['callbacks'],
        params: idParams,
        response: { 200: EndpointOut, ...problems('not_acceptable', 'not_found') },
      },
      handler: async (request, reply) => {
        const place = { tenantId: principalOf(request).tenantId, endpointId: request.params.id }
        const endpoint = await disableEndpoint({ ...deps, showEndpoint: toOut }, place, 'requested')
        if (endpoint === null) return sendProblem(reply, 'not_found')
        deps.wakeDispatcher()
        return reply.send(toOut(endpoint))
      },
    })
  }
