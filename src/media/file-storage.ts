/** Storage in a folder (`file:./data/media`). Several processes may share it; all modes are the owner's alone. */
import { randomUUID } from 'node:crypto'
import { type FileHandle, rm, stat, unlink } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { Readable } from 'node:stream'
import type { Clock } from '../clock.ts'
import { drain, toReadable } from './drain.ts'
import {
  createFile,
  gatherWrites,
  makeFolder,
  openForReading,
  placeFile,
  readFolder,
  stored,
  storedOrNull,
} from './durable-file.ts'
import { readFolderSpace } from './folder-space.ts'
import { checkedKey, checkedPrefix, type FileStat, type Storage, StorageError } from './storage.ts'
import { checkStorage } from './storage-check.ts'

/** Beneath the root, so that a rename stays within one file system; no key reaches it, as none begins with a dot. */
const temporaryFolder = '.tmp'
const readChunkBytes = 256 * 1024

const statFile = async (path: string): Promise<FileStat | null> => {
  const found = await storedOrNull(stat(path))
  return found?.isFile() === true ? { sizeBytes: found.size, modifiedAtMs: found.mtimeMs } : null
}

const openFile = async (path: string, range: Parameters<Storage['open']>[1]) => {
  const handle = await storedOrNull(openForReading(path))
  if (handle === null) return null
  const found = await stored(handle.stat())
  const start = Math.max(0, range?.start ?? 0)
  const end = Math.min(found.size, range?.end ?? found.size)
  if (found.isFile() && start < end) {
    const stream = handle.createReadStream({ start, end: end - 1, highWaterMark: readChunkBytes })
    return { stream, sizeBytes: found.size }
  }
  await stored(handle.close())
  return found.isFile() ? { stream: Readable.from([]), sizeBytes: found.size } : null
}

/** Every file beneath a folder, by key. Files that vanish on the way are left out. */
async function* walk(
  folder: string,
  keyOfFolder: string,
): AsyncIterable<FileStat & { readonly key: string }> {
  for (const entry of await readFolder(folder)) {
    if (entry.name.startsWith('.')) continue
    const key = keyOfFolder + entry.name
    const path = join(folder, entry.name)
    if (entry.isDirectory()) yield* walk(path, `${key}/`)
    const found = entry.isFile() ? await statFile(path) : null
    if (found !== null) yield { key, ...found }
  }
}

async function* listFiles(root: string, prefix: string): ReturnType<Storage['list']> {
  const folderKey = checkedPrefix(prefix).slice(0, prefix.lastIndexOf('/') + 1)
  for await (const file of walk(join(root, folderKey), folderKey)) if (file.key.startsWith(prefix)) yield file
}

/** Removes the temporary files that nobody has written to since then. */
const sweepFiles = async (temporaryRoot: string, beforeMs: number): Promise<number> => {
  let removed = 0
  for (const entry of await readFolder(temporaryRoot)) {
    const path = join(temporaryRoot, entry.name)
    const found = await statFile(path)
    if (found === null || found.modifiedAtMs >= beforeMs) continue
    await stored(rm(path, { force: true }))
    removed += 1
  }
  return removed
}

/** For so long is what was free taken to be free but for what was put since. */
const roomKnownMs = 1_000

/** Refuses a file for which there is no room, before its first byte is written. */
const createRoomCheck = (root: string, clock: Clock) => {
  let freeBytes = 0
  let askedMs = Number.NEGATIVE_INFINITY
  return async (sizeBytes: number): Promise<void> => {
    const isKnown = clock.monotonicMs() - askedMs < roomKnownMs && sizeBytes < freeBytes / 2
    if (!isKnown) {
      askedMs = clock.monotonicMs()
      freeBytes = (await readFolderSpace(root))?.freeBytes ?? 0
    }
    if (sizeBytes > freeBytes)
      throw new StorageError('no_space', `the storage has no room for ${sizeBytes} bytes`)
    freeBytes -= sizeBytes
  }
}

interface Place {
  readonly root: string
  readonly temporaryRoot: string
  readonly checkRoom: (sizeBytes: number) => Promise<void>
}

const putFile = async (
  { root, temporaryRoot, checkRoom }: Place,
  ...[key, source, options]: Parameters<Storage['put']>
) => {
  const readable = toReadable(source)
  const temporaryPath = join(temporaryRoot, randomUUID())
  let handle: FileHandle | null = null
  try {
    const path = join(root, checkedKey(key))
    if (options.expectedBytes !== undefined) await checkRoom(options.expectedBytes)
    const file = await stored(createFile(temporaryPath))
    handle = file
    const writes = gatherWrites(file)
    const measured = await drain(readable, options, (chunk) => stored(writes.write(chunk)))
    await stored(writes.flush())
    await stored(file.datasync())
    await stored(file.close())
    await stored(placeFile(temporaryPath, path))
    return measured
  } catch (error) {
    readable.destroy()
    await handle?.close()
    await stored(rm(temporaryPath, { force: true }))
    throw error
  }
}

/** Opens the folder, making it where needed. Throws a `StorageError` when it cannot be used. */
export const openFileStorage = async (
  folder: string,
  { clock }: { readonly clock: Clock },
): Promise<Storage> => {
  const root = resolve(folder)
  const temporaryRoot = join(root, temporaryFolder)
  await stored(makeFolder(temporaryRoot))
  const pathOf = (key: string) => join(root, checkedKey(key))
  const place: Place = { root, temporaryRoot, checkRoom: createRoomCheck(root, clock) }

  const storage: Storage = {
    put: (...put) => putFile(place, ...put),
    open: async (key, range) => openFile(pathOf(key), range),
    stat: async (key) => statFile(pathOf(key)),
    delete: async (key) => {
      const path = pathOf(key)
      return (await storedOrNull(unlink(path).then(() => true))) ?? false
    },
    list: (prefix) => listFiles(root, prefix),
    sweep: (olderThanMs) => sweepFiles(temporaryRoot, clock.nowMs() - olderThanMs),
    check: () => checkStorage(storage),
    readSpace: () => readFolderSpace(root),
    close: async () => undefined,
  }
  return storage
}
