import type { FastifyReply } from 'fastify'
import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod'
import { z } from 'zod'
import { pointerTo } from '../../actions/fault.ts'
import { type RedriveOnceOutcome, redriveOnce } from '../../actions/redrive-once.ts'
import { stageNames } from '../../job/plan.ts'
import { reusables } from '../../job/redrive.ts'
import { pollS } from '../answer-job.ts'
import { principalOf } from '../auth.ts'
import { readKeyed } from '../keyed-body.ts'
import { answersJson } from '../negotiation.ts'
import { sendProblem } from '../problem.ts'
import { invalidRequest } from '../request-refusal.ts'
import type { RouteContext } from '../route-context.ts'
import { idempotencyHeaders, idParams } from '../schemas/ids.ts'
import { JobOut } from '../schemas/job-out.ts'
import { problems } from '../schemas/problem-out.ts'
import { sendKeptBack } from '../send-kept-back.ts'
import { jobUrl, toJobOut } from '../to-job-out.ts'

const RedriveIn = z.strictObject({
  from_stage: z
    .enum(stageNames)
    .optional()
    .describe('Any stage that the job has reached. Left out: where it failed, or where that is best mended.'),
  accept_cost: z
    .boolean()
    .default(false)
    .describe('Messages that may have been paid for already may be sent, and paid, again.'),
})

const RedriveOut = z
  .object({
    job: JobOut,
    from_stage: z.enum(stageNames),
    reused: z.array(z.enum(reusables)).describe('What is kept of the attempts before.'),
    rerun: z.array(z.enum(stageNames)).describe('The stages that are still to come.'),
    estimated_credits: z.int().describe('Of every message that will be sent, or may be.'),
  })
  .meta({ id: 'Redrive' })

export const redriveJobRoute =
  ({ deps, requireKey }: RouteContext): FastifyPluginAsyncZod =>
  async (app) => {
    app.route({
      method: 'POST',
      url: '/v1/jobs/:id/redrive',
      onRequest: [requireKey('jobs:write'), answersJson],
      schema: {
        operationId: 'redriveJob',
        summary: 'Run a failed job again',
        description:
          'The job goes on from a stage with what is recorded: its session, its uploads, its messages, its render. `from_stage: "session"` begins anew in a session of its own; `generate` and `confirm` mean the message that the job stands at. A message that may have been paid for already is sent again only with `accept_cost: true`. An input that was deleted or has expired meanwhile is refused where it is still needed: `errors` point into the job. A message of unknown outcome is looked for first; with `accept_cost` it is sent again when it is not found. The `attempt` of the job rises, and its deadlines are lifted. With `Idempotency-Key`, the same request redrives once; the replay shows the job as it is then.',
        tags: ['jobs'],
        params: idParams,
        headers: idempotencyHeaders,
        body: RedriveIn.nullish(),
        response: {
          202: RedriveOut,
          ...problems(
            'not_acceptable',
            'not_found',
            'not_failed',
            'session_lost',
            'cost_not_accepted',
            'idempotency_in_flight',
            'unknown_upload',
            'out_of_range',
            'idempotency_key_reused',
            'queue_full',
          ),
        },
      },
      handler: async (request, reply) => {
        const { tenantId, queueBound } = principalOf(request)
        const { id: jobId } = request.params
        const asked = { id: jobId, ...request.body }
        const { keyed, faults } = readKeyed(request, 'POST /v1/jobs/{id}/redrive', asked)
        if (faults.length > 0) throw invalidRequest(faults)
        const input = {
          tenantId,
          jobId,
          queueBound: queueBound ?? deps.settings.queueBound,
          fromStage: request.body?.from_stage ?? null,
          isCostAccepted: request.body?.accept_cost ?? false,
        }
        const result = await redriveOnce(deps, input, keyed)
        return answer(reply, result, deps.settings.publicUrl)
      },
    })
  }

const answer = (reply: FastifyReply, result: RedriveOnceOutcome, publicUrl: string): FastifyReply => {
  switch (result.outcome) {
    case 'replayed':
    case 'redriven':
      if (result.outcome === 'replayed') reply.header('idempotency-replayed', 'true')
      return reply
        .code(202)
        .headers({ location: jobUrl(publicUrl, result.job.id), 'retry-after': String(pollS) })
        .send({
          job: toJobOut(result.job, publicUrl),
          from_stage: result.fromStage,
          reused: result.reused,
          rerun: result.rerun,
          estimated_credits: result.estimatedCredits,
        })
    case 'cost_not_accepted':
      return sendProblem(reply, 'cost_not_accepted', {
        detail: `From ${result.fromStage}, this generates again, for about ${result.estimatedCredits} credits. Send accept_cost: true to accept that.`,
      })
    case 'uploads_gone':
      return sendProblem(reply, 'unknown_upload', {
        errors: result.uploads.map(({ index, uploadId }) => ({
          pointer: pointerTo(['inputs', index, 'upload_id']),
          code: 'unknown_upload',
          detail: `is ${uploadId}, which was deleted or has expired, and is needed from ${result.fromStage} on`,
        })),
      })
    case 'stage_not_possible':
      return sendProblem(reply, 'out_of_range', {
        errors: [
          {
            pointer: '/from_stage',
            code: 'out_of_range',
            detail: `must be a stage from which this job can go on: ${result.possible.join(', ')}`,
          },
        ],
      })
    case 'not_failed':
    case 'session_lost':
    case 'not_found':
      return sendProblem(reply, result.outcome)
    case 'key_reused':
    case 'in_flight':
    case 'queue_full':
      return sendKeptBack(reply, result.outcome)
  }
}
