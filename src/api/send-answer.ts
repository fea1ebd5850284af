/** Answers a message of a conversation: as JSON, or as a stream to a client that wants one (api.md §2). */
import type { FastifyReply, FastifyRequest } from 'fastify'
import { replyOfJob, type Tongue, tongueOf, wordsIn } from '../actions/conversation-words.ts'
import type { ConversationAnswer, SendMessageOutcome } from '../actions/send-message.ts'
import { isFinished } from '../job/lifecycle.ts'
import { pollS } from './answer-job.ts'
import { principalOf } from './auth.ts'
import { awaitJob } from './await-job.ts'
import { sendProblem } from './problem.ts'
import type { RouteContext } from './route-context.ts'
import { openStream, wantsStream } from './routes/job-events.ts'
import { type AnswerOut, toAnswerOut } from './schemas/message-out.ts'
import { sendKeptBack } from './send-kept-back.ts'
import { sendProviderAway } from './send-provider-away.ts'
import { sendRefusal } from './send-refusal.ts'
import { sendSessionFull } from './send-session-full.ts'
import type { EventStream } from './streams/event-stream.ts'
import { answerFrame, followAnswer } from './streams/follow-answer.ts'
import { jobUrl } from './to-job-out.ts'

export const sendAnswer = async (
  context: RouteContext,
  request: FastifyRequest,
  reply: FastifyReply,
  result: SendMessageOutcome,
): Promise<FastifyReply> => {
  const { publicUrl } = context.deps.settings
  switch (result.outcome) {
    case 'accepted':
      return sendAccepted(context, request, reply, result)
    case 'answered':
      return sendAtOnce(context, request, reply, toAnswerOut(result.answer, publicUrl))
    case 'replayed':
      return sendReplayed(context, request, reply, result)
    case 'refused':
      return sendRefusal(reply, result)
    case 'provider_unavailable':
      return sendProviderAway(reply, result)
    case 'forbidden':
      reply.header(
        'www-authenticate',
        'Bearer realm="clipline", error="insufficient_scope", scope="usage:read"',
      )
      return sendProblem(reply, 'forbidden', { detail: 'The API key lacks the scope usage:read.' })
    case 'key_reused':
    case 'in_flight':
    case 'queue_full':
      return sendKeptBack(reply, result.outcome)
    case 'session_full':
      return sendSessionFull(reply)
    case 'not_found':
    case 'session_lost':
      return sendProblem(reply, result.outcome)
  }
}

const sendAccepted = async (
  context: RouteContext,
  request: FastifyRequest,
  reply: FastifyReply,
  { answer, job, tongue }: Extract<SendMessageOutcome, { outcome: 'accepted' }>,
): Promise<FastifyReply> => {
  const { publicUrl } = context.deps.settings
  if (wantsStream(request))
    return streamAnswer(context, request, reply, {
      accepted: toAnswerOut(answer, publicUrl),
      jobId: job.id,
      tongue,
    })
  const now = await awaitJob(context, request, reply, job)
  const isEnded = isFinished(now.state)
  if (!isEnded) reply.header('retry-after', String(pollS))
  return reply
    .code(isEnded ? 200 : 202)
    .send(toAnswerOut(isEnded ? withEnd(answer, now, tongue) : { ...answer, job: now }, publicUrl))
}

const withEnd = (
  answer: ConversationAnswer,
  job: NonNullable<ConversationAnswer['job']>,
  tongue: Tongue,
): ConversationAnswer => ({ ...answer, reply: replyOfJob(job, tongue), job })

const sendAtOnce = (
  context: RouteContext,
  request: FastifyRequest,
  reply: FastifyReply,
  body: object,
): FastifyReply | Promise<FastifyReply> => {
  if (!wantsStream(request)) return reply.code(200).send(body)
  const fill = async (stream: EventStream): Promise<void> => {
    stream.send(answerFrame('done', body))
    stream.end()
  }
  return openStream(context, request, reply, fill, () => reply.code(200).send(body))
}

/** A stream that broke off is taken up by sending the same request again: its job is followed from its first event. */
const sendReplayed = (
  context: RouteContext,
  request: FastifyRequest,
  reply: FastifyReply,
  { status, body }: Extract<SendMessageOutcome, { outcome: 'replayed' }>,
): FastifyReply | Promise<FastifyReply> => {
  const stored = body as AnswerOut
  reply.header('idempotency-replayed', 'true')
  if (stored.job === undefined) return sendAtOnce(context, request, reply, stored)
  const { id: jobId } = stored.job
  if (wantsStream(request))
    return streamAnswer(context, request, reply, {
      accepted: stored,
      jobId,
      tongue: tongueOf(null, stored.reply),
    })
  return reply.code(status).header('location', jobUrl(context.deps.settings.publicUrl, jobId)).send(stored)
}

const streamAnswer = (
  context: RouteContext,
  request: FastifyRequest,
  reply: FastifyReply,
  followed: { readonly accepted: AnswerOut; readonly jobId: string; readonly tongue: Tongue },
): Promise<FastifyReply> => {
  const { deps, hub } = context
  const { publicUrl } = deps.settings
  const { tenantId } = principalOf(request)
  const { accepted, jobId, tongue } = followed
  reply.header('location', jobUrl(publicUrl, jobId))
  const fill = (stream: EventStream): Promise<void> =>
    followAnswer({ ...deps, hub }, stream, {
      tenantId,
      jobId,
      accepted,
      note: wordsIn(tongue).stillWorking,
      showEnd: async () => {
        const job = await deps.jobs.find(tenantId, jobId)
        const { action, reply: words } = accepted
        return job === null ? null : toAnswerOut(withEnd({ action, reply: words }, job, tongue), publicUrl)
      },
      onError: (error) =>
        deps.log.warn({ err: error, requestId: request.id }, 'an answer could not be shown'),
    })
  // The message is taken: a client that believed it refused would send it, and pay it, again.
  return openStream(context, request, reply, fill, () => reply.code(202).send(accepted))
}
