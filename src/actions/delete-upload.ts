import type { Storage } from '../media/storage.ts'
import type { UploadStore } from '../store/uploads.ts'

/** Deletes an upload that no unfinished job takes: the row first, so that no row is ever without its file. */
export const deleteUpload = async (
  { uploads, storage }: { readonly uploads: Pick<UploadStore, 'delete'>; readonly storage: Storage },
  { tenantId, uploadId }: { readonly tenantId: string; readonly uploadId: string },
): Promise<{ readonly outcome: 'deleted' | 'in_use' | 'not_found' }> => {
  const deleted = await uploads.delete(tenantId, uploadId)
  switch (deleted.outcome) {
    case 'deleted':
      await storage.delete(deleted.storageKey)
      return { outcome: 'deleted' }
    case 'in_use':
      return { outcome: 'in_use' }
    case 'absent':
      return { outcome: 'not_found' }
  }
}
