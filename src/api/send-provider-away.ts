import type { FastifyReply } from 'fastify'
import type { ProviderAway } from '../actions/provider-away.ts'
import { sendProblem } from './problem.ts'

const retryAfterS = 10

/** Answers that the provider did not give what was asked for, and whether it may later. */
export const sendProviderAway = (
  reply: FastifyReply,
  { outcome, detail, isLasting }: ProviderAway,
): FastifyReply =>
  isLasting
    ? sendProblem(reply, outcome, { detail, isRetryable: false })
    : sendProblem(reply, outcome, { detail, retryAfterS })
