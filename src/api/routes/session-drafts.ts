import type { FastifyReply, FastifyRequest } from 'fastify'
import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod'
import { z } from 'zod'
import { type ExportSessionOutcome, exportSession } from '../../actions/export-session.ts'
import { ExportIn } from '../../actions/session-in.ts'
import { sendJob } from '../answer-job.ts'
import { principalOf } from '../auth.ts'
import { awaitJob } from '../await-job.ts'
import { readKeyed } from '../keyed-body.ts'
import { answersJson, answersWith } from '../negotiation.ts'
import { sendProblem } from '../problem.ts'
import type { RouteContext } from '../route-context.ts'
import { idempotencyHeaders, idParams } from '../schemas/ids.ts'
import { JobOut } from '../schemas/job-out.ts'
import { cursorQuery, limitQuery, listOf, toPage } from '../schemas/list.ts'
import { problems } from '../schemas/problem-out.ts'
import { draftQuery, draftResponse, sendDraft, subtitleTypes } from '../send-draft.ts'
import { sendKeptBack } from '../send-kept-back.ts'
import { sendPage } from '../send-page.ts'
import { sendRefusal } from '../send-refusal.ts'
import { sendReplay } from '../send-replay.ts'
import { sendSessionFull } from '../send-session-full.ts'
import { toJobOut } from '../to-job-out.ts'
import { leaveBodyToAction } from '../validation.ts'

/** Jobs that make a file. */
const rendering = ['export', 'video']

/** What a conversation has made: the draft, and the files rendered from it. */
export const sessionDraftRoutes =
  (context: RouteContext): FastifyPluginAsyncZod =>
  async (app) => {
    const { deps, requireKey } = context
    const { publicUrl } = deps.settings
    const findSession = (request: FastifyRequest, id: string) =>
      deps.sessions.find(principalOf(request).tenantId, id)

    app.route({
      method: 'GET',
      url: '/v1/sessions/:id/timeline',
      // A HEAD request would ask the provider for nothing.
      exposeHeadRoute: false,
      onRequest: [
        requireKey('jobs:read'),
        answersWith('application/json', subtitleTypes.srt, subtitleTypes.vtt),
      ],
      schema: {
        operationId: 'getSessionTimeline',
        summary: 'Read what the draft of a conversation holds',
        description:
          'The tracks as they are at the provider now. With `format=srt` or `format=vtt`, the text tracks as subtitles; no render is needed for that.',
        tags: ['sessions'],
        params: idParams,
        querystring: draftQuery,
        response: {
          200: draftResponse,
          ...problems('not_acceptable', 'not_found', 'no_draft', 'provider_unavailable'),
        },
      },
      handler: async (request, reply) => {
        const session = await findSession(request, request.params.id)
        if (session === null) return sendProblem(reply, 'not_found')
        const reading = await deps.readDraft(session.tenantId, session)
        return sendDraft(reply, reading, { format: request.query.format, name: session.id })
      },
    })

    app.route({
      method: 'GET',
      url: '/v1/sessions/:id/exports',
      onRequest: [requireKey('jobs:read'), answersJson],
      schema: {
        operationId: 'listExports',
        summary: 'List what was rendered in a conversation',
        description: 'The jobs that make a file, newest first.',
        tags: ['sessions'],
        params: idParams,
        querystring: z.strictObject({ limit: limitQuery, cursor: cursorQuery.optional() }),
        response: { 200: listOf(JobOut), ...problems('not_acceptable', 'not_found') },
      },
      handler: async (request, reply) => {
        const session = await findSession(request, request.params.id)
        if (session === null) return sendProblem(reply, 'not_found')
        const { limit, cursor } = request.query
        const filter = { sessionIds: [session.id], purposes: rendering }
        const page = { limit: limit + 1, after: cursor ?? null }
        const jobs = await deps.jobs.list(session.tenantId, filter, page)
        const toOut = (job: (typeof jobs)[number]) => toJobOut(job, publicUrl)
        return sendPage(request, reply, publicUrl, toPage(jobs, limit, toOut))
      },
    })

    app.route({
      method: 'POST',
      url: '/v1/sessions/:id/exports',
      onRequest: [requireKey('jobs:write'), answersJson],
      validatorCompiler: leaveBodyToAction,
      schema: {
        operationId: 'createExport',
        summary: 'Render what a conversation has made',
        description:
          'A job that sends nothing and costs no credits. It waits for what the conversation is at. With `Prefer: wait=n`, the answer waits up to n seconds (60 at most) for its end.',
        tags: ['sessions'],
        params: idParams,
        headers: idempotencyHeaders.extend({ prefer: z.string().optional() }),
        body: ExportIn.nullish(),
        response: {
          200: JobOut.describe('The job has ended.'),
          202: JobOut.describe('The job was accepted.'),
          ...problems(
            'not_acceptable',
            'not_found',
            'no_draft',
            'session_lost',
            'idempotency_in_flight',
            'payload_too_large',
            'unsupported_content_type',
            'url_not_allowed',
            'idempotency_key_reused',
            'queue_full',
            'session_full',
          ),
        },
      },
      handler: async (request, reply) => {
        const { tenantId, queueBound } = principalOf(request)
        const { id } = request.params
        const result = await exportSession(deps, {
          tenantId,
          sessionId: id,
          queueBound: queueBound ?? deps.settings.queueBound,
          body: request.body,
          ...readKeyed(request, 'POST /v1/sessions/{id}/exports', { id, body: request.body ?? {} }),
          toBody: (job) => toJobOut(job, publicUrl),
        })
        return answer(context, request, reply, result)
      },
    })
  }

const answer = async (
  context: RouteContext,
  request: FastifyRequest,
  reply: FastifyReply,
  result: ExportSessionOutcome,
): Promise<FastifyReply> => {
  switch (result.outcome) {
    case 'created':
      return sendJob(
        reply,
        await awaitJob(context, request, reply, result.job),
        context.deps.settings.publicUrl,
      )
    case 'refused':
      return sendRefusal(reply, result)
    case 'replayed':
      return sendReplay(reply, result)
    case 'key_reused':
    case 'in_flight':
    case 'queue_full':
      return sendKeptBack(reply, result.outcome)
    case 'session_full':
      return sendSessionFull(reply)
    case 'no_draft':
      return sendProblem(reply, 'no_draft', { detail: 'Nothing was made in this conversation yet.' })
    case 'not_found':
    case 'session_lost':
      return sendProblem(reply, result.outcome)
  }
}
