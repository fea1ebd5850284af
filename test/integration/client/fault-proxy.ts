import { once } from 'node:events'
import {
  type ClientRequest,
  createServer,
  type IncomingMessage,
  request,
  type ServerResponse,
} from 'node:http'
import type { AddressInfo } from 'node:net'

/** What happens to one request on its way. */
export type Fate =
  | { readonly kind: 'pass' }
  /** The service does its work, and its answer never arrives. */
  | { readonly kind: 'lose_answer' }
  /** The connection breaks when so many bytes of the body have gone out. */
  | { readonly kind: 'cut'; readonly afterBytes: number }
  /** The connection breaks when so many bytes of the request have gone in, and the promise has resolved. */
  | {
      readonly kind: 'cut_request'
      readonly afterBytes: number
      readonly when: (path: string) => Promise<void>
    }
  /** Something in between answers instead. */
  | {
      readonly kind: 'answer'
      readonly status: number
      readonly headers?: Readonly<Record<string, string>>
      readonly body?: string
    }

export interface Seen {
  readonly method: string
  readonly path: string
  readonly headers: IncomingMessage['headers']
}

/** Between a client and the service: takes the fates in turn for the requests that they are meant for. */
export interface FaultProxy {
  readonly url: string
  readonly seen: readonly Seen[]
  /** The next requests to paths that hold the text meet these fates, one each. */
  plan(pathPart: string, ...fates: readonly Fate[]): void
  close(): Promise<void>
}

export const openFaultProxy = async (targetUrl: string): Promise<FaultProxy> => {
  const target = new URL(targetUrl)
  const seen: Seen[] = []
  let plans: { readonly pathPart: string; readonly fate: Fate }[] = []

  const fateOf = (path: string): Fate => {
    const found = plans.find(({ pathPart }) => path.includes(pathPart))
    plans = plans.filter((plan) => plan !== found)
    return found?.fate ?? { kind: 'pass' }
  }

  const server = createServer((incoming, outgoing) => {
    const { method = '', url: path = '', headers } = incoming
    seen.push({ method, path, headers })
    const fate = fateOf(path)
    if (fate.kind === 'answer') {
      incoming.resume()
      outgoing.writeHead(fate.status, fate.headers).end(fate.body)
      return
    }
    const forwarded = request({ host: target.hostname, port: target.port, method, path, headers }, (answer) =>
      passOn(answer, outgoing, fate),
    )
    forwarded.on('error', () => outgoing.destroy())
    incoming.on('error', () => forwarded.destroy())
    if (fate.kind === 'cut_request') passIn(incoming, forwarded, { ...fate, path })
    else incoming.pipe(forwarded)
    outgoing.on('close', () => forwarded.destroy())
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  return {
    url: `http://127.0.0.1:${port}`,
    seen,
    plan: (pathPart, ...fates) => plans.push(...fates.map((fate) => ({ pathPart, fate }))),
    async close() {
      server.closeAllConnections()
      server.close()
      await once(server, 'close')
    },
  }
}

const passIn = (
  incoming: IncomingMessage,
  forwarded: ClientRequest,
  { afterBytes, when, path }: Extract<Fate, { kind: 'cut_request' }> & { readonly path: string },
): void => {
  let leftBytes = afterBytes
  incoming.on('data', (chunk: Buffer) => {
    if (leftBytes <= 0) return
    forwarded.write(chunk.subarray(0, leftBytes))
    leftBytes -= chunk.length
    if (leftBytes > 0) return
    incoming.pause()
    void when(path).then(() => {
      forwarded.destroy()
      incoming.destroy()
    })
  })
}

const passOn = (answer: IncomingMessage, outgoing: ServerResponse, fate: Fate): void => {
  if (fate.kind === 'lose_answer') {
    answer.resume().on('end', () => outgoing.destroy())
    return
  }
  outgoing.writeHead(answer.statusCode ?? 502, answer.headers)
  if (fate.kind !== 'cut') {
    outgoing.flushHeaders()
    answer.pipe(outgoing)
    return
  }
  let leftBytes = fate.afterBytes
  answer.on('data', (chunk: Buffer) => {
    const isLast = chunk.length >= leftBytes
    outgoing.write(chunk.subarray(0, leftBytes))
    leftBytes -= chunk.length
    if (!isLast) return
    answer.destroy()
    // What was written arrives; the end of the body does not.
    outgoing.socket?.end()
  })
  answer.on('end', () => outgoing.socket?.end())
}
