import type { Socket } from 'node:net'
import type { FastifyInstance } from 'fastify'
import type { Clock } from '../clock.ts'
import { sendProblem } from './problem.ts'

const graceMs = 10_000
const checkEveryMs = 5_000
const minBytesPerS = 1_000

interface Body {
  readonly socket: Socket
  readonly refuse: () => void
  /** No more of it is read before we have taken what came: then it is not the client that is slow. */
  readonly isHeldBack: () => boolean
  readonly startedMs: number
  bytesRead: number
}

/**
 * Cuts requests whose body comes more slowly than 1 kB/s, after a grace of 10 s (guarantees.md §4.3). One timer for
 * all, and only while a body is on its way; the whole of an upload may take as long as it needs.
 */
export const cutSlowBodies = (app: FastifyInstance, clock: Clock): void => {
  const bodies = new Set<Body>()
  let cancel: (() => void) | null = null

  const check = (): void => {
    const nowMs = clock.monotonicMs()
    for (const body of [...bodies]) {
      const cameBytes = body.socket.bytesRead - body.bytesRead
      body.bytesRead = body.socket.bytesRead
      const isSlow = cameBytes * 1000 < minBytesPerS * checkEveryMs && !body.isHeldBack()
      if (nowMs - body.startedMs >= graceMs && isSlow) body.refuse()
    }
    watch()
  }

  const watch = (): void => {
    cancel = bodies.size === 0 ? null : clock.after(checkEveryMs, check)
  }

  app.addHook('onRequest', (request, reply, done) => {
    const { raw } = request
    const { headers } = raw
    if (headers['transfer-encoding'] === undefined && (headers['content-length'] ?? '0') === '0')
      return done()
    const body: Body = {
      socket: raw.socket,
      startedMs: clock.monotonicMs(),
      bytesRead: raw.socket.bytesRead,
      isHeldBack: () => raw.readableLength >= raw.readableHighWaterMark,
      refuse() {
        bodies.delete(body)
        if (!reply.sent) {
          reply.header('connection', 'close')
          sendProblem(reply, 'request_timeout')
        }
        reply.raw.once('finish', () => raw.destroy())
        if (reply.raw.writableFinished) raw.destroy()
      },
    }
    const forget = () => bodies.delete(body)
    raw.once('end', forget)
    raw.once('close', forget)
    bodies.add(body)
    if (cancel === null) watch()
    done()
  })
  app.addHook('onClose', async () => cancel?.())
}
