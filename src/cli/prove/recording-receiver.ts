import { createHash } from 'node:crypto'
import { once } from 'node:events'
import { createServer, type IncomingHttpHeaders, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { buffer } from 'node:stream/consumers'
import type { ReceiverCall } from './evidence.ts'

export interface RecordingReceiver {
  readonly url: string
  /** Every call so far, in order. */
  readonly calls: readonly ReceiverCall[]
  close(): Promise<void>
}

export interface RecordingReceiverOptions {
  /** Is the signature over these very bytes good? */
  readonly verify: (headers: IncomingHttpHeaders, body: Buffer) => boolean
  /** The status that the next call is answered with. */
  readonly answer: () => number
  /** Gives the answer; by default the status and nothing else. */
  readonly respond?: (response: ServerResponse, status: number) => void
  readonly nowMs: () => number
}

/** Takes callbacks as a client would, writes each one down before it answers, and fails when it is told to. */
export const startRecordingReceiver = async ({
  verify,
  answer,
  respond = (response, status) => void response.writeHead(status).end(),
  nowMs,
}: RecordingReceiverOptions): Promise<RecordingReceiver> => {
  const calls: ReceiverCall[] = []
  const server = createServer((request, response) => {
    buffer(request).then(
      (body) => {
        const call = toCall(request.headers, body, {
          isVerified: verify(request.headers, body),
          atMs: nowMs(),
        })
        const status = answer()
        calls.push({ ...call, status })
        respond(response, status)
      },
      // The caller was killed in the middle of its call, which then never came.
      () => response.destroy(),
    )
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  return {
    url: `http://127.0.0.1:${port}/callback`,
    calls,
    async close() {
      server.closeAllConnections()
      server.close()
      await once(server, 'close')
    },
  }
}

const toCall = (
  headers: IncomingHttpHeaders,
  body: Buffer,
  { isVerified, atMs }: { readonly isVerified: boolean; readonly atMs: number },
): Omit<ReceiverCall, 'status'> => ({
  webhookId: String(headers['webhook-id']),
  ...readWords(body),
  atMs,
  // The stamp is in whole seconds: up to a second of the difference is rounding.
  skewMs: atMs - Number(headers['webhook-timestamp']) * 1_000,
  bodySha256: createHash('sha256').update(body).digest('hex'),
  isVerified,
})

/** What the body says it is about; nulls for one that says nothing we know. */
const readWords = (body: Buffer): Pick<ReceiverCall, 'jobId' | 'type'> => {
  try {
    const words = JSON.parse(body.toString()) as { type?: string; data?: { job?: { id?: string } } }
    return { jobId: words.data?.job?.id ?? null, type: words.type ?? null }
  } catch (error) {
    if (error instanceof SyntaxError) return { jobId: null, type: null }
    throw error
  }
}
