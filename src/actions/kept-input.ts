/** Files that a job has been given, as they go on to the provider: a text as words, a HEIC as JPEG. */
import type { Readable } from 'node:stream'
import { text as readAll } from 'node:stream/consumers'
import type { Job } from '../job/job.ts'
import { storedSource } from '../media/byte-source.ts'
import type { MediaInspector } from '../media/media-inspector.ts'
import { type Storage, StorageError } from '../media/storage.ts'
import type { MediaFile } from '../providers/provider.ts'
import { checkInputs } from '../skills/index.ts'
import type { OpenedInput } from '../stages/stage.ts'
import type { UploadRecord } from '../store/uploads.ts'
import { getSkill } from './stage-context.ts'

export interface KeptInputDeps {
  readonly storage: Storage
  readonly inspector: MediaInspector
}

/** A file that is kept: an upload, or a copy of what was fetched. */
export type KeptFile = Pick<UploadRecord, 'filename' | 'contentType' | 'sizeBytes' | 'storageKey'>

/** The bound of a prompt (api.md §0), in characters; no character has more than four bytes. */
const maxTextCharacters = 8_000

export const refused = (
  code: Extract<OpenedInput, { outcome: 'refused' }>['code'],
  detail: string,
): OpenedInput => ({ outcome: 'refused', code, detail })

/** A text becomes words of the prompt, so it is held to a prompt's bound. */
export const readPrompt = async ({ storage }: KeptInputDeps, kept: KeptFile): Promise<OpenedInput> => {
  const detail = `the text file ${kept.filename} has more than ${maxTextCharacters} characters`
  if (kept.sizeBytes > maxTextCharacters * 4) return refused('invalid_input', detail)
  const text = await readAll(await openStored(storage, kept.storageKey))
  return [...text].length > maxTextCharacters ? refused('invalid_input', detail) : { outcome: 'text', text }
}

export const isHeic = (contentType: string): boolean =>
  contentType === 'image/heic' || contentType === 'image/heif'

const openStored = async (storage: Storage, key: string): Promise<Readable> => {
  const opened = await storage.open(key)
  if (opened === null) throw new StorageError('unavailable', 'a stored input is missing from the storage')
  return opened.stream
}

export const toFile = (storage: Storage, stored: KeptFile): MediaFile => ({
  filename: stored.filename,
  contentType: stored.contentType,
  sizeBytes: stored.sizeBytes,
  open: () => openStored(storage, stored.storageKey),
})

/** The provider knows no HEIC: it gets the same picture as JPEG (upstream-protocol.md §7, traps). */
export const convertHeic = async (
  { storage, inspector }: KeptInputDeps,
  job: Job,
  kept: KeptFile,
  storageKey: string,
): Promise<OpenedInput> => {
  const source = await storedSource(storage, kept.storageKey)
  if (source === null) throw new StorageError('unavailable', 'a stored input is missing from the storage')
  const converted = await inspector.convertHeic(source)
  if (!converted.ok) return refused('unsupported_media_type', converted.detail)
  const problem = checkInputs(getSkill(job), [
    { contentType: 'image/jpeg', kind: 'image', sizeBytes: converted.jpeg.byteLength },
  ]).find(({ code }) => code === 'media_too_large')
  if (problem) return refused('media_too_large', `as JPEG: ${problem.detail}`)
  const { sizeBytes, sha256 } = await storage.put(storageKey, bytesOnce(converted.jpeg), {
    contentType: 'image/jpeg',
  })
  const filename = `${kept.filename.replace(/\.[^.]*$/, '')}.jpg`
  return {
    outcome: 'file',
    file: toFile(storage, { filename, contentType: 'image/jpeg', sizeBytes, storageKey }),
    sha256,
    discard: async () => void (await storage.delete(storageKey)),
  }
}

export async function* bytesOnce(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  yield bytes
}
