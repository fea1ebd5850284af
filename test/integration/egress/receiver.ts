import { once } from 'node:events'
import { createServer, type IncomingMessage, type RequestListener, type Server } from 'node:http'
import { createServer as createTlsServer } from 'node:https'
import {
  type AddressInfo,
  createServer as createTcpServer,
  type Socket,
  type Server as TcpServer,
} from 'node:net'
import { onTestFinished } from 'vitest'
import type { TestCertificate } from './certificate.ts'

export interface Received {
  method: string
  path: string
  headers: IncomingMessage['headers']
  body: Buffer
}

export interface Receiver {
  readonly port: number
  /** Every connection that was ever made, also those that sent nothing. */
  readonly connections: number
  readonly openConnections: number
  readonly received: readonly Received[]
  /** Waits until no connection is open any more. */
  drained(): Promise<void>
}

interface ReceiverOptions {
  host?: string
  port?: number
  certificate?: TestCertificate
}

/** A real HTTP server on loopback that remembers what it got; closed when the test ends. */
export const startReceiver = async (
  listener: RequestListener,
  options: ReceiverOptions = {},
): Promise<Receiver> => {
  const received: Received[] = []
  const recording: RequestListener = (request, response) => {
    const entry = {
      method: request.method ?? '',
      path: request.url ?? '',
      headers: request.headers,
      body: Buffer.alloc(0),
    }
    received.push(entry)
    const chunks: Buffer[] = []
    request.on('data', (chunk: Buffer) => chunks.push(chunk))
    request.on('end', () => {
      entry.body = Buffer.concat(chunks)
      listener(request, response)
    })
  }
  const server: Server = options.certificate
    ? createTlsServer(options.certificate, recording)
    : createServer(recording)
  return listen(server, received, options)
}

/** A server that speaks no HTTP by itself: for silence, garbage and resets. */
export const startTcpReceiver = async (
  onSocket: (socket: Socket) => void,
  options: ReceiverOptions = {},
): Promise<Receiver> => {
  const server = createTcpServer((socket) => {
    socket.on('error', () => socket.destroy())
    onSocket(socket)
  })
  return listen(server, [], options)
}

/** A listener that nobody may reach. */
export const startCanary = (options: ReceiverOptions = {}): Promise<Receiver> =>
  startTcpReceiver((socket) => socket.destroy(), options)

const listen = async (
  server: TcpServer,
  received: readonly Received[],
  { host = '127.0.0.1', port = 0 }: ReceiverOptions,
): Promise<Receiver> => {
  const sockets = new Set<Socket>()
  const allClosed = async (): Promise<void> => {
    for (const socket of sockets) await new Promise((resolve) => socket.once('close', resolve))
  }
  let connections = 0
  server.on('connection', (socket) => {
    connections += 1
    sockets.add(socket)
    socket.once('close', () => sockets.delete(socket))
  })
  server.listen(port, host)
  await once(server, 'listening')
  onTestFinished(async () => {
    for (const socket of sockets) socket.destroy()
    await new Promise((resolve) => server.close(resolve))
  })
  return {
    port: (server.address() as AddressInfo).port,
    received,
    drained: allClosed,
    get connections() {
      return connections
    },
    get openConnections() {
      return sockets.size
    },
  }
}
