import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod'
import { z } from 'zod'
import { principalOf } from '../auth.ts'
import { answersWith } from '../negotiation.ts'
import { sendProblem } from '../problem.ts'
import type { RouteContext } from '../route-context.ts'
import { idParams } from '../schemas/ids.ts'
import { problems } from '../schemas/problem-out.ts'
import { TimelineOut, toTimelineOut } from '../schemas/timeline-out.ts'

const subtitleTypes = { srt: 'application/x-subrip', vtt: 'text/vtt' } as const

export const timelineRoute =
  ({ deps, requireKey }: RouteContext): FastifyPluginAsyncZod =>
  async (app) => {
    app.route({
      method: 'GET',
      url: '/v1/jobs/:id/timeline',
      // A HEAD request would ask the provider for nothing.
      exposeHeadRoute: false,
      onRequest: [
        requireKey('jobs:read'),
        answersWith('application/json', subtitleTypes.srt, subtitleTypes.vtt),
      ],
      schema: {
        operationId: 'getTimeline',
        summary: 'Read what the draft of a job holds',
        description:
          "The tracks as they are in the provider's session now, which may be ahead of the file. With `format=srt` or `format=vtt`, the text tracks as subtitles; no render is needed for that.",
        tags: ['jobs'],
        params: idParams,
        querystring: z.strictObject({ format: z.enum(['json', 'srt', 'vtt']).default('json') }),
        response: {
          200: {
            description: 'The tracks, or the subtitles.',
            content: {
              'application/json': { schema: TimelineOut },
              [subtitleTypes.srt]: { schema: z.string() },
              [subtitleTypes.vtt]: { schema: z.string() },
            },
          },
          ...problems('not_acceptable', 'not_found', 'no_draft', 'provider_unavailable'),
        },
      },
      handler: async (request, reply) => {
        const { format } = request.query
        const jobId = request.params.id
        const reading = await deps.readTimeline({ tenantId: principalOf(request).tenantId, jobId })
        switch (reading.outcome) {
          case 'read':
            if (format === 'json') return reply.send(toTimelineOut(reading.timeline))
            return reply
              .type(`${subtitleTypes[format]}; charset=utf-8`)
              .header('content-disposition', `attachment; filename="${jobId}.${format}"`)
              .send(reading.subtitles(format))
          case 'provider_unavailable':
            return sendProblem(reply, 'provider_unavailable', { detail: reading.detail, retryAfterS: 10 })
          case 'no_draft':
            return sendProblem(reply, 'no_draft', { detail: reading.detail })
          case 'not_found':
            return sendProblem(reply, 'not_found')
        }
      },
    })
  }
