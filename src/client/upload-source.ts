import { createReadStream } from 'node:fs'
import { stat } from 'node:fs/promises'
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

/** Rejects with the file system's error for a path that cannot be read. */
export const openSource = async (source: UploadSource): Promise<OpenedSource> => {
  if (source instanceof Uint8Array)
    return {
      filename: null,
      sizeBytes: source.byteLength,
      isRepeatable: true,
      open: () => new Blob([source as Uint8Array<ArrayBuffer>]).stream(),
    }
  if (source instanceof Blob)
    return {
      filename: source instanceof File ? source.name : null,
      sizeBytes: source.size,
      isRepeatable: true,
      open: () => source.stream(),
    }
  if ('path' in source && typeof source.path === 'string') return openPath(source.path)
  return {
    filename: null,
    sizeBytes: null,
    isRepeatable: false,
    open: () => source as AsyncIterable<Uint8Array>,
  }
}

const openPath = async (path: string): Promise<OpenedSource> => {
  const { size } = await stat(path)
  return {
    filename: basename(path),
    sizeBytes: size,
    isRepeatable: true,
    open: () => createReadStream(path),
  }
}
