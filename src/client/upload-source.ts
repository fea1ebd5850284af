import type { Stats } from 'node:fs'
import { open, stat } from 'node:fs/promises'
import { basename } from 'node:path'

/** What can be uploaded: bytes, a `Blob` or `File`, any stream of bytes, or a file on the disk. */
export type UploadSource = Uint8Array | Blob | AsyncIterable<Uint8Array> | { readonly path: string }

export interface OpenedSource {
  readonly filename: string | null
  readonly sizeBytes: number | null
  /** Whether it can be read a second time. */
  readonly isRepeatable: boolean
  open(): AsyncIterable<Uint8Array>
}

/** A source of a known size that can be read from any of its bytes on. */
export interface SeekableSource extends OpenedSource {
  readonly sizeBytes: number
  /** Another one where the bytes may have changed; empty where nothing tells. */
  readonly version: string
  open(fromByte?: number): AsyncIterable<Uint8Array>
}

export const isSeekable = (source: OpenedSource): source is SeekableSource => 'version' in source

/** About as much as a file is read by. */
const chunkBytes = 64 * 1024

/** Rejects with the file system's error for a path that cannot be read. */
export const openSource = async (source: UploadSource): Promise<OpenedSource> => {
  if (source instanceof Uint8Array) return openBytes(source)
  if (source instanceof Blob) return openBlob(source)
  if ('path' in source && typeof source.path === 'string') return openPath(source.path)
  return {
    filename: null,
    sizeBytes: null,
    isRepeatable: false,
    open: () => source as AsyncIterable<Uint8Array>,
  }
}

const openBytes = (bytes: Uint8Array): SeekableSource => ({
  filename: null,
  sizeBytes: bytes.byteLength,
  version: '',
  isRepeatable: true,
  async *open(fromByte = 0) {
    for (let at = fromByte; at < bytes.byteLength; at += chunkBytes) yield bytes.subarray(at, at + chunkBytes)
  },
})

const openBlob = (blob: Blob): SeekableSource => ({
  filename: blob instanceof File ? blob.name : null,
  sizeBytes: blob.size,
  version: blob instanceof File ? String(blob.lastModified) : '',
  isRepeatable: true,
  open: (fromByte = 0) => blob.slice(fromByte).stream(),
})

const openPath = async (path: string): Promise<SeekableSource> => {
  const { size, mtimeMs } = await stat(path)
  return {
    filename: basename(path),
    sizeBytes: size,
    version: String(mtimeMs),
    isRepeatable: true,
    open: (fromByte = 0) => readUnchanged(path, fromByte, { size, mtimeMs }),
  }
}

/**
 * The bytes of a file that stays as it was: a service that keeps what it has been sent would join two versions of it.
 * The last ones are given out once it is known that nobody has written to the file meanwhile.
 */
async function* readUnchanged(
  path: string,
  fromByte: number,
  was: Pick<Stats, 'size' | 'mtimeMs'>,
): AsyncGenerator<Uint8Array> {
  const file = await open(path)
  const assertUnchanged = async (): Promise<void> => {
    const { size, mtimeMs } = await file.stat()
    if (size !== was.size || mtimeMs !== was.mtimeMs)
      throw new Error('the file was changed while it was sent')
  }
  try {
    await assertUnchanged()
    let last: Uint8Array | null = null
    for await (const chunk of file.createReadStream({ start: fromByte, autoClose: false })) {
      if (last !== null) yield last
      last = chunk
    }
    await assertUnchanged()
    if (last !== null) yield last
  } finally {
    await file.close()
  }
}
