import type { FastifyReply } from 'fastify'
import type { Fault } from '../actions/fault.ts'
import { sendProblem } from './problem.ts'
import { type ProblemCode, problemCatalog } from './problem-catalog.ts'

/** What is full empties by itself. */
const fullCodes: readonly ProblemCode[] = ['queue_full', 'session_full']
const fullRetryS = 10

/**
 * Answers everything that is wrong at once: 400 when something is against the schema, otherwise what the first of the
 * faults is answered with (api.md §0).
 */
export const sendRefusal = (
  reply: FastifyReply,
  { isMalformed, faults }: { readonly isMalformed: boolean; readonly faults: readonly Fault[] },
): FastifyReply => {
  const code = faults[0]?.code ?? 'invalid_request'
  const isKnown = !isMalformed && Object.hasOwn(problemCatalog, code)
  const problem = isKnown ? (code as ProblemCode) : 'invalid_request'
  const retryAfter = fullCodes.includes(problem) ? { retryAfterS: fullRetryS } : {}
  return sendProblem(reply, problem, { errors: faults, ...retryAfter })
}
