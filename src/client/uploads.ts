import { randomUUID } from 'node:crypto'
import { CliplineError } from './error.ts'
import { pages } from './lists.ts'
import type { Upload } from './shapes.ts'
import { backoffMs, pause } from './time.ts'
import { type Transport, unwrap } from './transport.ts'
import { type OpenedSource, openSource, type UploadSource } from './upload-source.ts'

export interface UploadProgress {
  readonly sentBytes: number
  /** Null for a stream, whose length nobody knows. */
  readonly totalBytes: number | null
}

export interface UploadOptions {
  /** As it is shown later; that of the file when left out. */
  readonly filename?: string
  readonly onProgress?: (progress: UploadProgress) => void
  readonly signal?: AbortSignal
}

export interface Uploads {
  /**
   * Sends a file, streamed. What can be read again is sent again when the connection breaks; of a `ReadableStream`
   * there is one try.
   */
  create(source: UploadSource, options?: UploadOptions): Promise<Upload>
  /** Has Clipline fetch a file from a public URL. */
  createFromUrl(url: string, options?: { readonly signal?: AbortSignal }): Promise<Upload>
  get(uploadId: string): Promise<Upload>
  list(): AsyncGenerator<Upload, void, undefined>
  delete(uploadId: string): Promise<void>
}

const maxTries = 4

export const createUploads = ({ http, open }: Transport): Uploads => {
  const at = (id: string) => ({ params: { path: { id } } })

  const send = async (source: OpenedSource, key: string, options: UploadOptions): Promise<Upload> => {
    const filename = options.filename ?? source.filename
    const outgoing = count(source, options.onProgress)
    try {
      const response = await open('/v1/uploads', {
        method: 'POST',
        headers: {
          'content-type': 'application/octet-stream',
          'idempotency-key': key,
          ...(filename !== null && { 'x-filename': encodeURIComponent(filename) }),
        },
        body: outgoing.body,
        signal: options.signal,
        isUpload: true,
      })
      return (await response.json()) as Upload
    } catch (error) {
      throw outgoing.fault() ?? error
    }
  }

  return {
    async create(given, options = {}) {
      const source = await openSource(given)
      const key = randomUUID()
      for (let no = 1; ; no += 1) {
        try {
          return await send(source, key, options)
        } catch (error) {
          const isPassing = error instanceof CliplineError && (error.retryable || error.status === 409)
          if (!isPassing || !source.isRepeatable || no === maxTries) throw error
          await pause(Math.max(error.retryAfterMs ?? 0, backoffMs(no)), options.signal)
        }
      }
    },

    async createFromUrl(url, { signal } = {}) {
      const made = await unwrap(
        http.POST('/v1/uploads', {
          params: { header: { 'Idempotency-Key': randomUUID() } },
          body: { url },
          ...(signal && { signal }),
        }),
      )
      return made as Upload
    },

    get: (uploadId) => unwrap(http.GET('/v1/uploads/{id}', at(uploadId))),
    list: () => pages((page) => http.GET('/v1/uploads', { params: { query: page } })),

    async delete(uploadId) {
      await unwrap(http.DELETE('/v1/uploads/{id}', at(uploadId)))
    },
  }
}

/** The bytes of a source as a request's body, which says how far it is; and what went wrong with reading them. */
const count = ({ open, sizeBytes }: OpenedSource, onProgress: UploadOptions['onProgress']) => {
  const chunks = open()[Symbol.asyncIterator]()
  let sentBytes = 0
  let fault: unknown = null
  const body = new ReadableStream<Uint8Array>({
    async pull(controller) {
      try {
        const { done, value } = await chunks.next()
        if (done) return controller.close()
        controller.enqueue(value)
        sentBytes += value.byteLength
      } catch (error) {
        fault = error
        return controller.error(error)
      }
      onProgress?.({ sentBytes, totalBytes: sizeBytes })
    },
    async cancel() {
      await chunks.return?.()
    },
  })
  return { body, fault: () => fault }
}
