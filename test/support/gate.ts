import { type AddressInfo, connect, createServer, type Socket } from 'node:net'

/** A TCP forwarder in front of a server, which a test can shut: what a cut network looks like from both ends. */
export interface Gate {
  readonly port: number
  /** Cuts every connection and refuses new ones. */
  shut(): Promise<void>
  /** Lets no byte through any more, and cuts nothing: each end waits for an answer of the other. */
  darken(): void
  /** Lets through again, on the same port. */
  open(): Promise<void>
}

export const openGate = async (targetPort: number): Promise<Gate> => {
  const sockets = new Set<Socket>()
  let isDark = false
  const server = createServer((incoming) => {
    const outgoing = connect(targetPort, '127.0.0.1')
    for (const [socket, other] of [
      [incoming, outgoing],
      [outgoing, incoming],
    ] as const) {
      sockets.add(socket)
      socket.on('error', () => socket.destroy())
      socket.on('close', () => {
        sockets.delete(socket)
        other.destroy()
      })
    }
    if (!isDark) incoming.pipe(outgoing).pipe(incoming)
  })
  const listen = (port: number) => new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve))

  await listen(0)
  const { port } = server.address() as AddressInfo
  return {
    port,
    darken() {
      isDark = true
      for (const socket of sockets) socket.unpipe().pause()
    },
    open: () => listen(port),
    shut: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        for (const socket of sockets) socket.destroy()
      }),
  }
}
