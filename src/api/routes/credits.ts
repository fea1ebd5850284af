import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod'
import { principalOf } from '../auth.ts'
import { answersJson } from '../negotiation.ts'
import type { RouteContext } from '../route-context.ts'
import { CreditsOut, toCreditsOut } from '../schemas/credits-out.ts'
import { problems } from '../schemas/problem-out.ts'
import { sendProviderAway } from '../send-provider-away.ts'

export const creditRoutes =
  ({ deps, requireKey }: RouteContext): FastifyPluginAsyncZod =>
  async (app) => {
    app.route({
      method: 'GET',
      url: '/v1/credits',
      onRequest: [requireKey('usage:read'), answersJson],
      schema: {
        operationId: 'getCredits',
        summary: 'Read the credits of the provider account',
        tags: ['usage'],
        response: { 200: CreditsOut, ...problems('not_acceptable', 'provider_unavailable') },
      },
      handler: async (request, reply) => {
        const reading = await deps.readCredits(principalOf(request).tenantId)
        return reading.outcome === 'read'
          ? reply.send(toCreditsOut(reading))
          : sendProviderAway(reply, reading)
      },
    })
  }
