import { once } from 'node:events'
import { type AddressInfo, connect, createServer, type Socket } from 'node:net'

export interface Destination {
  readonly port: number
  /** Changes the first bytes of a connection, say the name of a database in them. */
  readonly greet?: (first: Buffer) => Buffer
}

/**
 * A TCP forwarder whose destination can be moved: connections that exist stay where they are, as with a server that was
 * replaced behind its address while somebody goes on talking to the old one.
 */
export interface Detour {
  readonly port: number
  moveTo(destination: Destination): void
  close(): Promise<void>
}

export const openDetour = async (first: Destination): Promise<Detour> => {
  let destination = first
  const sockets = new Set<Socket>()
  const server = createServer((near) => {
    const { port, greet = (bytes: Buffer) => bytes } = destination
    const far = connect(port, '127.0.0.1')
    for (const [socket, other] of [
      [near, far],
      [far, near],
    ] as const) {
      sockets.add(socket)
      socket.on('error', () => socket.destroy())
      socket.on('close', () => {
        sockets.delete(socket)
        other.destroy()
      })
    }
    near.once('data', (bytes: Buffer) => {
      far.write(greet(bytes))
      near.pipe(far)
    })
    far.pipe(near)
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    port: (server.address() as AddressInfo).port,
    moveTo(next) {
      destination = next
    },
    async close() {
      for (const socket of sockets) socket.destroy()
      server.close()
      await once(server, 'close')
    },
  }
}
