/**
 * Takes files in: streamed to the storage, judged by their content, and recorded; or nothing of it is left (api.md §3,
 * guarantees.md §4.3).
 */
import type { Readable } from 'node:stream'
import type { Clock } from '../clock.ts'
import { newId } from '../job/ids.ts'
import { keptSource } from '../media/byte-source.ts'
import { contentTypes } from '../media/content-type.ts'
import { cleanFileName } from '../media/file-name.ts'
import type { MediaInspector } from '../media/media-inspector.ts'
import type { UploadProbe } from '../media/probe.ts'
import { sniffStream } from '../media/sniff.ts'
import { type Storage, StorageError, type StoredFile } from '../media/storage.ts'
import type { IdempotencyStore } from '../store/idempotency.ts'
import type { UploadRecord, UploadStore } from '../store/uploads.ts'
import {
  findReplay,
  fingerprintOf,
  type IdempotencyGate,
  type KeyedRequest,
  type Replay,
} from './idempotency.ts'

export interface CreateUploadDeps {
  readonly storage: Storage
  readonly inspector: Pick<MediaInspector, 'probeUpload'>
  readonly uploads: UploadStore
  readonly idempotency: IdempotencyStore
  readonly gate: IdempotencyGate
  readonly clock: Clock
  readonly maxUploadBytes: number
  readonly uploadTtlMs: number
}

/** One file on its way in. Its name is metadata and nothing else. */
export interface IncomingFile {
  readonly filename: string
  readonly body: Readable
  /** Null when nobody said. */
  readonly sizeBytes: number | null
}

export interface CreateUploadInput {
  readonly tenantId: string
  readonly files: AsyncIterable<IncomingFile>
  /** Where `fingerprint` is null, the files themselves are what was asked. */
  readonly keyed: (Omit<KeyedRequest, 'fingerprint'> & { readonly fingerprint: string | null }) | null
  /** The answer as it will be stored under the key. */
  readonly toBody: (uploads: readonly UploadRecord[]) => unknown
}

export type UploadRefusal = {
  readonly outcome: 'refused'
  readonly code: 'unsupported_media_type' | 'media_too_large' | 'unreadable_media' | 'storage_full'
  readonly detail: string
  /** Which of the files. */
  readonly index: number
}

export type CreateUploadOutcome =
  | { readonly outcome: 'created'; readonly uploads: readonly UploadRecord[] }
  | { readonly outcome: 'in_flight' }
  | UploadRefusal
  | Replay

const createdStatus = 201
/** Holds the head of any picture and the index of many a film: a probe then reads little back, or nothing. */
const probedHeadBytes = 128 * 1024

export const createUploads = async (
  deps: CreateUploadDeps,
  input: CreateUploadInput,
): Promise<CreateUploadOutcome> => {
  const { tenantId, keyed } = input
  const leave = keyed === null ? () => undefined : deps.gate.enter(tenantId, { ...keyed, fingerprint: '' })
  if (leave === null) return { outcome: 'in_flight' }
  const kept: UploadRecord[] = []
  let mayBeRecorded = false
  try {
    for await (const file of input.files) {
      const stored = await storeFile(deps, tenantId, file, kept.length)
      if ('outcome' in stored) return stored
      kept.push(stored)
    }
    // When the answer of the store is lost, its rows may be there: their files stay, or are swept where they are not.
    mayBeRecorded = true
    const outcome = await record(deps, input, kept)
    mayBeRecorded = outcome.outcome === 'created'
    return outcome
  } finally {
    leave()
    if (!mayBeRecorded) await discard(deps.storage, kept)
  }
}

const discard = async (storage: Storage, uploads: readonly UploadRecord[]): Promise<void> => {
  await Promise.all(uploads.map(({ storageKey }) => storage.delete(storageKey)))
}

