import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { connect, createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'

export interface RedisServer {
  readonly url: string
  readonly pid: number
  stop(): Promise<void>
}

/** A Redis that appends to its file and syncs it every second; null where none is installed. */
export const startRedis = async (): Promise<RedisServer | null> => {
  const folder = await mkdtemp(join(tmpdir(), 'clipline-bench-redis-'))
  const port = await findFreePort()
  const flags = ['--bind', '127.0.0.1', '--save', '', '--appendonly', 'yes', '--appendfsync', 'everysec']
  const server = spawn('redis-server', ['--port', String(port), '--dir', folder, ...flags], {
    stdio: 'ignore',
  })
  try {
    await once(server, 'spawn')
  } catch {
    await rm(folder, { recursive: true })
    return null
  }
  const ended = once(server, 'exit')
  while (!(await isListening(port))) {
    if (server.exitCode !== null) throw new Error(`redis-server ended with code ${server.exitCode}`)
    await pause(10)
  }
  return {
    url: `redis://127.0.0.1:${port}`,
    pid: server.pid ?? 0,
    async stop() {
      server.kill('SIGKILL')
      await ended
      await rm(folder, { recursive: true, force: true })
    },
  }
}

const isListening = (port: number): Promise<boolean> =>
  new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1', () => resolve(true))
    socket.once('error', () => resolve(false))
    socket.once('connect', () => socket.destroy())
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
