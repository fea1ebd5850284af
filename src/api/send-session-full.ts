import type { FastifyReply } from 'fastify'
import { maxOpenJobs } from '../job/conversation.ts'
import { sendProblem } from './problem.ts'

export const sendSessionFull = (reply: FastifyReply): FastifyReply =>
  sendProblem(reply, 'session_full', {
    detail: `This conversation has ${maxOpenJobs} jobs that have not ended.`,
    retryAfterS: 10,
  })
