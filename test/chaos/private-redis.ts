/** A Redis of a run's own, which keeps nothing and can be emptied, restarted and left away. */
import { once } from 'node:events'
import { connect } from 'node:net'
import { setTimeout as pause } from 'node:timers/promises'
import { startTestRedis, type TestRedis } from '../support/redis.ts'

export interface PrivateRedis {
  readonly url: string
  flush(): Promise<void>
  restart(awayMs: number): Promise<void>
  countKeys(): Promise<number>
  stop(): Promise<void>
}

/** Null when this machine has no redis-server. */
export const startPrivateRedis = async (): Promise<PrivateRedis | null> => {
  const first = await startTestRedis()
  if (first === null) return null
  const { url, port } = first
  let server: TestRedis = first
  let changing: Promise<void> = Promise.resolve()
  return {
    url,
    async flush() {
      await ask(port, 'FLUSHALL')
    },
    async countKeys() {
      return Number((await ask(port, 'DBSIZE')).slice(1))
    },
    restart(awayMs) {
      changing = changing.then(async () => {
        await server.stop()
        await pause(awayMs)
        server = (await startTestRedis({ port })) ?? server
      })
      return changing
    },
    async stop() {
      await changing.catch(() => undefined)
      await server.stop()
    },
  }
}

/** One command, by hand; its answer's first line. */
const ask = async (port: number, command: string): Promise<string> => {
  const socket = connect(port, '127.0.0.1')
  try {
    await once(socket, 'connect')
    socket.write(`${command}\r\n`)
    const [answer] = (await once(socket, 'data')) as [Buffer]
    return answer.toString().trim()
  } finally {
    socket.destroy()
  }
}
