import type { FastifyReply } from 'fastify'
import type { IntakeRefusal } from '../actions/check-intake.ts'
import { sendProblem } from './problem.ts'
import type { ProblemCode } from './problem-catalog.ts'
import { sendRefusal } from './send-refusal.ts'

const busyRetryAfterS = 2

/** What a body with a mapping, or with defaults, may be answered with. */
export const mappingProblems = [
  'not_acceptable',
  'payload_too_large',
  'unsupported_content_type',
  'invalid_mapping',
  'not_supported',
] as const satisfies readonly ProblemCode[]

/** Answers what is wrong with an intake. */
export const sendIntakeRefusal = (reply: FastifyReply, refusal: IntakeRefusal): FastifyReply =>
  refusal.outcome === 'busy'
    ? sendProblem(reply, 'unavailable', {
        detail: 'Too many mappings are being worked on; nothing was stored.',
        retryAfterS: busyRetryAfterS,
      })
    : sendRefusal(reply, refusal)
