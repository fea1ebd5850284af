import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod'
import { principalOf } from '../auth.ts'
import { answersWith } from '../negotiation.ts'
import { sendProblem } from '../problem.ts'
import type { RouteContext } from '../route-context.ts'
import { idParams } from '../schemas/ids.ts'
import { problems } from '../schemas/problem-out.ts'
import { draftQuery, draftResponse, sendDraft, subtitleTypes } from '../send-draft.ts'

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
        querystring: draftQuery,
        response: {
          200: draftResponse,
          ...problems('not_acceptable', 'not_found', 'no_draft', 'provider_unavailable'),
        },
      },
      handler: async (request, reply) => {
        const jobId = request.params.id
        const reading = await deps.readTimeline({ tenantId: principalOf(request).tenantId, jobId })
        return reading.outcome === 'not_found'
          ? sendProblem(reply, 'not_found')
          : sendDraft(reply, reading, { format: request.query.format, name: jobId })
      },
    })
  }
