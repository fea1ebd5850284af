/** Stands between a process and what it reaches: passes bytes on, goes dark, or loses an answer with its connection. */
import { once } from 'node:events'
import { type AddressInfo, connect, createServer, type Socket } from 'node:net'
import type { SeededRandom } from '../../src/cli/prove/seeded-random.ts'

export interface FaultProxy {
  readonly port: number
  /** For so long no byte passes in either direction; connections stay open and new ones are taken. */
  goDark(ms: number): void
  close(): Promise<void>
}

export interface FaultProxyOptions {
  readonly targetPort: number
  readonly random: SeededRandom
  /** How often a piece of an answer is lost, and the connection with it: the request was carried out. */
  readonly losesAnswers?: number
}

export const startFaultProxy = async ({
  targetPort,
  random,
  losesAnswers = 0,
}: FaultProxyOptions): Promise<FaultProxy> => {
  const pairs = new Set<readonly [Socket, Socket]>()
  let isDark = false
  let dawn: NodeJS.Timeout | null = null

  const cut = (pair: readonly [Socket, Socket]): void => {
    pairs.delete(pair)
    for (const socket of pair) socket.resetAndDestroy()
  }

  const server = createServer((near) => {
    const far = connect(targetPort, '127.0.0.1')
    const pair = [near, far] as const
    pairs.add(pair)
    near.on('data', (chunk: Buffer) => forward(near, far, chunk))
    far.on('data', (chunk: Buffer) => {
      if (random.next() < losesAnswers) cut(pair)
      else forward(far, near, chunk)
    })
    for (const socket of pair) {
      socket.setNoDelay(true)
      if (isDark) socket.pause()
      // Whatever ends one side ends the other: what is in flight is lost, as with a machine that is gone.
      socket.on('error', () => cut(pair))
      socket.on('close', () => cut(pair))
    }
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    port: (server.address() as AddressInfo).port,
    goDark(ms) {
      isDark = true
      for (const socket of [...pairs].flat()) socket.pause()
      if (dawn !== null) clearTimeout(dawn)
      dawn = setTimeout(() => {
        isDark = false
        for (const socket of [...pairs].flat()) socket.resume()
      }, ms)
    },
    async close() {
      if (dawn !== null) clearTimeout(dawn)
      for (const pair of pairs) cut(pair)
      server.close()
      await once(server, 'close')
    },
  }
}

const forward = (from: Socket, to: Socket, chunk: Buffer): void => {
  if (to.destroyed || to.write(chunk)) return
  from.pause()
  to.once('drain', () => from.resume())
}

/** The same address, but at the proxy. */
export const throughProxy = (url: string, { port }: FaultProxy): string => {
  const moved = new URL(url)
  moved.hostname = '127.0.0.1'
  moved.port = String(port)
  return moved.href
}

export const portOf = (url: string): number => Number(new URL(url).port)
