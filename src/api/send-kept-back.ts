import type { FastifyReply } from 'fastify'
import { sendProblem } from './problem.ts'

/** Answers a request that its idempotency key or the bound of the queue keeps back (api.md §0). */
export const sendKeptBack = (
  reply: FastifyReply,
  outcome: 'key_reused' | 'in_flight' | 'queue_full',
): FastifyReply => {
  switch (outcome) {
    case 'key_reused':
      return sendProblem(reply, 'idempotency_key_reused')
    case 'in_flight':
      return sendProblem(reply, 'idempotency_in_flight', { retryAfterS: 1 })
    case 'queue_full':
      return sendProblem(reply, 'queue_full', { retryAfterS: 10 })
  }
}
