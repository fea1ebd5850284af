/** The inside of the media thread: runs one task at a time, and asks the service for the bytes it wants to see. */
import { parentPort, type Transferable } from 'node:worker_threads'
import type { ByteSource } from './byte-source.ts'
import { type FromThread, mediaTasks, type ToThread } from './media-tasks.ts'

if (parentPort === null) throw new Error('this is the entry of a thread, not of a process')
const port = parentPort

/** The decoder prints what it thinks of a file, and nobody reads it. */
process.stdout.write = () => true
process.stderr.write = () => true

const post = (message: FromThread, transferred: Transferable[] = []): void =>
  port.postMessage(message, transferred)

const waitingReads = new Map<number, (bytes: Uint8Array | null) => void>()
let lastReadId = 0

const ask = async (start: number, end: number): Promise<Uint8Array> => {
  lastReadId += 1
  const readId = lastReadId
  const arrived = new Promise<Uint8Array | null>((resolve) => waitingReads.set(readId, resolve))
  post({ type: 'read', readId, start, end })
  const bytes = await arrived
  waitingReads.delete(readId)
  if (bytes === null) throw new Error('the source failed')
  return bytes
}

const run = async ({ task, sizeBytes, head }: Extract<ToThread, { type: 'run' }>): Promise<void> => {
  const read = async (start: number, end: number): Promise<Uint8Array> =>
    head !== undefined && end <= head.byteLength ? head.slice(start, end) : ask(start, end)
  const source: ByteSource = { sizeBytes, read }
  try {
    const result = await mediaTasks[task](source)
    post({ type: 'result', result }, 'jpeg' in result ? [result.jpeg.buffer] : [])
  } catch (error) {
    post({ type: 'failed', error })
  }
}

port.on('message', (message: ToThread) => {
  if (message.type === 'bytes') waitingReads.get(message.readId)?.(message.bytes)
  else void run(message)
})
post({ type: 'ready' })
