import type { FastifyReply } from 'fastify'
import { pollS } from './answer-job.ts'

const acceptedStatus = 202

/** Answers what was answered to the same request before (api.md §0). */
export const sendReplay = (
  reply: FastifyReply,
  { status, body }: { readonly status: number; readonly body: unknown },
): FastifyReply => {
  reply.header('idempotency-replayed', 'true')
  const location = selfLinkOf(body)
  if (location !== null) reply.header('location', location)
  if (status === acceptedStatus) reply.header('retry-after', String(pollS))
  return reply.code(status).send(body)
}

const selfLinkOf = (body: unknown): string | null => {
  if (typeof body !== 'object' || body === null || !('links' in body)) return null
  const { links } = body
  return typeof links === 'object' && links !== null && 'self' in links ? String(links.self) : null
}
