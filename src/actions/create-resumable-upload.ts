/** Begins an upload that comes in parts (tus 1.0, creation). Nothing is kept in the storage yet. */
import { newId } from '../job/ids.ts'
import type { ResumableUpload, ResumableUploadStore } from '../store/resumable-uploads.ts'
import { type CreateOnceDeps, type CreateOnceOutcome, createOnce, type Draft } from './create-once.ts'
import type { CreateUploadDeps } from './create-upload.ts'
import type { KeyedRequest } from './idempotency.ts'

export interface CreateResumableDeps
  extends CreateOnceDeps,
    Pick<CreateUploadDeps, 'clock' | 'maxUploadBytes' | 'uploadTtlMs'> {
  readonly resumables: ResumableUploadStore
}

export interface CreateResumableInput {
  readonly tenantId: string
  readonly keyed: KeyedRequest | null
  readonly filename: string
  readonly metadata: string
  /** Null: said later. */
  readonly lengthBytes: number | null
  readonly toBody: (upload: ResumableUpload) => object
}

export type CreateResumableOutcome = CreateOnceOutcome | Refusal

interface Refusal {
  readonly outcome: 'too_large' | 'empty'
}

export const createResumableUpload = async (
  deps: CreateResumableDeps,
  { tenantId, keyed, toBody, ...file }: CreateResumableInput,
): Promise<CreateResumableOutcome> => {
  const { clock, resumables, maxUploadBytes, uploadTtlMs } = deps
  return createOnce(deps, { tenantId, keyed }, async (): Promise<Draft | Refusal> => {
    if (file.lengthBytes === 0) return { outcome: 'empty' }
    if (file.lengthBytes !== null && file.lengthBytes > maxUploadBytes) return { outcome: 'too_large' }
    const nowMs = clock.nowMs()
    const upload: ResumableUpload = {
      ...file,
      id: newId('resumableUpload', nowMs),
      tenantId,
      receivedBytes: 0,
      pieces: [],
      uploadId: null,
      createdAt: new Date(nowMs),
      expiresAt: new Date(nowMs + uploadTtlMs),
    }
    return {
      outcome: 'draft',
      resourceId: upload.id,
      status: 201,
      body: toBody(upload),
      insert: (answer) => resumables.create(upload, answer),
    }
  })
}
