import { statfs } from 'node:fs/promises'
import { storedOrNull } from './durable-file.ts'
import type { StorageSpace } from './storage.ts'

/** What an ordinary user may still write to the disk of a folder, and could ever; null when there is no such folder. */
export const readFolderSpace = async (path: string): Promise<StorageSpace | null> => {
  const found = await storedOrNull(statfs(path))
  if (found === null) return null
  const { bavail, bfree, blocks, bsize } = found
  return { freeBytes: bavail * bsize, totalBytes: (blocks - bfree + bavail) * bsize }
}
