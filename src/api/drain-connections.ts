import type { FastifyInstance } from 'fastify'
import type { Clock } from '../clock.ts'

/** Between two looks for connections whose last answer or stream has ended. */
const everyMs = 50

/**
 * While the server stops, a connection ends with the answer or the stream that is still on it. Its client would keep it
 * for the next request, and the server would wait for that.
 */
export const drainConnections = (app: FastifyInstance, clock: Clock): void => {
  let isClosing = false
  let cancel = (): void => undefined
  const closeIdle = (): void => {
    app.server.closeIdleConnections()
    cancel = clock.after(everyMs, closeIdle)
  }
  app.addHook('onSend', (_request, reply, _payload, done) => {
    if (isClosing) reply.header('connection', 'close')
    done()
  })
  app.addHook('preClose', async () => {
    isClosing = true
    app.server.once('close', () => cancel())
    if (app.server.listening) closeIdle()
  })
}
