import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { connect, createServer } from 'node:net'
import { setTimeout as pause } from 'node:timers/promises'

/** A Redis server of a test's own, which keeps nothing. */
export interface TestRedis {
  readonly url: string
  readonly port: number
  stop(): Promise<void>
}

export interface TestRedisOptions {
  /** To come back where an earlier one was; a free one otherwise. */
  readonly port?: number
  readonly maxmemoryPolicy?: string
}

const flags = [
  '--bind',
  '127.0.0.1',
  '--save',
  '',
  '--appendonly',
  'no',
  '--dir',
  '/tmp',
  '--daemonize',
  'no',
]

/**
 * Starts the `redis-server` of this machine. Null when there is none, so that a suite can leave itself out by name;
 * with REQUIRE_REDIS=1 that is an error.
 */
export const startTestRedis = async (options: TestRedisOptions = {}): Promise<TestRedis | null> => {
  const port = options.port ?? (await findFreePort())
  const policy = ['--maxmemory-policy', options.maxmemoryPolicy ?? 'noeviction']
  const server = spawn('redis-server', ['--port', String(port), ...flags, ...policy], { stdio: 'ignore' })
  try {
    await once(server, 'spawn')
  } catch (error) {
    if (process.env['REQUIRE_REDIS'] === '1') {
      throw new Error('REQUIRE_REDIS is set, and there is no redis-server', { cause: error })
    }
    return null
  }
  const ended = once(server, 'exit')
  while (!(await isAnswering(port))) {
    if (server.exitCode !== null) throw new Error(`redis-server ended with code ${server.exitCode}`)
    await pause(10)
  }
  return {
    url: `redis://127.0.0.1:${port}`,
    port,
    async stop() {
      server.kill('SIGKILL')
      await ended
    },
  }
}

/** Answers PING with PONG: it listens, and has loaded. */
const isAnswering = (port: number): Promise<boolean> =>
  new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1', () => socket.write('PING\r\n'))
    socket.once('data', (reply) => {
      socket.destroy()
      resolve(reply.toString().startsWith('+PONG'))
    })
    socket.once('error', () => resolve(false))
  })

const findFreePort = (): Promise<number> =>
  new Promise((resolve, reject) => {
    const probe = createServer()
    probe.once('error', reject)
    probe.listen(0, '127.0.0.1', () => {
      const address = probe.address()
      probe.close(() => resolve(typeof address === 'object' && address ? address.port : 0))
    })
  })
