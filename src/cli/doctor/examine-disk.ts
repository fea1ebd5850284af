import { mkdtemp, rmdir, statfs } from 'node:fs/promises'
import { dirname, join, resolve, sep } from 'node:path'
import { parseStorageUrl } from '../../media/storage-url.ts'
import { findFolderAdvice } from '../folder-advice.ts'
import { bad, codeOf, doubtful, type Finding, good, reasonOf } from './finding.ts'
import type { Patient } from './patient.ts'

const gigabyte = 1_000_000_000
/** A handful of videos. */
const scarceBytes = gigabyte
const shortBytes = 5 * gigabyte

/** Can files be made where they are made, and is there room: in DATA_DIR, and in the folder of a storage elsewhere? */
export const examineDisk = async ({ dataDir, storageUrl }: Patient): Promise<readonly Finding[]> => {
  const storage = parseStorageUrl(storageUrl)
  if (storage?.kind !== 'file') return [await examineFolder(dataDir, 'DATA_DIR')]
  const folder = resolve(storage.folder)
  if (folder.startsWith(`${dataDir}${sep}`)) return [await examineFolder(folder, 'DATA_DIR')]
  return [await examineFolder(dataDir, 'DATA_DIR'), await examineFolder(folder, 'STORAGE_URL')]
}

const examineFolder = async (place: string, setting: string): Promise<Finding> => {
  const folder = await findExisting(place)
  try {
    await rmdir(await mkdtemp(join(folder, '.clipline-doctor-')))
    const { bavail, bsize } = await statfs(folder)
    const freeBytes = bavail * bsize
    const text = `${(freeBytes / gigabyte).toFixed(1)} GB free in ${place}`
    if (freeBytes < scarceBytes) return bad('disk', text, `Make room, or move ${setting} to a larger disk.`)
    if (freeBytes < shortBytes) return doubtful('disk', text, 'Make room soon, or keep fewer days of files.')
    return good('disk', text)
  } catch (error) {
    // The rest names the folder of the attempt.
    const reason = reasonOf(error).split(',', 1)[0]
    const advice = findFolderAdvice(codeOf(error), setting)
    return bad(
      'disk',
      `${place} cannot be ${folder === place ? 'written to' : 'made'}: ${reason}`,
      advice ?? `Check ${setting}: it names a folder that can be made and written to.`,
    )
  }
}

/** The folder, or the nearest one above it that is there. */
const findExisting = async (folder: string): Promise<string> => {
  const isAbsent = await statfs(folder).then(
    () => false,
    (error: NodeJS.ErrnoException) => error.code === 'ENOENT',
  )
  return isAbsent && dirname(folder) !== folder ? findExisting(dirname(folder)) : folder
}
