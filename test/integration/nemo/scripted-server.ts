import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo, Socket } from 'node:net'
import { onTestFinished } from 'vitest'

export interface Received {
  readonly method: string
  readonly path: string
  readonly headers: IncomingMessage['headers']
  readonly body: string
  /** Counts the connections of the server from 1 on. */
  readonly connection: number
}

export interface Reply {
  readonly response: ServerResponse
  readonly socket: Socket
  json(body: unknown, status?: number, headers?: Record<string, string>): void
  /** Begins an event stream; what is given is its first bytes. */
  stream(...frames: string[]): void
}

export type Script = (received: Received, reply: Reply) => void

export interface ScriptedServer {
  readonly url: string
  readonly received: readonly Received[]
  /** Paths of the requests so far, in order. */
  paths(): string[]
}

/**
 * A real HTTP server that does with each request what the test says, once it is there in full; it ends with the test.
 * `onFirstByte` is told when a request's body begins.
 */
export const startScriptedServer = async (
  script: Script,
  onFirstByte?: () => void,
): Promise<ScriptedServer> => {
  const received: Received[] = []
  const connections = new Map<Socket, number>()
  const server = createServer((request, response) => {
    const chunks: Buffer[] = []
    if (onFirstByte !== undefined) request.once('data', onFirstByte)
    request.on('data', (chunk: Buffer) => chunks.push(chunk))
    request.on('error', () => undefined)
    request.on('end', () => {
      const entry: Received = {
        method: request.method ?? '',
        path: request.url ?? '',
        headers: request.headers,
        body: Buffer.concat(chunks).toString('utf8'),
        connection: connections.get(request.socket) ?? 0,
      }
      received.push(entry)
      script(entry, toReply(response, request.socket))
    })
  })
  server.on('connection', (socket) => {
    connections.set(socket, connections.size + 1)
    socket.on('error', () => undefined)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(async () => {
    for (const socket of connections.keys()) socket.destroy()
    await new Promise((resolve) => server.close(resolve))
  })
  const { port } = server.address() as AddressInfo
  return { url: `http://127.0.0.1:${port}`, received, paths: () => received.map(({ path }) => path) }
}

const toReply = (response: ServerResponse, socket: Socket): Reply => ({
  response,
  socket,
  json: (body, status = 200, headers = {}) => {
    response.writeHead(status, { 'content-type': 'application/json', ...headers })
    response.end(JSON.stringify(body))
  },
  stream: (...frames) => {
    response.writeHead(200, { 'content-type': 'text/event-stream; charset=utf-8' })
    for (const frame of frames) response.write(frame)
  },
})

/** A port on which nothing listens. */
export const closedPortUrl = async (): Promise<string> => {
  const server = createServer()
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  await new Promise((resolve) => server.close(resolve))
  return `http://127.0.0.1:${port}`
}
