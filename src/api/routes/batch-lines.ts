import type { FastifyReply, FastifyRequest } from 'fastify'
import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod'
import { z } from 'zod'
import { addLines } from '../../actions/add-lines.ts'
import type { LineCounts } from '../../actions/line-counts.ts'
import { principalOf } from '../auth.ts'
import { sendStop } from '../batch-answers.ts'
import { openLineRequest, takeLinesAsStreams, withPlace } from '../lines/accept-lines.ts'
import { createLineRoom } from '../lines/line-room.ts'
import { lineFormats } from '../lines/read-lines.ts'
import { lingerAfter } from '../linger.ts'
import { answersJson } from '../negotiation.ts'
import { sendProblem } from '../problem.ts'
import type { RouteContext } from '../route-context.ts'
import { idempotencyHeaders, idParams } from '../schemas/ids.ts'
import { LinesOut, toLinesOut } from '../schemas/line-out.ts'
import { problems } from '../schemas/problem-out.ts'
import { sendKeptBack } from '../send-kept-back.ts'
import { sendReplay } from '../send-replay.ts'

export const batchLineRoute =
  (context: RouteContext): FastifyPluginAsyncZod =>
  async (app) => {
    takeLinesAsStreams(app, lineFormats)
    const room = createLineRoom()

    app.route({
      method: 'POST',
      url: '/v1/batches/:id/lines',
      onRequest: [context.requireKey('jobs:write'), answersJson],
      schema: {
        operationId: 'addBatchLines',
        summary: 'Send lines to a batch',
        description:
          'A stream of bodies of jobs, each with a `custom_id` if you like: NDJSON, a JSON array, or CSV whose columns are named with dots (`output.format`, `metadata.order`; `input_urls` and `tags` take several values with `;` between them). Any number of times. A line whose `custom_id` the batch has already is a duplicate and changes nothing, so a stream that broke off is simply sent again; with `Idempotency-Key`, lines without a `custom_id` are known by their numbers, a stream that broke off goes on where it was, and one that was read to its end is answered as before; other lines under the same key are refused. Bad lines are kept with what is wrong with them, and hold up nothing; a line that is right takes the errors of its `custom_id` back. A line whose `dedupe` key another job holds is a duplicate, a bad line, or replaces that job, as its `on_conflict` says; one with a `session_id` becomes a job of that conversation. A batch has 1,000,000 lines at most, a stream 2 GiB, a line 1 MiB. What was taken before a problem stays.',
        tags: ['batches'],
        params: idParams,
        querystring: z.strictObject({
          close: z.stringbool().default(false).describe('Close the batch once every line was read.'),
        }),
        headers: idempotencyHeaders,
        response: {
          200: LinesOut,
          ...problems(
            'not_acceptable',
            'not_found',
            'idempotency_in_flight',
            'batch_not_open',
            'batch_full',
            'payload_too_large',
            'unsupported_content_type',
            'idempotency_key_reused',
            'too_many_streams',
          ),
        },
      },
      handler: async (request, reply) =>
        withPlace(room, request, reply, () =>
          takeLines(context, request, reply, { batchId: request.params.id, isLast: request.query.close }),
        ),
    })
  }

const takeLines = async (
  { deps }: RouteContext,
  request: FastifyRequest,
  reply: FastifyReply,
  { batchId, isLast }: { readonly batchId: string; readonly isLast: boolean },
): Promise<FastifyReply> => {
  const { tenantId } = principalOf(request)
  const toBody = (counts: LineCounts): LinesOut => toLinesOut(counts, deps.settings.publicUrl)
  const input = { tenantId, batchId, isLast, toBody, ...openLineRequest(request) }
  const result = await addLines(deps, input)
  switch (result.outcome) {
    case 'taken':
      return reply.send(toBody(result.counts))
    case 'replayed':
      return sendReplay(reply, result)
    case 'stopped':
      return sendStop(reply, result.stop, result)
    case 'key_reused':
      return sendKeptBack(reply, result.outcome)
    case 'in_flight':
      lingerAfter(reply)
      return sendKeptBack(reply, result.outcome)
    case 'not_found':
    case 'batch_not_open':
      lingerAfter(reply)
      return sendProblem(reply, result.outcome)
  }
}
