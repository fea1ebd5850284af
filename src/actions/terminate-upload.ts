import type { Storage } from '../media/storage.ts'
import type { ResumableUpload, ResumableUploadStore } from '../store/resumable-uploads.ts'

export interface TerminateDeps {
  readonly resumables: ResumableUploadStore
  readonly storage: Pick<Storage, 'delete'>
}

/** Forgets a file and what has come of it. The upload that it may have become stays. */
export const terminateUpload = async (
  { resumables, storage }: TerminateDeps,
  { tenantId, id }: Pick<ResumableUpload, 'tenantId' | 'id'>,
): Promise<{ readonly outcome: 'terminated' | 'not_found' }> => {
  const pieces = await resumables.remove(tenantId, id)
  if (pieces === null) return { outcome: 'not_found' }
  await deletePieces(
    storage,
    pieces.map(({ key }) => key),
  )
  return { outcome: 'terminated' }
}

/** What cannot be deleted now is swept later: no row names it. */
export const deletePieces = async (
  storage: TerminateDeps['storage'],
  keys: readonly string[],
): Promise<void> => {
  await Promise.allSettled(keys.map((key) => storage.delete(key)))
}
