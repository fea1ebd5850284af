/** The files of a job on their way in and out: uploads, URLs that Clipline fetches itself, and the artifact. */
import { createHash } from 'node:crypto'
import type { Readable } from 'node:stream'
import { text as readAll } from 'node:stream/consumers'
import type { Clock } from '../clock.ts'
import type { Egress } from '../egress/client.ts'
import { newId } from '../job/ids.ts'
import type { Job } from '../job/job.ts'
import { keptSource, storedSource } from '../media/byte-source.ts'
import { cleanFileName } from '../media/file-name.ts'
import type { MediaInspector } from '../media/media-inspector.ts'
import { type Storage, StorageError } from '../media/storage.ts'
import type { Download, MediaFile } from '../providers/provider.ts'
import { checkInputs } from '../skills/index.ts'
import type { OpenedInput, StoredArtifact } from '../stages/stage.ts'
import type { UploadRecord, UploadStore } from '../store/uploads.ts'
import { getSkill, type MediaDesk } from './stage-context.ts'

export interface MediaDeskDeps {
  readonly storage: Storage
  readonly uploads: UploadStore
  readonly inspector: MediaInspector
  readonly egress: Egress
  readonly clock: Clock
}

const maxArtifactBytes = 4 * 1024 ** 3
/** Holds the index of a usual clip, which its makers put first; a probe then reads nothing back. */
const probedHeadBytes = 128 * 1024
/** The bound of a prompt (api.md §0), in characters; no character has more than four bytes. */
const maxTextCharacters = 8_000

export const createMediaDesk = (deps: MediaDeskDeps): MediaDesk => ({
  openUpload: (job, uploadId) => openUpload(deps, job, uploadId),
  readText: (job, uploadId) => readText(deps, job, uploadId),
  fetchUrl: (job, url, signal) => fetchUrl(deps, job, url, signal),
  storeArtifact: (job, download, signal) => storeArtifact(deps, job, download, signal),
})

const refused = (
  code: Extract<OpenedInput, { outcome: 'refused' }>['code'],
  detail: string,
): OpenedInput => ({ outcome: 'refused', code, detail })

const nothingToDiscard = (): Promise<void> => Promise.resolve()

const openUpload = async (deps: MediaDeskDeps, job: Job, uploadId: string): Promise<OpenedInput> => {
  const upload = await deps.uploads.find(job.tenantId, uploadId)
  if (upload === null) return refused('invalid_input', `the upload ${uploadId} no longer exists`)
  if (upload.kind === 'text') return readPrompt(deps, upload)
  if (isHeic(upload.contentType)) return convertHeic(deps, job, upload)
  return {
    outcome: 'file',
    file: toFile(deps.storage, upload),
    sha256: upload.sha256,
    discard: nothingToDiscard,
  }
}

/** A text upload becomes words of the prompt, so it is held to a prompt's bound. */
const readPrompt = async ({ storage }: MediaDeskDeps, upload: UploadRecord): Promise<OpenedInput> => {
  const detail = `the text file ${upload.filename} has more than ${maxTextCharacters} characters`
  if (upload.sizeBytes > maxTextCharacters * 4) return refused('invalid_input', detail)
  const text = await readAll(await openStored(storage, upload.storageKey))
  return [...text].length > maxTextCharacters ? refused('invalid_input', detail) : { outcome: 'text', text }
}

/** Looks at nothing but texts: a picture that must be converted is converted where it is handed over, and only there. */
const readText = async (deps: MediaDeskDeps, job: Job, uploadId: string): Promise<string | null> => {
  const upload = await deps.uploads.find(job.tenantId, uploadId)
  if (upload?.kind !== 'text') return null
  const opened = await readPrompt(deps, upload)
  return opened.outcome === 'text' ? opened.text : null
}

const isHeic = (contentType: string): boolean => contentType === 'image/heic' || contentType === 'image/heif'

const openStored = async (storage: Storage, key: string): Promise<Readable> => {
  const opened = await storage.open(key)
  if (opened === null) throw new StorageError('unavailable', 'a stored input is missing from the storage')
  return opened.stream
}

const toFile = (
  storage: Storage,
  stored: Pick<UploadRecord, 'filename' | 'contentType' | 'sizeBytes' | 'storageKey'>,
): MediaFile => ({
  filename: stored.filename,
  contentType: stored.contentType,
  sizeBytes: stored.sizeBytes,
  open: () => openStored(storage, stored.storageKey),
})

