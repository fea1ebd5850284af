import type { FastifyReply } from 'fastify'
import type { Fault } from '../actions/fault.ts'
import type { TakenEvent } from '../actions/receive-event.ts'
import { sendProblem } from './problem.ts'
import { toTakenEventOut } from './schemas/intake-out.ts'

const busyRetryAfterS = 2
const fullRetryAfterS = 60
const queueRetryAfterS = 10

/** Answers an event: with its job, or why there is none. */
export const sendTakenEvent = (
  reply: FastifyReply,
  taken: TakenEvent,
  { eventId, publicUrl }: { readonly eventId: string; readonly publicUrl: string },
): FastifyReply => {
  switch (taken.outcome) {
    case 'accepted':
    case 'duplicate': {
      const body = toTakenEventOut(taken, eventId, publicUrl)
      if (taken.outcome === 'duplicate') reply.header('idempotency-replayed', 'true')
      return reply
        .code(taken.outcome === 'accepted' ? 202 : 200)
        .header('location', body.links.job ?? '')
        .send(body)
    }
    case 'ignored':
      return reply.code(200).send(toTakenEventOut(taken, eventId, publicUrl))
    case 'unreadable':
      return sendProblem(reply, 'invalid_request', {
        errors: [{ pointer: '', code: 'invalid_json', detail: taken.detail }],
      })
    case 'mapping_failed':
    case 'job_refused':
      return sendProblem(reply, taken.outcome, {
        detail: `${inOneSentence(taken.faults)} The event is kept as ${taken.failureId}.`,
        errors: taken.faults,
      })
    case 'failures_full':
      return sendProblem(reply, 'failures_full', { retryAfterS: fullRetryAfterS })
    case 'queue_full':
      return sendProblem(reply, 'queue_full', { retryAfterS: queueRetryAfterS })
    case 'busy':
      return sendProblem(reply, 'unavailable', {
        detail: 'Too many mappings are being worked on; nothing was stored.',
        retryAfterS: busyRetryAfterS,
      })
  }
}

const inOneSentence = (faults: readonly Fault[]): string => {
  const all = faults.map(({ pointer, detail }) => `${pointer} ${detail}`.trim()).join('; ')
  return all.endsWith('.') ? all : `${all}.`
}
