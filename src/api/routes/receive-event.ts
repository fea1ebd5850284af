import type { FastifyReply, FastifyRequest } from 'fastify'
import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod'
import { openSecret } from '../../actions/check-intake.ts'
import { pointerTo } from '../../actions/fault.ts'
import { toVerifier } from '../../actions/intake-verifier.ts'
import { takeEvent } from '../../actions/receive-event.ts'
import { verifyIncoming } from '../../intakes/verifier.ts'
import type { OpenIntake } from '../../store/intakes.ts'
import { readJson } from '../json-body.ts'
import { limitRate, type Rate, tellRates } from '../limit-rate.ts'
import { type ProblemDetails, sendProblem } from '../problem.ts'
import { isMediaType } from '../request-headers.ts'
import type { RouteContext } from '../route-context.ts'
import { idParams } from '../schemas/ids.ts'
import { TakenEventOut, toTakenEventOut } from '../schemas/intake-out.ts'
import { openProblems } from '../schemas/problem-out.ts'
import { sendTakenEvent } from '../send-taken-event.ts'

/** Where other people's webhooks come in: no key, the signature is what lets them in. */
export const receiveEventRoute =
  (context: RouteContext): FastifyPluginAsyncZod =>
  async (app) => {
    // What is signed are the bytes as they came, whatever they are said to be.
    app.removeAllContentTypeParsers()
    app.addContentTypeParser('*', { parseAs: 'buffer' }, (_request, body, done) => done(null, body))
    app.addHook('onRequest', async ({ headers }) => {
      if (!isMediaType(headers['content-type'])) delete headers['content-type']
    })

    app.route({
      method: 'POST',
      url: '/in/:id',
      schema: {
        operationId: 'receiveEvent',
        summary: 'Take an event of another service in',
        description:
          'For the sender of the webhook: no API key, the intake says how the raw body is signed. The event becomes a job once: what is sent again answers 200 with the same job and `Idempotency-Replayed: true`. An event of which no job can be made answers 422 and is kept. JSON, or a form.',
        tags: ['intakes'],
        security: [],
        params: idParams,
        response: {
          200: TakenEventOut.describe('The event had become a job before, or is to make none.'),
          202: TakenEventOut.describe('The event has become a job.'),
          ...openProblems(
            'invalid_signature',
            'not_found',
            'payload_too_large',
            'mapping_failed',
            'job_refused',
            'rate_limited',
            'failures_full',
            'queue_full',
          ),
        },
      },
      handler: async (request, reply) => receive(context, request, reply, request.params.id),
    })
  }

const receive = async (
  context: RouteContext,
  request: FastifyRequest,
  reply: FastifyReply,
  intakeId: string,
): Promise<FastifyReply> => {
  const { deps } = context
  const { publicUrl } = deps.settings
  const intake = await deps.intakes.findOpen(intakeId)
  if (intake === null) return refuseStranger(context, request, reply, 'not_found')
  const body = Buffer.isBuffer(request.body) ? request.body : Buffer.alloc(0)
  const event = { headers: request.headers, body, nowMs: deps.clock.nowMs() }
  const verified = verifyIncoming(toVerifier(intake.verifier), openSecret(deps.sealer, intake), event)
  if (verified.outcome === 'rejected')
    return refuseStranger(context, request, reply, 'invalid_signature', { detail: `${verified.detail}.` })
  // Only who is verified counts for the intake and its tenant: strangers must not use up what these may do.
  const toWaitS = limit(context, reply, {
    name: 'intake',
    bucket: intake.id,
    perMinute: deps.settings.rateLimitPerMinute,
  })
  if (toWaitS > 0) return sendProblem(reply, 'rate_limited', { retryAfterS: toWaitS })
  if (verified.outcome === 'unidentified')
    return sendProblem(reply, 'invalid_request', { errors: [toHeaderFault(verified)] })
  const retryAfterS = limit(context, reply, {
    name: 'tenant',
    bucket: intake.tenantId,
    perMinute: intake.ratePerMinute ?? 0,
  })
  if (retryAfterS > 0) return sendProblem(reply, 'rate_limited', { retryAfterS })
  const { eventId } = verified
  if (isPing(intake, request)) return reply.send(toTakenEventOut({ outcome: 'ignored' }, eventId, publicUrl))
  const taken = await takeEvent(
    { ...deps, readJson },
    intake,
    { eventId, body, contentType: request.headers['content-type'] ?? '' },
    {
      queueBound: intake.queueBound ?? deps.settings.queueBound,
      maxCreditsPerDay: intake.maxCreditsPerDay,
    },
  )
  return sendTakenEvent(reply, taken, { eventId, publicUrl })
}

const limit = ({ limiter }: RouteContext, reply: FastifyReply, rate: Rate): number =>
  limitRate(limiter, reply, [rate])

/**
 * Counts for the address it comes from, and for nothing else. Addresses are shared, as those of a service that sends
 * the webhooks of many: so an event that is signed right is heard however many wrong ones came from there.
 */
const refuseStranger = (
  { strangers }: RouteContext,
  { ip }: FastifyRequest,
  reply: FastifyReply,
  problem: 'not_found' | 'invalid_signature',
  details: ProblemDetails = {},
): FastifyReply => {
  const left = strangers.count(ip)
  if (left === null) return sendProblem(reply, problem, details)
  tellRates(reply, [{ name: 'unsigned-events', ...left }])
  return left.isAllowed
    ? sendProblem(reply, problem, details)
    : sendProblem(reply, 'rate_limited', { retryAfterS: left.retryAfterS })
}

const toHeaderFault = ({ header, detail }: { readonly header: string; readonly detail: string }) => ({
  pointer: pointerTo(['headers', header]),
  code: 'not_accepted',
  detail,
})

/** GitHub asks so whether somebody is there when a webhook is made. */
const isPing = ({ verifier }: OpenIntake, { headers }: FastifyRequest): boolean =>
  verifier.type === 'github' && headers['x-github-event'] === 'ping'
