/** Receivers as they are found out there: slow, endless, redirecting, trickling, broken, and gone. */
import { once } from 'node:events'
import type { ServerResponse } from 'node:http'
import { type AddressInfo, createServer } from 'node:net'
import type { ReceiverCall } from '../../src/cli/prove/evidence.ts'
import { type RecordingReceiver, startRecordingReceiver } from '../../src/cli/prove/recording-receiver.ts'
import { verifyWithLibrary } from './verify.ts'

/** As long as fourteen seconds are in a world whose time-out is fifteen, here where it is two. */
const slowMs = 1_800
const gigabyte = 1024 ** 3

const oddities = {
  healthy: { status: 204, respond: (response: ServerResponse) => void response.writeHead(204).end() },
  slow: {
    status: 200,
    respond: (response: ServerResponse) => {
      setTimeout(() => response.writeHead(200).end(), slowMs)
    },
  },
  huge: { status: 200, respond: (response: ServerResponse) => pour(response.writeHead(200), gigabyte) },
  redirecting: {
    status: 302,
    respond: (response: ServerResponse) => void response.writeHead(302, { location: '/elsewhere' }).end(),
  },
  trickling: { status: 200, respond: (response: ServerResponse) => trickle(response.writeHead(200)) },
  resetting: {
    status: 200,
    respond: (response: ServerResponse) => {
      response.writeHead(200, { 'content-length': '10' })
      response.write('half ', () => response.socket?.resetAndDestroy())
    },
  },
} as const

export type Oddity = keyof typeof oddities | 'dead'

export interface OddReceivers {
  /** Where each of them is, with what it is like. */
  readonly urls: readonly { readonly kind: Oddity; readonly url: string }[]
  calls(): readonly ReceiverCall[]
  close(): Promise<void>
}

export const startOddReceivers = async (
  counts: Readonly<Partial<Record<Oddity, number>>>,
  secret: () => string,
): Promise<OddReceivers> => {
  const receivers: {
    readonly kind: Oddity
    readonly url: string
    readonly receiver: RecordingReceiver | null
  }[] = []
  for (const [kind, count] of Object.entries(counts) as [Oddity, number][])
    for (let no = 0; no < count; no += 1) {
      const receiver = kind === 'dead' ? null : await startOne(kind, secret)
      const url = receiver?.url ?? `http://127.0.0.1:${await findDeadPort()}/callback`
      receivers.push({ kind, url, receiver })
    }
  return {
    urls: receivers,
    calls: () => receivers.flatMap(({ receiver }) => receiver?.calls ?? []),
    async close() {
      for (const { receiver } of receivers) await receiver?.close()
    },
  }
}

const startOne = (kind: keyof typeof oddities, secret: () => string): Promise<RecordingReceiver> =>
  startRecordingReceiver({
    verify: (headers, body) => verifyWithLibrary(secret(), headers, body),
    answer: () => oddities[kind].status,
    respond: oddities[kind].respond,
    nowMs: Date.now,
  })

/** Nobody listens there. */
const findDeadPort = async (): Promise<number> => {
  const probe = createServer().listen(0, '127.0.0.1')
  await once(probe, 'listening')
  const { port } = probe.address() as AddressInfo
  probe.close()
  await once(probe, 'close')
  return port
}

/** Sends so many bytes as fast as they are taken. */
const pour = (response: ServerResponse, sizeBytes: number): void => {
  const chunk = Buffer.alloc(64 * 1024)
  let left = sizeBytes
  const go = (): void => {
    while (left > 0 && !response.destroyed) {
      left -= chunk.length
      if (!response.write(chunk)) {
        response.once('drain', go)
        return
      }
    }
    response.end()
  }
  go()
}

const trickle = (response: ServerResponse): void => {
  const drip = setInterval(() => response.write('.'), 1_000)
  response.on('close', () => clearInterval(drip))
}
