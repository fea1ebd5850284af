/** The files of a job on their way in and out: uploads, URLs that Clipline fetches itself, and the artifact. */
import type { Clock } from '../clock.ts'
import { newId } from '../job/ids.ts'
import type { Job } from '../job/job.ts'
import { keptSource } from '../media/byte-source.ts'
import { StorageError } from '../media/storage.ts'
import type { Download } from '../providers/provider.ts'
import type { OpenedInput, StoredArtifact } from '../stages/stage.ts'
import type { UploadStore } from '../store/uploads.ts'
import { type FetchedInputDeps, fetchUrl, readFetchedText } from './fetched-input.ts'
import { convertHeic, isHeic, readPrompt, refused, toFile } from './kept-input.ts'
import type { MediaDesk } from './stage-context.ts'

export interface MediaDeskDeps extends FetchedInputDeps {
  readonly uploads: UploadStore
  readonly clock: Clock
}

const maxArtifactBytes = 4 * 1024 ** 3
/** Holds the index of a usual clip, which its makers put first; a probe then reads nothing back. */
const probedHeadBytes = 128 * 1024

export const createMediaDesk = (deps: MediaDeskDeps): MediaDesk => ({
  openUpload: (job, uploadId) => openUpload(deps, job, uploadId),
  readText: (job, uploadId) => readText(deps, job, uploadId),
  readFetchedText: (job, url) => readFetchedText(deps, job, url),
  fetchUrl: (job, url, signal) => fetchUrl(deps, job, url, signal),
  storeArtifact: (job, download, signal) => storeArtifact(deps, job, download, signal),
})

const nothingToDiscard = (): Promise<void> => Promise.resolve()

const openUpload = async (deps: MediaDeskDeps, job: Job, uploadId: string): Promise<OpenedInput> => {
  const upload = await deps.uploads.find(job.tenantId, uploadId)
  if (upload === null) return refused('invalid_input', `the upload ${uploadId} no longer exists`)
  if (upload.kind === 'text') return readPrompt(deps, upload)
  if (isHeic(upload.contentType)) return convertHeic(deps, job, upload, `inputs/${job.id}/${upload.id}.jpg`)
  return {
    outcome: 'file',
    file: toFile(deps.storage, upload),
    sha256: upload.sha256,
    discard: nothingToDiscard,
  }
}

/** Looks at nothing but texts: a picture that must be converted is converted where it is handed over, and only there. */
const readText = async (deps: MediaDeskDeps, job: Job, uploadId: string): Promise<string | null> => {
  const upload = await deps.uploads.find(job.tenantId, uploadId)
  if (upload?.kind !== 'text') return null
  const opened = await readPrompt(deps, upload)
  return opened.outcome === 'text' ? opened.text : null
}

const storeArtifact = async (
  { storage, inspector, clock }: MediaDeskDeps,
  job: Job,
  download: Download,
  signal: AbortSignal,
): Promise<StoredArtifact> => {
  const id = newId('artifact', clock.nowMs())
  const storageKey = `artifacts/${job.tenantId}/${id}.mp4`
  let isSound = false
  try {
    const kept = await storage.put(storageKey, download.body, {
      contentType: 'video/mp4',
      maxBytes: maxArtifactBytes,
      headBytes: probedHeadBytes,
      ...(download.sizeBytes === null ? {} : { expectedBytes: download.sizeBytes }),
      signal,
    })
    const probe = await inspector.probeVideo(keptSource(storage, storageKey, kept))
    if (!probe.ok) return { outcome: 'invalid', reason: probe.detail }
    isSound = true
    return {
      outcome: 'stored',
      row: {
        kind: 'artifact',
        id,
        storage_key: storageKey,
        content_type: 'video/mp4',
        size_bytes: kept.sizeBytes,
        sha256: kept.sha256,
        width: probe.width,
        height: probe.height,
        duration_s: probe.durationS,
        video_codec: probe.videoCodec,
        audio_codec: probe.audioCodec,
      },
    }
  } catch (error) {
    if (signal.aborted) throw error
    if (!(error instanceof StorageError)) return { outcome: 'invalid', reason: 'the download broke off' }
    return isProvidersFault(error)
      ? { outcome: 'invalid', reason: error.message }
      : { outcome: 'storage_failed', reason: error.message }
  } finally {
    // What cannot be deleted now is swept: no row names it.
    if (!isSound) await storage.delete(storageKey).catch(() => false)
  }
}

const isProvidersFault = ({ code }: StorageError): boolean =>
  code === 'length_mismatch' || code === 'too_large'
