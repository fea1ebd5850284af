import { fileURLToPath } from 'node:url'
import type { Clock } from '../clock.ts'
import { openFileStorage } from './file-storage.ts'
import { type Storage, StorageError } from './storage.ts'

/** `file:./data/media` is relative to the working directory, `file:/var/clipline` and `file:///var/clipline` are not. */
const folderOf = (url: string): string =>
  url.startsWith('file://') ? fileURLToPath(url) : url.slice('file:'.length)

/** The storage that `STORAGE_URL` names (api.md §8). Throws a `StorageError` when it cannot be used. */
export const openStorage = async (url: string, dependencies: { readonly clock: Clock }): Promise<Storage> => {
  if (!url.startsWith('file:') || url === 'file:')
    throw new StorageError('unavailable', 'STORAGE_URL must be file:<folder>, for example file:./data/media')
  return openFileStorage(folderOf(url), dependencies)
}
