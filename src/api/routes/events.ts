import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod'
import { z } from 'zod'
import { type FeedEventType, feedEventTypes } from '../../job/events.ts'
import type { FeedCursor } from '../../store/job-events.ts'
import { principalOf } from '../auth.ts'
import type { ApiDeps } from '../deps.ts'
import { answersWith } from '../negotiation.ts'
import type { RouteContext } from '../route-context.ts'
import { EventOut, FeedGapOut, toEventOut, toFeedGap } from '../schemas/event-out.ts'
import { limitQuery } from '../schemas/list.ts'
import { problems } from '../schemas/problem-out.ts'
import { valuesOf } from '../schemas/values.ts'
import { sendPage } from '../send-page.ts'
import { formatFeedCursor, parseFeedCursor } from '../streams/feed-cursor.ts'
import { followFeed } from '../streams/follow-feed.ts'
import { openStream, refuseLastEventId, wantsStream } from './job-events.ts'

const eventType = z.enum(feedEventTypes as [FeedEventType, ...FeedEventType[]])

/** Instead of a cursor, for who only watches and need not read all that was. */
const fromNowOn = 'now'

const feedCursor = z
  .string()
  .max(100)
  .describe('A cursor that the feed gave; `now` for what happens from now on.')
  .transform((text, context): FeedCursor | typeof fromNowOn => {
    if (text === fromNowOn) return fromNowOn
    const cursor = parseFeedCursor(text)
    if (cursor !== null) return cursor
    context.addIssue({ code: 'custom', message: 'must be a cursor that the feed gave, or now' })
    return z.NEVER
  })

export const eventRoutes =
  (context: RouteContext): FastifyPluginAsyncZod =>
  async (app) => {
    const { deps, hub, requireKey } = context

    app.route({
      method: 'GET',
      url: '/v1/events',
      // A HEAD request would hold a stream open.
      exposeHeadRoute: false,
      onRequest: [requireKey('jobs:read'), answersWith('application/json', 'text/event-stream')],
      schema: {
        operationId: 'listEvents',
        summary: 'Read or follow what happens to all jobs',
        description:
          'The whole feed of the tenant, oldest first, in the same two forms as the events of one job. Its cursor is its own; each event still carries the `seq` of its job. Between them stand `batch.completed` and `callback_endpoint.disabled`, which are none of a job. The page always gives a `next_cursor` to go on from. Where the retention of events behind the cursor is over, `gap` names between which cursors some are missing; a stream has a `gap` event for that, before what is left of them.',
        tags: ['events'],
        querystring: z.strictObject({
          type: valuesOf(eventType),
          after: feedCursor.optional(),
          limit: limitQuery,
        }),
        headers: z.object({ 'last-event-id': z.string().optional() }),
        response: {
          200: {
            description: 'A page of events, or the stream.',
            content: {
              'application/json': {
                schema: z.object({
                  data: z.array(EventOut),
                  next_cursor: z
                    .string()
                    .describe('Goes into ?after= for what comes next, also on the last page.'),
                  gap: FeedGapOut.nullable().describe(
                    'Between these cursors events are missing; null: none are.',
                  ),
                }),
              },
              'text/event-stream': { schema: z.string() },
            },
          },
          ...problems('not_acceptable', 'too_many_streams'),
        },
      },
      handler: async (request, reply) => {
        const { tenantId } = principalOf(request)
        const { type = null, limit } = request.query
        const after = await startOf(deps, request.query.after ?? null)
        if (!wantsStream(request)) {
          const page = await deps.events.listFeed(tenantId, { after, types: type, limit })
          const body = {
            data: page.events.map(toEventOut),
            next_cursor: formatFeedCursor(page.next),
            gap: page.gapTo === null ? null : toFeedGap(after, page.gapTo),
          }
          return sendPage(request, reply, deps.settings.publicUrl, body, 'after')
        }
        const lastEventId = request.headers['last-event-id']
        const last = lastEventId === undefined ? after : parseFeedCursor(String(lastEventId))
        if (lastEventId !== undefined && last === null) return refuseLastEventId(reply)
        return openStream(context, request, reply, (stream) =>
          followFeed({ ...deps, hub }, stream, { tenantId, after: last, types: type }),
        )
      },
    })
  }

/** Where reading starts: after what is settled by now, or at the cursor. */
const startOf = async (
  { events }: ApiDeps,
  after: FeedCursor | typeof fromNowOn | null,
): Promise<FeedCursor | null> =>
  after === fromNowOn ? { xid: await events.readTailStart(), feedId: 0 } : after
