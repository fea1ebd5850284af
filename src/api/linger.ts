import type { FastifyReply } from 'fastify'
import type { Clock } from '../clock.ts'

const lingerMs = 5_000

/**
 * For an answer that is sent before the body was read to its end: the rest is thrown away for a while before the
 * connection is cut. Cut at once, a client that is still sending would see a reset instead of the answer.
 */
export const lingerAfter = (reply: FastifyReply, clock: Clock): void => {
  const { raw } = reply.request
  reply.removeHeader('connection')
  if (raw.complete) return
  raw.unpipe()
  raw.resume()
  const cancel = clock.after(lingerMs, () => raw.destroy())
  raw.once('close', cancel)
}
