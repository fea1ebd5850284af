import { constants } from 'node:fs'
import { open } from 'node:fs/promises'

interface FolderSync {
  readonly running: Promise<void>
  /** Shared by all who asked while it was running. */
  next: Promise<void> | null
}

const syncs = new Map<string, FolderSync>()

/**
 * Brings the names in a folder to the disk, as they are now. Who asks while that is going on shares one more sync,
 * which begins afterwards: many files that are placed at a time cost few.
 */
export const syncFolder = (path: string): Promise<void> => {
  const present = syncs.get(path)
  if (present === undefined) return startSync(path)
  const startNext = () => startSync(path)
  present.next ??= present.running.then(startNext, startNext)
  return present.next
}

const startSync = (path: string): Promise<void> => {
  const running = syncNow(path).finally(() => {
    if (sync.next === null) syncs.delete(path)
  })
  const sync: FolderSync = { running, next: null }
  syncs.set(path, sync)
  return running
}

const syncNow = async (path: string): Promise<void> => {
  const handle = await open(path, constants.O_RDONLY | constants.O_DIRECTORY)
  await handle.sync().finally(() => handle.close())
}
