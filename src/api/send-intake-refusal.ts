import type { FastifyReply } from 'fastify'
import type { IntakeRefusal } from '../actions/check-intake.ts'
import { sendProblem } from './problem.ts'
import { sendRefusal } from './send-refusal.ts'

const busyRetryAfterS = 2

/** Answers what is wrong with an intake. */
export const sendIntakeRefusal = (reply: FastifyReply, refusal: IntakeRefusal): FastifyReply =>
  refusal.outcome === 'busy'
    ? sendProblem(reply, 'unavailable', {
        detail: 'Too many mappings are being worked on; nothing was stored.',
        retryAfterS: busyRetryAfterS,
      })
    : sendRefusal(reply, refusal)
