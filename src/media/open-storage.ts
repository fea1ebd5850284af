import type { Clock } from '../clock.ts'
import { openFileStorage } from './file-storage.ts'
import { type Storage, StorageError } from './storage.ts'
import { acceptedStorageUrls, parseStorageUrl } from './storage-url.ts'

/** The storage that `STORAGE_URL` names (api.md §8). Throws a `StorageError` when it cannot be used. */
export const openStorage = async (url: string, dependencies: { readonly clock: Clock }): Promise<Storage> => {
  const place = parseStorageUrl(url)
  if (place === null) throw new StorageError('unavailable', `STORAGE_URL must be ${acceptedStorageUrls}`)
  if (place.kind === 'file') return openFileStorage(place.folder, dependencies)
  // On demand: the SDK takes a while to load, and a folder needs none of it.
  const { openS3Storage } = await import('./s3-storage.ts')
  return openS3Storage(place, dependencies)
}
