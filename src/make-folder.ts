import { mkdir, stat } from 'node:fs/promises'
import { dirname } from 'node:path'

/**
 * Makes a folder and those above it that are missing; answers the topmost that it made, undefined where all was there.
 *
 * Node's own way to do so says ENOENT of a folder on a disk that is read-only, and never comes back from one under
 * `/proc`. This rejects with what really stands against it.
 */
export const makeFolder = async (path: string, mode = 0o777): Promise<string | undefined> => {
  if (await isFolder(path)) return undefined
  const parent = dirname(path)
  const first = parent === path ? undefined : await makeFolder(parent, mode)
  try {
    await mkdir(path, { mode })
  } catch (error) {
    // Another process may just have made it.
    if (!(await isFolder(path))) throw error
    return first
  }
  return first ?? path
}

const isFolder = async (path: string): Promise<boolean> =>
  stat(path).then(
    (found) => found.isDirectory(),
    () => false,
  )
