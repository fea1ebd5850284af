import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod'
import { z } from 'zod'
import { cancelJob } from '../../actions/cancel-job.ts'
import { endOfRequest, pollS, sendJobIfChanged } from '../answer-job.ts'
import { principalOf } from '../auth.ts'
import { answersJson } from '../negotiation.ts'
import { sendProblem } from '../problem.ts'
import { readWaitS } from '../request-headers.ts'
import type { RouteContext } from '../route-context.ts'
import { AttemptOut, toAttemptOut } from '../schemas/attempt-out.ts'
import { HarOut, toHarOut } from '../schemas/har-out.ts'
import { idParams } from '../schemas/ids.ts'
import { JobOut } from '../schemas/job-out.ts'
import { JobQuery, toJobFilter } from '../schemas/job-query.ts'
import { listOf, toPage } from '../schemas/list.ts'
import { problems } from '../schemas/problem-out.ts'
import { sendPage } from '../send-page.ts'
import { stateInWords } from '../state-in-words.ts'
import { waitForEnd } from '../streams/wait-for-end.ts'
import { jobUrl, toJobOut } from '../to-job-out.ts'

export const jobRoutes =
  (context: RouteContext): FastifyPluginAsyncZod =>
  async (app) => {
    const { deps, requireKey, hub, closing } = context
    const { publicUrl } = deps.settings

    app.route({
      method: 'GET',
      url: '/v1/jobs',
      onRequest: [requireKey('jobs:read'), answersJson],
      schema: {
        operationId: 'listJobs',
        summary: 'List jobs',
        description: 'Newest first. Several values of one filter, repeated or with commas, mean any of them.',
        tags: ['jobs'],
        querystring: JobQuery,
        response: { 200: listOf(JobOut), ...problems('not_acceptable') },
      },
      handler: async (request, reply) => {
        const { limit, cursor } = request.query
        const page = { limit: limit + 1, after: cursor ?? null }
        const jobs = await deps.jobs.list(principalOf(request).tenantId, toJobFilter(request.query), page)
        return sendPage(
          request,
          reply,
          publicUrl,
          toPage(jobs, limit, (job) => toJobOut(job, publicUrl)),
        )
      },
    })

    app.route({
      method: 'GET',
      url: '/v1/jobs/:id',
      onRequest: [requireKey('jobs:read'), answersJson],
      schema: {
        operationId: 'getJob',
        summary: 'Read a job',
        description:
          'With `Prefer: wait=n`, the answer waits up to n seconds (60 at most) for the job to end. The `ETag` is the number of the newest event of the job.',
        tags: ['jobs'],
        params: idParams,
        headers: z.object({
          prefer: z
            .string()
            .optional()
            .meta({ examples: ['wait=30'] }),
          'if-none-match': z.string().optional(),
        }),
        response: {
          200: JobOut.describe('The job has ended.'),
          202: JobOut.describe('The job has not ended.'),
          304: z.undefined().describe('Nothing has happened since.'),
          ...problems('not_acceptable', 'not_found'),
        },
      },
      handler: async (request, reply) => {
        const place = { tenantId: principalOf(request).tenantId, jobId: request.params.id }
        const waitS = readWaitS(request.headers.prefer)
        if (waitS > 0) reply.header('preference-applied', `wait=${waitS}`)
        const job =
          waitS === 0
            ? await deps.jobs.find(place.tenantId, place.jobId)
            : await waitForEnd({ ...deps, hub }, place, {
                waitMs: waitS * 1000,
                signal: endOfRequest(reply, closing),
              })
        return job === null
          ? sendProblem(reply, 'not_found')
          : sendJobIfChanged(request, reply, job, publicUrl)
      },
    })

    app.route({
      method: 'POST',
      url: '/v1/jobs/:id/cancel',
      onRequest: [requireKey('jobs:write'), answersJson],
      schema: {
        operationId: 'cancelJob',
        summary: 'Cancel a job',
        description:
          'Ends at once what nobody works on. Otherwise the holder is asked to stop, to cancel the render and to settle what was spent; the job then ends by itself.',
        tags: ['jobs'],
        params: idParams,
        response: {
          200: CancelOut.describe('The job is canceled.'),
          202: CancelOut.describe('The job is being canceled.'),
          ...problems('not_acceptable', 'not_found', 'already_finished'),
        },
      },
      handler: async (request, reply) => {
        const { tenantId } = principalOf(request)
        const result = await cancelJob(deps, { tenantId, jobId: request.params.id })
        switch (result.outcome) {
          case 'canceled':
          case 'canceling':
            if (result.outcome === 'canceling')
              reply.headers({
                location: jobUrl(publicUrl, result.job.id),
                'retry-after': String(pollS),
              })
            return reply.code(result.outcome === 'canceled' ? 200 : 202).send({
              outcome: result.outcome,
              credits_spent: result.job.credits.spent,
              job: toJobOut(result.job, publicUrl),
            })
          case 'already_finished':
            return sendProblem(reply, 'already_finished', {
              detail: `The job ${stateInWords[result.job.state]}.`,
            })
          case 'not_found':
            return sendProblem(reply, 'not_found')
        }
      },
    })

    app.route({
      method: 'GET',
      url: '/v1/jobs/:id/attempts',
      onRequest: [requireKey('jobs:read'), answersJson],
      schema: {
        operationId: 'listAttempts',
        summary: 'List every try of every stage of a job',
        description:
          'Oldest first, each with its calls of the provider: times, statuses, sizes, and the beginnings of the bodies. Tokens, signed URLs and the words of messages are left out. `format=har` gives the calls as an HTTP archive (HAR 1.2), for the tools of browsers.',
        tags: ['jobs'],
        params: idParams,
        querystring: z.strictObject({ format: z.enum(['json', 'har']).default('json') }),
        response: {
          200: z.union([listOf(AttemptOut), HarOut]),
          ...problems('not_acceptable', 'not_found'),
        },
      },
      handler: async (request, reply) => {
        const job = await deps.jobs.find(principalOf(request).tenantId, request.params.id)
        if (job === null) return sendProblem(reply, 'not_found')
        const attempts = await deps.attempts.listOfJob(job.id)
        if (request.query.format === 'har') {
          reply.header('content-disposition', `attachment; filename="${job.id}.har"`)
          return reply.send(toHarOut(attempts, deps.settings.version))
        }
        return reply.send({ data: attempts.map(toAttemptOut), next_cursor: null })
      },
    })
  }

const CancelOut = z
  .object({
    outcome: z.enum(['canceled', 'canceling']),
    credits_spent: z.int(),
    job: JobOut,
  })
  .meta({ id: 'Cancellation' })
