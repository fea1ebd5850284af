import { randomUUID } from 'node:crypto'
import { pages } from './lists.ts'
import { type SendProgress, sendSource } from './outgoing.ts'
import type { Upload } from './shapes.ts'
import { type Transport, unwrap } from './transport.ts'
import { openSource, type UploadSource } from './upload-source.ts'

export interface UploadOptions {
  /** As it is shown later; that of the file when left out. */
  readonly filename?: string
  readonly onProgress?: (progress: SendProgress) => void
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

export const createUploads = (transport: Transport): Uploads => {
  const { http } = transport
  const at = (id: string) => ({ params: { path: { id } } })

  return {
    async create(given, options = {}) {
      const source = await openSource(given)
      const filename = options.filename ?? source.filename
      const response = await sendSource(transport, {
        path: '/v1/uploads',
        headers: {
          'content-type': 'application/octet-stream',
          'idempotency-key': randomUUID(),
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

    get: (uploadId) => unwrap(http.GET('/v1/uploads/{id}', at(uploadId))),
    list: () => pages((page) => http.GET('/v1/uploads', { params: { query: page } })),

    async delete(uploadId) {
      await unwrap(http.DELETE('/v1/uploads/{id}', at(uploadId)))
    },
  }
}
