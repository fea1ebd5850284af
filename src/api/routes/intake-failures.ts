import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod'
import { z } from 'zod'
import { toAuditEntry } from '../../actions/audit-entry.ts'
import { retryFailure } from '../../actions/retry-failure.ts'
import { actorOf, principalOf } from '../auth.ts'
import { readJson } from '../json-body.ts'
import { answersJson } from '../negotiation.ts'
import { sendProblem } from '../problem.ts'
import type { RouteContext } from '../route-context.ts'
import { idParams } from '../schemas/ids.ts'
import {
  IntakeFailureOut,
  KeptFailureOut,
  TakenEventOut,
  toFailureOut,
  toKeptFailureOut,
} from '../schemas/intake-out.ts'
import { cursorQuery, limitQuery, listOf, toPage } from '../schemas/list.ts'
import { problems } from '../schemas/problem-out.ts'
import { sendPage } from '../send-page.ts'
import { sendTakenEvent } from '../send-taken-event.ts'

const failureParams = z.object({ id: z.string(), failure_id: z.string() })

/** The events of which no job could be made. */
export const intakeFailureRoutes =
  ({ deps, requireKey }: RouteContext): FastifyPluginAsyncZod =>
  async (app) => {
    const { publicUrl } = deps.settings

    app.route({
      method: 'GET',
      url: '/v1/intakes/:id/failures',
      onRequest: [requireKey('intakes:read'), answersJson],
      schema: {
        operationId: 'listIntakeFailures',
        summary: 'List the events of which no job could be made',
        description:
          'Newest first, with why; each is kept with its body until it is retried with success, deleted, or as old as the tenant keeps things. Read one for its body.',
        tags: ['intakes'],
        params: idParams,
        querystring: z.strictObject({
          state: z.enum(['open', 'resolved']).optional(),
          limit: limitQuery,
          cursor: cursorQuery.optional(),
        }),
        response: { 200: listOf(IntakeFailureOut), ...problems('not_acceptable', 'not_found') },
      },
      handler: async (request, reply) => {
        const { tenantId } = principalOf(request)
        const { id } = request.params
        const { state, limit, cursor } = request.query
        if ((await deps.intakes.find(tenantId, id)) === null) return sendProblem(reply, 'not_found')
        const filter = { isOpen: state === undefined ? null : state === 'open' }
        const page = { limit: limit + 1, after: cursor ?? null }
        const failures = await deps.intakeFailures.list(tenantId, id, filter, page)
        const shown = toPage(failures, limit, (failure) => toFailureOut(failure, publicUrl))
        return sendPage(request, reply, publicUrl, shown)
      },
    })

    app.route({
      method: 'GET',
      url: '/v1/intakes/:id/failures/:failure_id',
      onRequest: [requireKey('intakes:read'), answersJson],
      schema: {
        operationId: 'getIntakeFailure',
        summary: 'Read an event of which no job could be made',
        tags: ['intakes'],
        params: failureParams,
        response: { 200: KeptFailureOut, ...problems('not_acceptable', 'not_found') },
      },
      handler: async (request, reply) => {
        const { id, failure_id: failureId } = request.params
        const failure = await deps.intakeFailures.find(principalOf(request).tenantId, id, failureId)
        return failure === null
          ? sendProblem(reply, 'not_found')
          : reply.send(toKeptFailureOut(failure, publicUrl))
      },
    })

    app.route({
      method: 'DELETE',
      url: '/v1/intakes/:id/failures/:failure_id',
      onRequest: [requireKey('intakes:write'), answersJson],
      schema: {
        operationId: 'deleteIntakeFailure',
        summary: 'Delete what is kept of a failed event',
        tags: ['intakes'],
        params: failureParams,
        response: { 204: z.undefined().describe('It is gone.'), ...problems('not_acceptable', 'not_found') },
      },
      handler: async (request, reply) => {
        const { tenantId } = principalOf(request)
        const { id, failure_id: failureId } = request.params
        const deed = { action: 'intake_failure.deleted', tenantId, subjectId: failureId } as const
        const audit = toAuditEntry(deps.clock, actorOf(request), deed)
        const isDeleted = await deps.intakeFailures.delete(tenantId, id, failureId, audit)
        return isDeleted ? reply.code(204).send() : sendProblem(reply, 'not_found')
      },
    })

    app.route({
      method: 'POST',
      url: '/v1/intakes/:id/failures/:failure_id/retry',
      onRequest: [requireKey('intakes:write'), answersJson],
      schema: {
        operationId: 'retryIntakeFailure',
        summary: 'Try a failed event again',
        description:
          'By the mapping and the defaults that the intake has now. An event becomes one job at most, so retrying it twice is harmless and needs no idempotency key: the second time answers 200 with the same job.',
        tags: ['intakes'],
        params: failureParams,
        response: {
          200: TakenEventOut.describe('The event had become a job before, or is to make none.'),
          202: TakenEventOut.describe('The event has become a job.'),
          ...problems('not_acceptable', 'not_found', 'mapping_failed', 'job_refused', 'queue_full'),
        },
      },
      handler: async (request, reply) => {
        const { tenantId, queueBound, maxCreditsPerDay } = principalOf(request)
        const { id: intakeId, failure_id: failureId } = request.params
        const retried = await retryFailure(
          { ...deps, readJson },
          {
            tenantId,
            intakeId,
            failureId,
            limits: { queueBound: queueBound ?? deps.settings.queueBound, maxCreditsPerDay },
          },
        )
        return retried.outcome === 'not_found'
          ? sendProblem(reply, 'not_found')
          : sendTakenEvent(reply, retried.taken, { eventId: retried.eventId, publicUrl })
      },
    })
  }
