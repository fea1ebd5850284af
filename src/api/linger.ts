import type { FastifyInstance, FastifyReply } from 'fastify'
import type { Clock } from '../clock.ts'

const lingerMs = 5_000

/**
 * For an answer that is sent before the body was read to its end: the rest is thrown away instead of cutting the
 * connection at once, or a client that is still sending would see a reset instead of the answer.
 */
export const lingerAfter = (reply: FastifyReply): void => {
  const { raw } = reply.request
  reply.removeHeader('connection')
  if (raw.complete) return
  raw.unpipe()
  raw.resume()
}

/** Ends the patience: a client that goes on sending after its answer is cut off, whatever refused it. */
export const cutLingering = (app: FastifyInstance, clock: Clock): void => {
  app.addHook('onResponse', (request, _reply, done) => {
    const { raw } = request
    if (!raw.complete)
      raw.once(
        'close',
        clock.after(lingerMs, () => raw.destroy()),
      )
    done()
  })
}
