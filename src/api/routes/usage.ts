import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod'
import { principalOf } from '../auth.ts'
import { answersJson } from '../negotiation.ts'
import type { RouteContext } from '../route-context.ts'
import { problems } from '../schemas/problem-out.ts'
import { toDays, toUsageOut, UsageOut, UsageQuery } from '../schemas/usage-out.ts'
import { sendPage } from '../send-page.ts'
import { sendRefusal } from '../send-refusal.ts'

export const usageRoutes =
  ({ deps, requireKey }: RouteContext): FastifyPluginAsyncZod =>
  async (app) => {
    app.route({
      method: 'GET',
      url: '/v1/usage',
      onRequest: [requireKey('usage:read'), answersJson],
      schema: {
        operationId: 'getUsage',
        summary: 'Read what was used',
        description:
          'Jobs by how they ended, credits, and what was made, by day (UTC), skill or tag. Exact at once. A job with several tags counts under each of them, so that tags may add up to more than the total.',
        tags: ['usage'],
        querystring: UsageQuery,
        response: { 200: UsageOut, ...problems('not_acceptable', 'out_of_range') },
      },
      handler: async (request, reply) => {
        const { group_by: groupBy, limit, cursor } = request.query
        const days = toDays(request.query, deps.clock.nowMs())
        if (days.outcome === 'refused') return sendRefusal(reply, { isMalformed: false, faults: days.faults })
        const { from, to } = days
        const { tenantId } = principalOf(request)
        const usage = await deps.usage.read({ tenantId, from, to, groupBy, limit, after: cursor ?? null })
        const page = toUsageOut({ from, to, group_by: groupBy }, usage, limit)
        return sendPage(request, reply, deps.settings.publicUrl, page)
      },
    })
  }
