import { once } from 'node:events'
import { createServer, type IncomingHttpHeaders } from 'node:http'
import type { AddressInfo } from 'node:net'
import { buffer } from 'node:stream/consumers'
import { CallbackRejected, verifyCallback } from '../client/index.ts'

export interface ReceivedCallback {
  readonly id: string
  readonly type: string
  readonly isVerified: boolean
  readonly reason: string | null
}

/** A receiver as a client would write one: reads the raw body, checks its signature, answers 2xx or 4xx. */
export const startDemoReceiver = async (secret: string) => {
  const received: ReceivedCallback[] = []
  const waiting: ((callback: ReceivedCallback) => void)[] = []
  const server = createServer(async (request, response) => {
    const callback = judge(await buffer(request), request.headers, secret)
    response.writeHead(callback.isVerified ? 204 : 400).end()
    received.push(callback)
    for (const resolve of waiting.splice(0)) resolve(callback)
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  return {
    url: `http://127.0.0.1:${port}/callback`,
    /** The first callback, or null when none came in time. */
    first: (timeoutMs: number): Promise<ReceivedCallback | null> => {
      const [callback] = received
      if (callback) return Promise.resolve(callback)
      return new Promise((resolve) => {
        const timer = setTimeout(() => resolve(null), timeoutMs)
        waiting.push((arrived) => {
          clearTimeout(timer)
          resolve(arrived)
        })
      })
    },
    close: async () => {
      server.closeAllConnections()
      server.close()
      await once(server, 'close')
    },
  }
}

const judge = (body: Buffer, headers: IncomingHttpHeaders, secret: string): ReceivedCallback => {
  try {
    const { id, type } = verifyCallback(body, headers, secret)
    return { id, type, isVerified: true, reason: null }
  } catch (error) {
    if (!(error instanceof CallbackRejected)) throw error
    const id = String(headers['webhook-id'])
    return { id, type: 'unknown', isVerified: false, reason: error.reason }
  }
}