const record = async (
  deps: CreateUploadDeps,
  input: Omit<CreateUploadInput, 'files'>,
  uploads: readonly UploadRecord[],
): Promise<CreateUploadOutcome> => {
  const { tenantId, keyed, toBody } = input
  if (keyed === null) {
    await deps.uploads.insert(uploads, null)
    return { outcome: 'created', uploads }
  }
  const { route, key } = keyed
  const fingerprint =
    keyed.fingerprint ?? fingerprintOf(uploads.map(({ filename, sha256 }) => [filename, sha256]))
  const idempotency = { route, key, fingerprint, status: createdStatus, body: toBody(uploads) }
  if (await deps.uploads.insert(uploads, idempotency)) return { outcome: 'created', uploads }
  const replay = await findReplay(deps.idempotency, tenantId, { route, key, fingerprint })
  if (replay !== null) return replay
  await deps.idempotency.forgetExpired({ tenantId, route, key })
  return record(deps, input, uploads)
}

const refuse = (code: UploadRefusal['code'], detail: string, index: number): UploadRefusal => ({
  outcome: 'refused',
  code,
  detail,
  index,
})

/** Streams one file to the storage and judges it; of a refused one nothing is left. The row is the caller's. */
export const storeFile = async (
  deps: Omit<CreateUploadDeps, 'uploads' | 'idempotency' | 'gate'>,
  tenantId: string,
  { body, filename, sizeBytes }: IncomingFile,
  index: number,
): Promise<UploadRecord | UploadRefusal> => {
  const { storage, maxUploadBytes, clock } = deps
  if (sizeBytes !== null && sizeBytes > maxUploadBytes) return tooLarge(maxUploadBytes, index)
  const { sniffed, stream } = await sniffStream(body)
  if (!sniffed.ok) {
    stream.destroy()
    return refuse('unsupported_media_type', sniffed.detail, index)
  }
  const id = newId('upload', clock.nowMs())
  const storageKey = `uploads/${tenantId}/${id}.${contentTypes[sniffed.contentType].extensions[0]}`
  try {
    const kept = await storage.put(storageKey, stream, {
      contentType: sniffed.contentType,
      maxBytes: maxUploadBytes,
      headBytes: probedHeadBytes,
      ...(sizeBytes === null ? {} : { expectedBytes: sizeBytes }),
    })
    const facts = await keepOnlySound(deps, storageKey, kept)
    return facts.ok
      ? toRecord(deps, { id, tenantId, filename, storageKey }, kept, facts)
      : refuseProbed(facts, index)
  } catch (error) {
    if (error instanceof StorageError && error.code === 'too_large') return tooLarge(maxUploadBytes, index)
    if (error instanceof StorageError && error.code === 'no_space')
      return refuse('storage_full', 'There is no room for the file; nothing was kept.', index)
    throw error
  }
}

const tooLarge = (maxUploadBytes: number, index: number): UploadRefusal =>
  refuse('media_too_large', `The file is larger than ${maxUploadBytes} bytes; nothing was kept.`, index)

/** The facts of a stored file, which is deleted again unless it is sound. */
const keepOnlySound = async (
  { storage, inspector }: Pick<CreateUploadDeps, 'storage' | 'inspector'>,
  key: string,
  kept: StoredFile,
): Promise<UploadProbe> => {
  let isSound = false
  try {
    const facts = await inspector.probeUpload(keptSource(storage, key, kept))
    isSound = facts.ok
    return facts
  } finally {
    if (!isSound) await storage.delete(key)
  }
}

const refuseProbed = (
  { reason, detail }: Extract<UploadProbe, { ok: false }>,
  index: number,
): UploadRefusal => {
  switch (reason) {
    case 'unsupported_media_type':
      return refuse('unsupported_media_type', detail, index)
    case 'too_many_pixels':
      return refuse('media_too_large', detail, index)
    case 'unreadable':
    case 'too_complex':
      return refuse('unreadable_media', detail, index)
  }
}

const toRecord = (
  { clock, uploadTtlMs }: Pick<CreateUploadDeps, 'clock' | 'uploadTtlMs'>,
  {
    filename,
    ...place
  }: {
    readonly id: string
    readonly tenantId: string
    readonly filename: string
    readonly storageKey: string
  },
  { sizeBytes, sha256 }: StoredFile,
  { kind, contentType, width, height, durationS }: Extract<UploadProbe, { ok: true }>,
): UploadRecord => ({
  ...place,
  sizeBytes,
  sha256,
  filename: cleanFileName(filename, contentType),
  kind,
  contentType,
  width,
  height,
  durationS,
  createdAt: new Date(clock.nowMs()),
  expiresAt: new Date(clock.nowMs() + uploadTtlMs),
})
