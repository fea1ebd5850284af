import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod'
import { z } from 'zod'
import { principalOf } from '../auth.ts'
import { answersJson } from '../negotiation.ts'
import { sendProblem } from '../problem.ts'
import type { RouteContext } from '../route-context.ts'
import { problems } from '../schemas/problem-out.ts'

const CreditsOut = z
  .object({
    available: z.number(),
    frozen: z.number().describe('Reserved by work under way.'),
    total: z.number(),
    token_expires_at: z.iso.datetime().nullable().describe('When the token of the account ends, if it does.'),
  })
  .meta({ id: 'Credits' })

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
        if (reading.outcome === 'provider_unavailable')
          return sendProblem(reply, 'provider_unavailable', { detail: reading.detail, retryAfterS: 10 })
        const { credits, tokenExpiresAt } = reading
        return reply.send({
          available: credits.available,
          frozen: credits.frozen,
          total: credits.total,
          token_expires_at: tokenExpiresAt?.toISOString() ?? null,
        })
      },
    })
  }
