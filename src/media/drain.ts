import { createHash } from 'node:crypto'
import { Readable } from 'node:stream'
import { type PutOptions, StorageError, type StoredFile } from './storage.ts'

type Limits = Pick<PutOptions, 'maxBytes' | 'expectedBytes' | 'headBytes' | 'signal'>

/** What is made at the pace of its reader need not be made ahead: a queue of chunks would only take room. */
export const oneAhead = { highWaterMark: 1 } as const

/**
 * The source as a stream that can be destroyed. A stream that fails before anybody reads it would take the process
 * with it, so its error is listened to here; whoever reads it gets it all the same.
 */
export const toReadable = (source: Readable | AsyncIterable<Uint8Array>): Readable => {
  const readable = source instanceof Readable ? source : Readable.from(source, oneAhead)
  return readable.on('error', () => undefined)
}

const refuseOver = (sizeBytes: number, { maxBytes, expectedBytes }: Limits): void => {
  if (maxBytes !== undefined && sizeBytes > maxBytes)
    throw new StorageError('too_large', `the file is larger than ${maxBytes} bytes`)
  if (expectedBytes !== undefined && sizeBytes > expectedBytes)
    throw new StorageError('length_mismatch', `the file is longer than its ${expectedBytes} bytes`)
}

/**
 * The chunks of a stream until the signal fires. It waits for the signal beside the stream: a stream made of a
 * generator that hangs cannot be destroyed into ending. Each wait is a promise of its own: in a race with one that
 * lasts, that one would hold every chunk until the end.
 */
async function* chunksUntil(readable: Readable, signal: AbortSignal | undefined): AsyncGenerator<Uint8Array> {
  const iterator: AsyncIterator<Uint8Array> = readable[Symbol.asyncIterator]()
  let stopWaiting: (reason: unknown) => void = () => undefined
  const onAbort = () => stopWaiting(signal?.reason)
  const next = () =>
    new Promise<IteratorResult<Uint8Array>>((resolve, reject) => {
      stopWaiting = reject
      iterator.next().then(resolve, reject)
    })
  signal?.throwIfAborted()
  signal?.addEventListener('abort', onAbort, { once: true })
  try {
    for (;;) {
      const taken = await next()
      if (taken.done === true) return
      yield taken.value
      signal?.throwIfAborted()
    }
  } finally {
    signal?.removeEventListener('abort', onAbort)
  }
}

/**
 * Hands every chunk to `write`, in order and one at a time, and measures and hashes them on the way: the part of
 * `Storage.put` that is the same for every driver, with its errors. Destroying the stream is left to the caller.
 */
export const drain = async (
  readable: Readable,
  limits: Limits,
  write: (chunk: Uint8Array) => Promise<void>,
): Promise<StoredFile> => {
  const { expectedBytes, headBytes, signal } = limits
  const hash = createHash('sha256')
  const head: Uint8Array[] = []
  let sizeBytes = 0
  refuseOver(expectedBytes ?? 0, limits)
  for await (const chunk of chunksUntil(readable, signal)) {
    if (headBytes !== undefined && sizeBytes < headBytes) head.push(chunk.slice(0, headBytes - sizeBytes))
    sizeBytes += chunk.byteLength
    refuseOver(sizeBytes, limits)
    hash.update(chunk)
    await write(chunk)
  }
  if (expectedBytes !== undefined && sizeBytes < expectedBytes)
    throw new StorageError('length_mismatch', `the file ended after ${sizeBytes} of ${expectedBytes} bytes`)
  const measured = { sizeBytes, sha256: hash.digest('hex') }
  return headBytes === undefined ? measured : { ...measured, head: Buffer.concat(head) }
}
