import { createHash } from 'node:crypto'
import { createWriteStream } from 'node:fs'
import { mkdir, rename, rm } from 'node:fs/promises'
import { dirname, resolve } from 'node:path'
import { pipeline } from 'node:stream/promises'
import { downloadWhole } from './download.ts'
import { CliplineError } from './error.ts'
import type { Artifact, ArtifactLink } from './shapes.ts'
import { type Transport, unwrap } from './transport.ts'

export interface DownloadProgress {
  readonly receivedBytes: number
  readonly totalBytes: number
}

export interface DownloadOptions {
  readonly onProgress?: (progress: DownloadProgress) => void
  readonly signal?: AbortSignal
  /** How long nothing may move before that is thrown; five minutes when left out. */
  readonly patienceMs?: number
}

export interface Artifacts {
  get(artifactId: string): Promise<Artifact>
  /**
   * The bytes of a file, over as many connections as it takes. Throws at the end when they do not have the SHA-256 that
   * the service states: until then nothing is known of them.
   */
  download(artifactId: string, options?: DownloadOptions): AsyncGenerator<Uint8Array, void, undefined>
  /** Downloads to a path, whose folders are made; what stands there afterwards is whole. Answers the absolute path. */
  save(artifactId: string, path: string, options?: DownloadOptions): Promise<string>
  /** A link for somebody without a key; it holds for a week at most. */
  link(artifactId: string, options?: { readonly ttl_s?: number }): Promise<ArtifactLink>
}

export const createArtifacts = (transport: Transport): Artifacts => {
  const { http } = transport
  const at = (id: string) => ({ params: { path: { id } } })
  const get = (artifactId: string) => unwrap(http.GET('/v1/artifacts/{id}', at(artifactId)))

  async function* download(artifactId: string, { onProgress, ...options }: DownloadOptions = {}) {
    const { size_bytes: totalBytes, sha256 } = await get(artifactId)
    const hash = createHash('sha256')
    let receivedBytes = 0
    for await (const chunk of downloadWhole(transport, artifactId, { totalBytes, ...options })) {
      hash.update(chunk)
      receivedBytes += chunk.byteLength
      onProgress?.({ receivedBytes, totalBytes })
      yield chunk
    }
    if (hash.digest('hex') !== sha256)
      throw new CliplineError(
        'unexpected_answer',
        `the file of ${artifactId} does not have the SHA-256 that the service states`,
        // The same bytes would come again.
        { status: 200 },
      )
  }

  return {
    get,
    download,

    async save(artifactId, path, options) {
      const target = resolve(path)
      await mkdir(dirname(target), { recursive: true })
      const unfinished = `${target}.part`
      try {
        await pipeline(download(artifactId, options), createWriteStream(unfinished))
      } catch (error) {
        await rm(unfinished, { force: true })
        throw error
      }
      await rename(unfinished, target)
      return target
    },

    link: (artifactId, request = {}) =>
      unwrap(http.POST('/v1/artifacts/{id}/links', { ...at(artifactId), body: request })),
  }
}
