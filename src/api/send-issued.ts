import type { FastifyReply } from 'fastify'
import type { IssueOnceOutcome } from '../actions/issue-once.ts'
import { sendProblem } from './problem.ts'
import { sendKeptBack } from './send-kept-back.ts'
import { sendReplay } from './send-replay.ts'

/** Answers with a token that was issued, now or before; `Location` is the URL that it opens. */
export const sendIssued = (reply: FastifyReply, result: IssueOnceOutcome): FastifyReply => {
  switch (result.outcome) {
    case 'created':
    case 'replayed': {
      const { url } = result.body as { readonly url: string }
      reply.header('location', url)
      return result.outcome === 'replayed'
        ? sendReplay(reply, result)
        : reply.code(result.status).send(result.body)
    }
    case 'key_reused':
    case 'in_flight':
      return sendKeptBack(reply, result.outcome)
    case 'not_found':
      return sendProblem(reply, 'not_found')
  }
}
