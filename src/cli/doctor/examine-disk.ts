import { statfs } from 'node:fs/promises'
import { dirname, resolve } from 'node:path'
import { parseStorageUrl } from '../../media/storage-url.ts'
import { bad, doubtful, type Finding, good, reasonOf } from './finding.ts'
import type { Patient } from './patient.ts'

const gigabyte = 1_000_000_000
/** A handful of videos. */
const scarceBytes = gigabyte
const shortBytes = 5 * gigabyte

/** Is there room where files are made: in the folder of the storage, or in DATA_DIR where that is elsewhere? */
export const examineDisk = async ({ dataDir, storageUrl }: Patient): Promise<Finding> => {
  const storage = parseStorageUrl(storageUrl)
  const place = storage?.kind === 'file' ? resolve(storage.folder) : dataDir
  const setting = place.startsWith(resolve(dataDir)) ? 'DATA_DIR' : 'STORAGE_URL'
  try {
    const folder = await findExisting(place)
    const { bavail, bsize } = await statfs(folder)
    const freeBytes = bavail * bsize
    const text = `${(freeBytes / gigabyte).toFixed(1)} GB free in ${place}`
    if (freeBytes < scarceBytes) return bad('disk', text, `Make room, or move ${setting} to a larger disk.`)
    if (freeBytes < shortBytes) return doubtful('disk', text, 'Make room soon, or keep fewer days of files.')
    return good('disk', text)
  } catch (error) {
    return bad('disk', `${place} cannot be looked at: ${reasonOf(error)}`, `Check ${setting}.`)
  }
}

/** The folder, or the nearest one above it that is there. */
const findExisting = async (folder: string): Promise<string> => {
  const isThere = await statfs(folder).then(
    () => true,
    (error: NodeJS.ErrnoException) => {
      if (error.code === 'ENOENT') return false
      throw error
    },
  )
  return isThere || dirname(folder) === folder ? folder : findExisting(dirname(folder))
}
