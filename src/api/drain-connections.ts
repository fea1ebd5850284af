import type { FastifyInstance } from 'fastify'
import type { Clock } from '../clock.ts'

/** Between two looks for connections whose last answer or stream has ended. */
const everyMs = 50
/** Left of the time to stop for what comes after the connections. */
const reserveMs = 1_000

/**
 * While the server stops, a connection ends with the answer or the stream that is still on it: its client would keep it
 * for the next request, and the server would wait for that. What takes longer than `withinMs`, such as an upload or a
 * download, is cut; its client goes on with it elsewhere.
 */
export const drainConnections = (app: FastifyInstance, clock: Clock, withinMs: number): void => {
  let isClosing = false
  app.addHook('onSend', (_request, reply, _payload, done) => {
    if (isClosing) reply.header('connection', 'close')
    done()
  })
  app.addHook('preClose', async () => {
    isClosing = true
    const { server } = app
    if (!server.listening) return
    let cancelLook = (): void => undefined
    const closeIdle = (): void => {
      server.closeIdleConnections()
      cancelLook = clock.after(everyMs, closeIdle)
    }
    const cancelCut = clock.after(Math.max(withinMs - reserveMs, withinMs / 2), () =>
      server.closeAllConnections(),
    )
    server.once('close', () => {
      cancelLook()
      cancelCut()
    })
    closeIdle()
  })
}
