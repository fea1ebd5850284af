import type { FastifyReply, FastifyRequest } from 'fastify'
import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod'
import { z } from 'zod'
import { principalOf } from '../auth.ts'
import { answersWith, preferenceFor } from '../negotiation.ts'
import { sendProblem } from '../problem.ts'
import type { RouteContext } from '../route-context.ts'
import { EventOut, toEventOut } from '../schemas/event-out.ts'
import { idParams } from '../schemas/ids.ts'
import { limitQuery, listOf } from '../schemas/list.ts'
import { problems } from '../schemas/problem-out.ts'
import { sendPage } from '../send-page.ts'
import type { EventStream } from '../streams/event-stream.ts'
import { followJob } from '../streams/follow-job.ts'
import { requireKeyOrToken, tokenQuery } from '../token-auth.ts'

export const eventStreamType = 'text/event-stream'

const lastEventShape = /^\d{1,9}$/

export const jobEventRoutes =
  (context: RouteContext): FastifyPluginAsyncZod =>
  async (app) => {
    const { deps } = context

    app.route({
      method: 'GET',
      url: '/v1/jobs/:id/events',
      // A HEAD request would hold a stream open.
      exposeHeadRoute: false,
      onRequest: [
        requireKeyOrToken(context, { purpose: 'stream', claim: 'job_id' }),
        answersWith('application/json', eventStreamType),
      ],
      schema: {
        operationId: 'listJobEvents',
        summary: 'Read or follow what happens to a job',
        description:
          'As JSON, a page of events after a number. With `Accept: text/event-stream`, all of them and then each as it happens, until the job has ended; `Last-Event-ID` goes on where a stream broke off. A `gap` event names events whose retention is over.',
        tags: ['events'],
        params: idParams,
        querystring: z.strictObject({
          after: z.coerce.number().int().min(0).max(2_147_483_647).default(0),
          limit: limitQuery,
          token: tokenQuery,
        }),
        headers: z.object({ 'last-event-id': z.string().optional() }),
        response: {
          200: {
            description: 'A page of events, or the stream.',
            content: {
              'application/json': { schema: listOf(EventOut, 'after') },
              [eventStreamType]: { schema: z.string() },
            },
          },
          ...problems('invalid_token', 'not_acceptable', 'not_found', 'too_many_streams'),
        },
      },
      handler: async (request, reply) => {
        const job = await deps.jobs.find(principalOf(request).tenantId, request.params.id)
        if (job === null) return sendProblem(reply, 'not_found')
        const { after, limit } = request.query
        if (wantsStream(request)) return streamJob(context, request, reply, { jobId: job.id, after })
        const events = await deps.events.listOfJob(job.id, { after, limit: limit + 1 })
        const data = events.slice(0, limit)
        const next_cursor = events.length > limit ? String(data.at(-1)?.seq) : null
        return sendPage(
          request,
          reply,
          deps.settings.publicUrl,
          { data: data.map(toEventOut), next_cursor },
          'after',
        )
      },
    })
  }

/** Both forms may be accepted; a browser's EventSource and `curl -H` name the stream. */
export const wantsStream = ({ headers }: FastifyRequest): boolean =>
  headers.accept?.toLowerCase().includes(eventStreamType) === true &&
  preferenceFor(headers.accept, eventStreamType) >= preferenceFor(headers.accept, 'application/json')

const streamJob = (
  context: RouteContext,
  request: FastifyRequest,
  reply: FastifyReply,
  { jobId, after }: { readonly jobId: string; readonly after: number },
): FastifyReply | Promise<FastifyReply> => {
  const { tenantId } = principalOf(request)
  const lastEventId = request.headers['last-event-id']
  if (lastEventId !== undefined && !lastEventShape.test(String(lastEventId))) return refuseLastEventId(reply)
  const from = lastEventId === undefined ? after : Number(lastEventId)
  return openStream(context, request, reply, (stream) =>
    followJob({ ...context.deps, hub: context.hub }, stream, { tenantId, jobId, after: from }),
  )
}

export const refuseLastEventId = (reply: FastifyReply): FastifyReply =>
  sendProblem(reply, 'invalid_request', {
    errors: [
      {
        pointer: '/headers/last-event-id',
        code: 'not_accepted',
        detail: 'must be the id of an event that this stream gave',
      },
    ],
  })

/**
 * Opens a stream and lets it be filled; whatever goes wrong with that ends it, and the client comes back. Where no more
 * streams may be open, that is the answer, unless there is another one.
 */
export const openStream = async (
  { deps, room }: RouteContext,
  request: FastifyRequest,
  reply: FastifyReply,
  fill: (stream: EventStream) => Promise<void>,
  answerWithout = () => sendProblem(reply, 'too_many_streams', { retryAfterS: 30 }),
): Promise<FastifyReply> => {
  const stream = room.open(reply, principalOf(request).keyId)
  if (stream === null) return answerWithout()
  try {
    await fill(stream)
  } catch (error) {
    deps.log.warn({ err: error, requestId: request.id }, 'an event stream broke off')
    stream.end()
  }
  return reply
}
