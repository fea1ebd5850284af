import { randomUUID } from 'node:crypto'
import { Readable } from 'node:stream'
import type { MediaFile } from '../provider.ts'

export interface MultipartBody {
  readonly contentType: string
  readonly sizeBytes: number
  readonly body: Readable
  /** What broke the file while it was read; null while nothing has. */
  fileError(): Error | null
  close(): void
}

/**
 * A form with one file in the field `files`, streamed: only a chunk of the file is in memory at a time. Its length is
 * known beforehand, so a file that turns out shorter or longer breaks the request instead of being cut.
 */
export const openMultipart = async (file: MediaFile): Promise<MultipartBody> => {
  const boundary = `clipline-${randomUUID()}`
  const head = Buffer.from(
    `--${boundary}\r\nContent-Disposition: form-data; name="files"; filename="${escapeName(file.filename)}"\r\n` +
      `Content-Type: ${safeType(file.contentType)}\r\n\r\n`,
  )
  const tail = Buffer.from(`\r\n--${boundary}--\r\n`)
  const content = await file.open()
  let fileError: Error | null = null
  content.once('error', (error) => {
    fileError = error
  })
  const body = Readable.from(partsOf(head, content, tail), { objectMode: false })
  return {
    contentType: `multipart/form-data; boundary=${boundary}`,
    sizeBytes: head.byteLength + file.sizeBytes + tail.byteLength,
    body,
    fileError: () => fileError,
    close: () => {
      body.destroy()
      content.destroy()
    },
  }
}

async function* partsOf(head: Buffer, content: Readable, tail: Buffer): AsyncGenerator<Uint8Array> {
  yield head
  yield* content as AsyncIterable<Uint8Array>
  yield tail
}

/** As HTML forms write it: nothing in a name can end the name or the line. */
const escapeName = (name: string): string =>
  name.replaceAll('\r', '%0D').replaceAll('\n', '%0A').replaceAll('"', '%22')

const safeType = (contentType: string): string =>
  /^[\w.+-]+\/[\w.+-]+$/.test(contentType) ? contentType : 'application/octet-stream'
