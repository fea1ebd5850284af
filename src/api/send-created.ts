import type { FastifyReply } from 'fastify'
import type { CreateOnceOutcome } from '../actions/create-once.ts'
import { pollS } from './answer-job.ts'
import { sendKeptBack } from './send-kept-back.ts'
import { sendReplay } from './send-replay.ts'

/** Answers a POST that creates: what it made, now or before, or why it has to wait. */
export const sendCreated = (reply: FastifyReply, result: CreateOnceOutcome): FastifyReply => {
  switch (result.outcome) {
    case 'created': {
      const { links } = result.body as { readonly links: { readonly self: string } }
      if (result.status === 202) reply.header('retry-after', String(pollS))
      return reply.code(result.status).header('location', links.self).send(result.body)
    }
    case 'replayed':
      return sendReplay(reply, result)
    case 'key_reused':
    case 'in_flight':
      return sendKeptBack(reply, result.outcome)
  }
}
