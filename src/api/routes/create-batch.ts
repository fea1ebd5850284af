import type { FastifyReply, FastifyRequest } from 'fastify'
import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod'
import { BatchIn, BatchQuery } from '../../actions/batch-in.ts'
import { createBatch } from '../../actions/create-batch.ts'
import { createStreamedBatch, type StreamedBatchOutcome } from '../../actions/create-streamed-batch.ts'
import { noFigures } from '../../store/tallies.ts'
import { principalOf } from '../auth.ts'
import { sendStop, showBatch } from '../batch-answers.ts'
import { readKeyed } from '../keyed-body.ts'
import { openLineRequest, takeLinesAsStreams, withPlace } from '../lines/accept-lines.ts'
import { createLineRoom } from '../lines/line-room.ts'
import { type LineFormat, lineFormatOf } from '../lines/read-lines.ts'
import { lingerAfter } from '../linger.ts'
import { answersJson } from '../negotiation.ts'
import type { RouteContext } from '../route-context.ts'
import { BatchOut, batchUrl, toBatchOut } from '../schemas/batch-out.ts'
import { idempotencyHeaders } from '../schemas/ids.ts'
import { LinesOut, toLinesOut } from '../schemas/line-out.ts'
import { problems } from '../schemas/problem-out.ts'
import { sendCreated } from '../send-created.ts'
import { sendKeptBack } from '../send-kept-back.ts'
import { sendRefusal } from '../send-refusal.ts'
import { leaveBodyToAction } from '../validation.ts'

const route = 'POST /v1/batches'

const StreamedBatchOut = BatchOut.extend({
  ingest: LinesOut.describe('What came of the lines of this request.'),
}).meta({ id: 'StreamedBatch' })

export const createBatchRoute =
  (context: RouteContext): FastifyPluginAsyncZod =>
  async (app) => {
    takeLinesAsStreams(app, streamed)
    const room = createLineRoom()

    app.route({
      method: 'POST',
      url: '/v1/batches',
      onRequest: [context.requireKey('jobs:write'), answersJson],
      validatorCompiler: leaveBodyToAction,
      schema: {
        operationId: 'createBatch',
        summary: 'Make a batch',
        description:
          'With a JSON object, a batch that takes lines until it is closed. With the lines themselves (`application/x-ndjson` or `text/csv`), a batch that closes itself once they were read; what its query cannot say needs the other way. With `Idempotency-Key`, lines that broke off are sent again as a whole, and go on in the same batch.',
        tags: ['batches'],
        headers: idempotencyHeaders,
        querystring: BatchQuery.describe('Of a batch that is made from its lines.'),
        body: BatchIn,
        response: {
          201: BatchOut.describe('It takes lines.'),
          202: StreamedBatchOut.describe('It was made from the lines, and runs.'),
          ...problems(
            'not_acceptable',
            'idempotency_in_flight',
            'payload_too_large',
            'batch_full',
            'unsupported_content_type',
            'unknown_skill',
            'unknown_upload',
            'url_not_allowed',
            'not_supported',
            'idempotency_key_reused',
            'too_many_streams',
          ),
        },
      },
      handler: async (request, reply) =>
        hasLines(request)
          ? withPlace(room, request, reply, () => createFromLines(context, request, reply, request.query))
          : createOpen(context, request, reply),
    })
  }

const streamed: readonly LineFormat[] = ['application/x-ndjson', 'text/csv']

/** JSON is a batch that lines are sent to later. */
const hasLines = ({ headers }: FastifyRequest): boolean => {
  const format = lineFormatOf(headers['content-type'])
  return format !== null && streamed.includes(format)
}

const createOpen = async (
  { deps }: RouteContext,
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<FastifyReply> => {
  const { tenantId } = principalOf(request)
  const view = { publicUrl: deps.settings.publicUrl, nowMs: deps.clock.nowMs() }
  const result = await createBatch(deps, {
    tenantId,
    body: request.body,
    ...readKeyed(request, route, request.body),
    toBody: (batch) => toBatchOut(batch, noFigures, view),
  })
  return result.outcome === 'refused' ? sendRefusal(reply, result) : sendCreated(reply, result)
}

const createFromLines = async (
  { deps }: RouteContext,
  request: FastifyRequest,
  reply: FastifyReply,
  query: BatchQuery,
): Promise<FastifyReply> => {
  const { tenantId } = principalOf(request)
  const { groups, streamKey } = openLineRequest(request)
  const input = { tenantId, query, groups, streamKey }
  return answer(deps, reply, await createStreamedBatch(deps, input))
}

const nothing = { accepted: 0, rejected: 0, duplicates: 0, errors: [] }

const answer = async (
  deps: RouteContext['deps'],
  reply: FastifyReply,
  result: StreamedBatchOutcome,
): Promise<FastifyReply> => {
  const { publicUrl } = deps.settings
  switch (result.outcome) {
    case 'created': {
      const batch = await showBatch(deps, result.batch)
      if (result.isReplay) reply.header('idempotency-replayed', 'true')
      reply.header('location', batchUrl(publicUrl, result.batch.id))
      return reply.code(202).send({ ...batch, ingest: toLinesOut(result.result.counts, publicUrl) })
    }
    case 'stopped':
      reply.header('location', batchUrl(publicUrl, result.batch.id))
      return sendStop(reply, result.stop, result.result)
    case 'unreadable':
      return sendStop(reply, result.stop, { counts: nothing })
    case 'key_reused':
    case 'in_flight':
      lingerAfter(reply)
      return sendKeptBack(reply, result.outcome)
  }
}
