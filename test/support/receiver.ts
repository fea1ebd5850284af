import { once } from 'node:events'
import { createServer, type IncomingHttpHeaders } from 'node:http'
import type { AddressInfo } from 'node:net'
import { buffer } from 'node:stream/consumers'

export interface ReceivedCall {
  readonly headers: IncomingHttpHeaders
  readonly body: Buffer
}

/** A receiver that keeps every call and answers as it is told. */
export const startReceiver = async (
  answer: (call: ReceivedCall, no: number) => number | Promise<number> = () => 204,
) => {
  const calls: ReceivedCall[] = []
  let waiters: { count: number; resolve: () => void }[] = []
  const server = createServer(async (request, response) => {
    const call = { headers: request.headers, body: await buffer(request) }
    calls.push(call)
    response.writeHead(await answer(call, calls.length)).end()
    for (const { resolve } of waiters.filter(({ count }) => calls.length >= count)) resolve()
    waiters = waiters.filter(({ count }) => calls.length < count)
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  return {
    url: `http://127.0.0.1:${port}/callback`,
    calls,
    /** Resolves once so many calls have come. */
    received: (count: number): Promise<void> =>
      calls.length >= count ? Promise.resolve() : new Promise((resolve) => waiters.push({ count, resolve })),
    close: async () => {
      server.closeAllConnections()
      server.close()
      await once(server, 'close')
    },
  }
}
