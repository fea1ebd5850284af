/** What a file needs so that it is there after a power cut, and the file system's errors in storage words. */
import { constants, type Dirent } from 'node:fs'
import { type FileHandle, open, readdir, rename } from 'node:fs/promises'
import { dirname } from 'node:path'
import { makeFolder as makeFolderWithMode } from '../make-folder.ts'
import { syncFolder } from './folder-sync.ts'
import { StorageError } from './storage.ts'

const errnoOf = (error: unknown): string =>
  error instanceof Error && 'code' in error ? String(error.code) : 'unknown error'

const isAbsent = (error: unknown): boolean => ['ENOENT', 'ENOTDIR', 'ELOOP'].includes(errnoOf(error))

const toStorageError = (error: unknown): StorageError => {
  const errno = errnoOf(error)
  return errno === 'ENOSPC' || errno === 'EDQUOT'
    ? new StorageError('no_space', 'the storage has no space left', { cause: error })
    : new StorageError('unavailable', `the storage failed (${errno})`, { cause: error })
}

/** The result of a file operation; throws a `StorageError` when it fails. */
export const stored = async <T>(operation: Promise<T>): Promise<T> => {
  try {
    return await operation
  } catch (error) {
    throw toStorageError(error)
  }
}

/** The same, but null where there is no such file. */
export const storedOrNull = async <T>(operation: Promise<T>): Promise<T | null> => {
  try {
    return await operation
  } catch (error) {
    if (isAbsent(error)) return null
    throw toStorageError(error)
  }
}

/** A file that nobody had before, readable by its owner alone. */
export const createFile = (path: string): Promise<FileHandle> =>
  open(path, constants.O_CREAT | constants.O_EXCL | constants.O_NOFOLLOW | constants.O_WRONLY, 0o600)

export const openForReading = (path: string): Promise<FileHandle> =>
  open(path, constants.O_RDONLY | constants.O_NOFOLLOW)

/** Nobody but its owner may enter it. */
export const makeFolder = (path: string): Promise<string | undefined> => makeFolderWithMode(path, 0o700)

/** What is in a folder; nothing when it does not exist. */
export const readFolder = async (path: string): Promise<Dirent[]> =>
  (await storedOrNull(readdir(path, { withFileTypes: true }))) ?? []

/** Writes all of the chunk: a single write may take less. */
const writeWhole = async (handle: FileHandle, chunk: Uint8Array): Promise<void> => {
  for (let offset = 0; offset < chunk.byteLength; ) {
    const { bytesWritten } = await handle.write(chunk, offset, chunk.byteLength - offset)
    offset += bytesWritten
  }
}

const gatheredBytes = 256 * 1024

/**
 * Writes small chunks together: each write is handed over to another thread, which costs more than to copy a chunk. The
 * chunks must stay as they are; what is gathered is in the file after `flush`.
 */
export const gatherWrites = (handle: FileHandle) => {
  let gathered: Uint8Array[] = []
  let sizeBytes = 0
  const flush = async (): Promise<void> => {
    const [first = new Uint8Array(), ...more] = gathered
    const whole = more.length === 0 ? first : Buffer.concat(gathered, sizeBytes)
    gathered = []
    sizeBytes = 0
    await writeWhole(handle, whole)
  }
  return {
    flush,
    async write(chunk: Uint8Array): Promise<void> {
      gathered.push(chunk)
      sizeBytes += chunk.byteLength
      if (sizeBytes >= gatheredBytes) await flush()
    },
  }
}

/** Gives a synced file its name at once and for good, together with the folders that had to be made for it. */
export const placeFile = async (temporaryPath: string, path: string): Promise<void> => {
  const folder = dirname(path)
  try {
    await rename(temporaryPath, path)
  } catch (error) {
    if (!isAbsent(error)) throw error
    await makeDurableFolder(folder)
    await rename(temporaryPath, path)
  }
  await syncFolder(folder)
}

const makeDurableFolder = async (folder: string): Promise<void> => {
  const firstNewFolder = await makeFolder(folder)
  if (firstNewFolder === undefined) return
  for (let made = folder; made.length >= firstNewFolder.length; made = dirname(made))
    await syncFolder(dirname(made))
}
