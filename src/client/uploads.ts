import { randomUUID } from 'node:crypto'
import { pages } from './lists.ts'
import { type SendProgress, sendSource } from './outgoing.ts'
import { sendResumably } from './resumable.ts'
import type { Upload } from './shapes.ts'
import { type Transport, unwrap } from './transport.ts'
import { isSeekable, openSource, type UploadSource } from './upload-source.ts'

export interface UploadOptions {
  /** As it is shown later; that of the file when left out. */
  readonly filename?: string
  readonly onProgress?: (progress: SendProgress) => void
  readonly signal?: AbortSignal
  /**
   * Makes a later call with the same key and the same file answer the same upload, and lets it go on with a large file
   * where this one ended, for a day.
   */
  readonly idempotencyKey?: string
  /** How long nothing may move before a large file is given up; five minutes when left out. */
  readonly patienceMs?: number
}

export interface Uploads {
  /**
   * Sends a file, streamed. When the connection breaks, a file of 8 MiB or more goes on where it broke; a smaller one is
   * sent again; of a `ReadableStream` there is one try.
   */
  create(source: UploadSource, options?: UploadOptions): Promise<Upload>
  /** Has Clipline fetch a file from a public URL. */
  createFromUrl(url: string, options?: { readonly signal?: AbortSignal }): Promise<Upload>
  get(uploadId: string): Promise<Upload>
  list(): AsyncGenerator<Upload, void, undefined>
  delete(uploadId: string): Promise<void>
}

/** Below it, a second request costs more than what could be saved. */
const resumableFromBytes = 8 * 1024 * 1024

export const createUploads = (transport: Transport): Uploads => {
  const { http } = transport
  const at = (id: string) => ({ params: { path: { id } } })
  const get: Uploads['get'] = (uploadId) => unwrap(http.GET('/v1/uploads/{id}', at(uploadId)))

  return {
    get,

    async create(given, options = {}) {
      const source = await openSource(given)
      const filename = options.filename ?? source.filename
      const idempotencyKey = options.idempotencyKey ?? randomUUID()
      if (isSeekable(source) && source.sizeBytes >= resumableFromBytes)
        return get(
          await sendResumably(transport, { ...options, source, filename: filename ?? '', idempotencyKey }),
        )
      const response = await sendSource(transport, {
        path: '/v1/uploads',
        headers: {
          'content-type': 'application/octet-stream',
          'idempotency-key': idempotencyKey,
          ...(filename !== null && { 'x-filename': encodeURIComponent(filename) }),
        },
        source,
        onProgress: options.onProgress,
        signal: options.signal,
      })
      return (await response.json()) as Upload
    },

    // It is answered when the file was fetched, which takes as long as it takes.
    async createFromUrl(url, { signal } = {}) {
      const response = await sendSource(transport, {
        path: '/v1/uploads',
        headers: { 'content-type': 'application/json', 'idempotency-key': randomUUID() },
        source: await openSource(new TextEncoder().encode(JSON.stringify({ url }))),
        signal,
      })
      return (await response.json()) as Upload
    },

    list: () => pages((page) => http.GET('/v1/uploads', { params: { query: page } })),

    async delete(uploadId) {
      await unwrap(http.DELETE('/v1/uploads/{id}', at(uploadId)))
    },
  }
}
