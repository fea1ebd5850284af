import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod'
import { z } from 'zod'
import { BatchRedriveIn } from '../../actions/batch-in.ts'
import { cancelBatch, closeBatch, redriveBatch } from '../../actions/manage-batch.ts'
import { batchStates } from '../../store/batches.ts'
import { principalOf } from '../auth.ts'
import { sendBatch, showBatch, showBatches } from '../batch-answers.ts'
import { answersJson } from '../negotiation.ts'
import { sendProblem } from '../problem.ts'
import type { RouteContext } from '../route-context.ts'
import { BatchOut } from '../schemas/batch-out.ts'
import { idParams } from '../schemas/ids.ts'
import { cursorQuery, limitQuery, listOf, toPage } from '../schemas/list.ts'
import { problems } from '../schemas/problem-out.ts'
import { valuesOf } from '../schemas/values.ts'
import { sendPage } from '../send-page.ts'
import { stateInWords } from '../state-in-words.ts'
import { requireKeyOrToken, tokenQuery } from '../token-auth.ts'

const busyOrNot = {
  200: BatchOut.describe('It is open, or has ended.'),
  202: BatchOut.describe('It is running, or being canceled.'),
}

export const batchRoutes =
  (context: RouteContext): FastifyPluginAsyncZod =>
  async (app) => {
    const { deps, requireKey } = context
    app.route({
      method: 'GET',
      url: '/v1/batches',
      onRequest: [requireKey('jobs:read'), answersJson],
      schema: {
        operationId: 'listBatches',
        summary: 'List batches',
        description: 'Newest first.',
        tags: ['batches'],
        querystring: z.strictObject({
          state: valuesOf(z.enum(batchStates)),
          limit: limitQuery,
          cursor: cursorQuery.optional(),
        }),
        response: { 200: listOf(BatchOut), ...problems('not_acceptable') },
      },
      handler: async (request, reply) => {
        const { limit, cursor, state } = request.query
        const page = { limit: limit + 1, after: cursor ?? null }
        const filter = state === undefined ? {} : { states: state }
        const batches = await deps.batches.list(principalOf(request).tenantId, filter, page)
        const { data, next_cursor } = toPage(batches, limit, (batch) => batch)
        const shown = { data: await showBatches(deps, data), next_cursor }
        return sendPage(request, reply, deps.settings.publicUrl, shown)
      },
    })

    app.route({
      method: 'GET',
      url: '/v1/batches/:id',
      onRequest: [requireKeyOrToken(context, { purpose: 'stream', claim: 'batch_id' }), answersJson],
      schema: {
        operationId: 'getBatch',
        summary: 'Read a batch',
        description: 'Its counts are exact at the moment of the answer.',
        tags: ['batches'],
        params: idParams,
        querystring: z.strictObject({ token: tokenQuery }),
        response: { ...busyOrNot, ...problems('invalid_token', 'not_acceptable', 'not_found') },
      },
      handler: async (request, reply) => {
        const batch = await deps.batches.find(principalOf(request).tenantId, request.params.id)
        return batch === null ? sendProblem(reply, 'not_found') : sendBatch(deps, reply, batch)
      },
    })

    app.route({
      method: 'POST',
      url: '/v1/batches/:id/close',
      onRequest: [requireKey('jobs:write'), answersJson],
      schema: {
        operationId: 'closeBatch',
        summary: 'Close a batch, which starts it',
        description:
          'It takes no more lines, and its jobs are let go of: all of them, or as many as the queue of the tenant has room for and the others as it empties. With `all_or_nothing` and a bad line, none is started and the batch fails. Closing a closed batch changes nothing.',
        tags: ['batches'],
        params: idParams,
        response: { ...busyOrNot, ...problems('not_acceptable', 'not_found') },
      },
      handler: async (request, reply) => {
        const { tenantId } = principalOf(request)
        const result = await closeBatch(deps, { tenantId, batchId: request.params.id })
        return result.outcome === 'not_found'
          ? sendProblem(reply, 'not_found')
          : sendBatch(deps, reply, result.batch)
      },
    })

    app.route({
      method: 'POST',
      url: '/v1/batches/:id/cancel',
      onRequest: [requireKey('jobs:write'), answersJson],
      schema: {
        operationId: 'cancelBatch',
        summary: 'Cancel a batch',
        description:
          'Jobs that nobody works on end at once, the others as soon as their holders have stopped. What has succeeded stays. The batch ends as `canceled`.',
        tags: ['batches'],
        params: idParams,
        response: {
          202: BatchOut.describe('It is being canceled.'),
          ...problems('not_acceptable', 'not_found', 'already_finished'),
        },
      },
      handler: async (request, reply) => {
        const { tenantId } = principalOf(request)
        const result = await cancelBatch(deps, { tenantId, batchId: request.params.id })
        switch (result.outcome) {
          case 'canceling':
            return reply.code(202).send(await showBatch(deps, result.batch))
          case 'already_finished':
            return sendProblem(reply, 'already_finished', {
              detail: `The batch ${stateInWords[result.batch.state]}.`,
            })
          case 'not_found':
            return sendProblem(reply, 'not_found')
        }
      },
    })

    app.route({
      method: 'POST',
      url: '/v1/batches/:id/redrive',
      onRequest: [requireKey('jobs:write'), answersJson],
      schema: {
        operationId: 'redriveBatch',
        summary: 'Run the failed jobs of a batch again',
        description:
          'Each goes on from where it failed, with what is recorded, as by POST /v1/jobs/{id}/redrive. A job that would send a message again that may have been paid for is skipped, unless `accept_cost` is true. The batch runs again, and ends again with another `batch.completed`.',
        tags: ['batches'],
        params: idParams,
        body: BatchRedriveIn.nullish(),
        response: {
          202: BatchOut.describe('Its failed jobs are being put back in the queue.'),
          ...problems('not_acceptable', 'not_found', 'batch_not_redrivable'),
        },
      },
      handler: async (request, reply) => {
        const result = await redriveBatch(deps, {
          tenantId: principalOf(request).tenantId,
          batchId: request.params.id,
          failureCodes: request.body?.failure_codes ?? null,
          isCostAccepted: request.body?.accept_cost ?? false,
        })
        switch (result.outcome) {
          case 'redriving':
            return reply.code(202).send(await showBatch(deps, result.batch))
          case 'not_redrivable':
            return sendProblem(reply, 'batch_not_redrivable', { detail: result.detail })
          case 'not_found':
            return sendProblem(reply, 'not_found')
        }
      },
    })
  }
