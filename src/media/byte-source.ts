import { buffer } from 'node:stream/consumers'
import { openForReading, stored } from './durable-file.ts'
import { type Storage, StorageError, type StoredFile } from './storage.ts'

/** A file that can be read at any place: what a probe needs. */
export interface ByteSource {
  readonly sizeBytes: number
  /** The beginning of the file, where it is at hand. */
  readonly head?: Uint8Array
  /** Exactly the bytes from `start` up to and without `end`, both within the file. */
  read(start: number, end: number): Promise<Uint8Array>
}

export const bufferSource = (bytes: Uint8Array): ByteSource => ({
  sizeBytes: bytes.byteLength,
  read: async (start, end) => bytes.slice(start, end),
})

const whole = (bytes: Uint8Array, sizeBytes: number): Uint8Array => {
  if (bytes.byteLength === sizeBytes) return bytes
  throw new StorageError('unavailable', 'the file became shorter while it was read')
}

const blockBytes = 256 * 1024
const maxBlocks = 16

/**
 * Reads in blocks and keeps the last few of them: a parser asks for many small parts that lie together, and each would
 * be a request of its own.
 */
const blockwise = (source: ByteSource): ByteSource => {
  const blocks = new Map<number, Promise<Uint8Array>>()

  const readBlock = (no: number): Promise<Uint8Array> => {
    const start = no * blockBytes
    const block = blocks.get(no) ?? source.read(start, Math.min(start + blockBytes, source.sizeBytes))
    blocks.delete(no)
    blocks.set(no, block)
    for (const [oldest] of blocks) if (blocks.size > maxBlocks) blocks.delete(oldest)
    return block
  }

  return {
    ...source,
    async read(start, end) {
      const first = Math.floor(start / blockBytes)
      const last = Math.floor(Math.max(start, end - 1) / blockBytes)
      // The whole of a file, or much of it, is read once.
      if (last - first >= maxBlocks / 2) return source.read(start, end)
      const numbers = Array.from({ length: last - first + 1 }, (_, index) => first + index)
      const bytes = Buffer.concat(await Promise.all(numbers.map(readBlock)))
      return new Uint8Array(bytes.subarray(start - first * blockBytes, end - first * blockBytes))
    },
  }
}

/** A file in the storage, or null when there is none under that key. */
export const storedSource = async (storage: Storage, key: string): Promise<ByteSource | null> => {
  const found = await storage.stat(key)
  return found === null ? null : keptSource(storage, key, found)
}

/** A file that was put into the storage just now. */
export const keptSource = (
  storage: Storage,
  key: string,
  { sizeBytes, head }: Pick<StoredFile, 'sizeBytes' | 'head'>,
): ByteSource => {
  const source: ByteSource = {
    sizeBytes,
    ...(head && { head }),
    read: async (start, end) => {
      const opened = await storage.open(key, { start, end })
      if (opened === null) throw new StorageError('unavailable', 'the file vanished while it was read')
      return whole(await buffer(opened.stream), end - start)
    },
  }
  // A storage that serves its files by URL is far away.
  return storage.presign === undefined ? source : blockwise(source)
}

/** A local file. Throws a `StorageError` when it cannot be read; the caller closes it. */
export const openFileSource = async (
  path: string,
): Promise<ByteSource & { readonly close: () => Promise<void> }> => {
  const handle = await stored(openForReading(path))
  const { size } = await stored(handle.stat())
  return {
    sizeBytes: size,
    read: async (start, end) => {
      const bytes = new Uint8Array(end - start)
      const { bytesRead } = await stored(handle.read(bytes, 0, end - start, start))
      return whole(bytes.subarray(0, bytesRead), end - start)
    },
    close: () => stored(handle.close()),
  }
}
