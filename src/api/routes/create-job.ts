import type { FastifyReply, FastifyRequest } from 'fastify'
import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod'
import { z } from 'zod'
import { type CreateJobInput, type CreateJobOutcome, createJob } from '../../actions/create-job.ts'
import { fingerprintOf } from '../../actions/idempotency.ts'
import { JobIn } from '../../actions/job-in.ts'
import type { JobPreview } from '../../actions/preview-job.ts'
import { probeInputs } from '../../actions/probe-inputs.ts'
import type { JobRecord } from '../../store/job-record.ts'
import { endOfRequest, sendJob } from '../answer-job.ts'
import { principalOf } from '../auth.ts'
import { answersJson } from '../negotiation.ts'
import { sendProblem } from '../problem.ts'
import { readIdempotencyKey, readWaitS } from '../request-headers.ts'
import type { RouteContext } from '../route-context.ts'
import { JobOut } from '../schemas/job-out.ts'
import { JobPreviewOut, toJobPreviewOut } from '../schemas/job-preview-out.ts'
import { problems } from '../schemas/problem-out.ts'
import { sendKeptBack } from '../send-kept-back.ts'
import { sendRefusal } from '../send-refusal.ts'
import { sendReplay } from '../send-replay.ts'
import { waitForEnd } from '../streams/wait-for-end.ts'
import { jobUrl, toJobOut } from '../to-job-out.ts'
import { leaveBodyToAction } from '../validation.ts'

const route = 'POST /v1/jobs'

export const createJobRoute =
  (context: RouteContext): FastifyPluginAsyncZod =>
  async (app) => {
    app.route({
      method: 'POST',
      url: '/v1/jobs',
      onRequest: [context.requireKey('jobs:write'), answersJson],
      validatorCompiler: leaveBodyToAction,
      schema: {
        operationId: 'createJob',
        summary: 'Accept a job',
        description:
          'Accepts a job and answers at once; the work is done behind. Everything that is wrong is named at once, and then nothing is stored. With `Idempotency-Key`, sending the same request again answers at once what the first one was answered; read the job to see where it is by now. With `Prefer: wait=n`, the answer waits up to n seconds (60 at most) for the job to end. A dry run (`dry_run`) checks and estimates, looks at the beginning of every URL among the inputs, and stores nothing.',
        tags: ['jobs'],
        headers: z.object({
          'idempotency-key': z.string().max(255).optional(),
          prefer: z
            .string()
            .optional()
            .meta({ examples: ['wait=30'] }),
        }),
        body: JobIn,
        response: {
          200: z.union([JobOut, JobPreviewOut]).describe('The job has ended, or this was a dry run.'),
          202: JobOut.describe('The job was accepted, or exists already.'),
          ...problems(
            'not_acceptable',
            'idempotency_in_flight',
            'duplicate_job',
            'payload_too_large',
            'unsupported_content_type',
            'unknown_skill',
            'unknown_upload',
            'unsupported_media_type',
            'media_too_large',
            'missing_input',
            'url_not_allowed',
            'unknown_session',
            'session_skill_differs',
            'session_lost',
            'out_of_range',
            'budget_exceeded',
            'idempotency_key_reused',
            'queue_full',
            'session_full',
          ),
        },
      },
      handler: async (request, reply) => {
        const result = await createJob(context.deps, toInput(context, request))
        return answer(context, request, reply, result)
      },
    })
  }

const toInput = ({ deps }: RouteContext, request: FastifyRequest): CreateJobInput => {
  const { tenantId, queueBound, maxCreditsPerDay } = principalOf(request)
  const { publicUrl } = deps.settings
  const header = readIdempotencyKey(request.headers['idempotency-key'])
  return {
    tenantId,
    queueBound: queueBound ?? deps.settings.queueBound,
    maxCreditsPerDay,
    body: request.body,
    keyed:
      header.outcome === 'given'
        ? { route, key: header.key, fingerprint: fingerprintOf(request.body) }
        : null,
    faults: header.outcome === 'invalid' ? [header.fault] : [],
    toBody: (job) => toJobOut(job, publicUrl),
  }
}

const answer = async (
  context: RouteContext,
  request: FastifyRequest,
  reply: FastifyReply,
  result: CreateJobOutcome,
): Promise<FastifyReply> => {
  switch (result.outcome) {
    case 'created':
    case 'existing':
      return answerJob(context, request, reply, result.job)
    case 'previewed':
      return reply.code(200).send(toJobPreviewOut(await probe(context, reply, result.preview)))
    case 'refused':
      return sendRefusal(reply, result)
    case 'duplicate':
      return sendProblem(reply, 'duplicate_job', { detail: `The job ${result.jobId} holds this dedupe key.` })
    case 'replayed':
      return sendReplay(reply, result)
    case 'key_reused':
    case 'in_flight':
    case 'queue_full':
      return sendKeptBack(reply, result.outcome)
  }
}

/** A dry run looks at the inputs too, which a job that is accepted has no time for. */
const probe = (
  { deps, closing }: RouteContext,
  reply: FastifyReply,
  preview: JobPreview,
): Promise<JobPreview> => probeInputs(deps, preview, endOfRequest(reply, closing))

const answerJob = async (
  { deps, hub, closing }: RouteContext,
  request: FastifyRequest,
  reply: FastifyReply,
  job: JobRecord,
): Promise<FastifyReply> => {
  const { publicUrl } = deps.settings
  const waitS = readWaitS(request.headers.prefer)
  reply.header('location', jobUrl(publicUrl, job.id))
  if (waitS === 0) return sendJob(reply, job, publicUrl)
  reply.header('preference-applied', `wait=${waitS}`)
  const ended = await waitForEnd(
    { ...deps, hub },
    { tenantId: job.tenantId, jobId: job.id },
    { waitMs: waitS * 1000, signal: endOfRequest(reply, closing) },
  )
  return sendJob(reply, ended ?? job, publicUrl)
}