/** The provider knows no HEIC: it gets the same picture as JPEG (upstream-protocol.md §7, traps). */
const convertHeic = async (
  { storage, inspector }: MediaDeskDeps,
  job: Job,
  upload: UploadRecord,
): Promise<OpenedInput> => {
  const source = await storedSource(storage, upload.storageKey)
  if (source === null) throw new StorageError('unavailable', 'a stored input is missing from the storage')
  const converted = await inspector.convertHeic(source)
  if (!converted.ok) return refused('unsupported_media_type', converted.detail)
  const problem = checkInputs(getSkill(job), [
    { contentType: 'image/jpeg', kind: 'image', sizeBytes: converted.jpeg.byteLength },
  ]).find(({ code }) => code === 'media_too_large')
  if (problem) return refused('media_too_large', `as JPEG: ${problem.detail}`)
  const storageKey = `inputs/${job.id}/${upload.id}.jpg`
  const { sizeBytes, sha256 } = await storage.put(storageKey, bytesOnce(converted.jpeg), {
    contentType: 'image/jpeg',
  })
  const filename = `${upload.filename.replace(/\.[^.]*$/, '')}.jpg`
  return {
    outcome: 'file',
    file: toFile(storage, { filename, contentType: 'image/jpeg', sizeBytes, storageKey }),
    sha256,
    discard: async () => void (await storage.delete(storageKey)),
  }
}

async function* bytesOnce(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  yield bytes
}

const fetchTimeoutMs = 10 * 60_000
const fetchIdleMs = 60_000

/** Fetches through the guarded client, keeps a copy for the hand-over and checks it against the job's skill. */
const fetchUrl = async (
  { storage, egress, inspector }: MediaDeskDeps,
  job: Job,
  url: string,
  signal: AbortSignal,
): Promise<OpenedInput> => {
  const skill = getSkill(job)
  const response = await egress.download({
    url,
    timeoutMs: fetchTimeoutMs,
    idleTimeoutMs: fetchIdleMs,
    maxResponseBytes: skill.maxSizeBytes + 1,
    maxRedirects: 3,
    signal,
  })
  if (response.outcome === 'refused') return refused('invalid_input', 'the URL may not be fetched')
  if (response.outcome !== 'response')
    return refused('input_unreachable', 'the URL did not answer with a file')
  if (response.statusCode !== 200) {
    response.body.destroy()
    return refused('input_unreachable', `the URL answered with status ${response.statusCode}`)
  }
  const storageKey = `inputs/${job.id}/${createHash('sha256').update(url).digest('hex').slice(0, 32)}`
  const discard = async () => void (await storage.delete(storageKey))
  const stored = await storage.put(storageKey, response.body, {
    contentType: 'application/octet-stream',
    signal,
  })
  const source = await storedSource(storage, storageKey)
  const facts = source === null ? null : await inspector.probeUpload(source)
  if (facts === null || !facts.ok) {
    await discard()
    return refused('unsupported_media_type', facts?.detail ?? 'the file vanished')
  }
  const { contentType, kind } = facts
  if (kind === 'text' || isHeic(contentType)) {
    await discard()
    return refused('unsupported_media_type', `${contentType} is taken as an upload only: POST /v1/uploads`)
  }
  const problem = checkInputs(skill, [{ contentType, kind, sizeBytes: stored.sizeBytes }]).find(
    ({ code }) => code !== 'missing_input',
  )
  if (problem) {
    await discard()
    return refused(
      problem.code === 'media_too_large' ? 'media_too_large' : 'unsupported_media_type',
      problem.detail,
    )
  }
  const filename = cleanFileName(new URL(url).pathname, contentType)
  const file = toFile(storage, { filename, contentType, sizeBytes: stored.sizeBytes, storageKey })
  return { outcome: 'file', file, sha256: stored.sha256, discard }
}

const storeArtifact = async (
  { storage, inspector, clock }: MediaDeskDeps,
  job: Job,
  download: Download,
  signal: AbortSignal,
): Promise<StoredArtifact> => {
  const id = newId('artifact', clock.nowMs())
  const storageKey = `artifacts/${job.tenantId}/${id}.mp4`
  try {
    const kept = await storage.put(storageKey, download.body, {
      contentType: 'video/mp4',
      maxBytes: maxArtifactBytes,
      headBytes: probedHeadBytes,
      ...(download.sizeBytes === null ? {} : { expectedBytes: download.sizeBytes }),
      signal,
    })
    const probe = await inspector.probeVideo(keptSource(storage, storageKey, kept))
    if (!probe.ok) {
      await storage.delete(storageKey)
      return { outcome: 'invalid', reason: probe.detail }
    }
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
  }
}

const isProvidersFault = ({ code }: StorageError): boolean =>
  code === 'length_mismatch' || code === 'too_large'
