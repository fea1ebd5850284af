import { statfs } from 'node:fs/promises'
import { dirname } from 'node:path'
import { bad, doubtful, type Finding, good, reasonOf } from './finding.ts'
import type { Patient } from './patient.ts'

const gigabyte = 1_000_000_000
/** A handful of videos. */
const scarceBytes = gigabyte
const shortBytes = 5 * gigabyte

/** Is there room in the folder where files are made? */
export const examineDisk = async ({ dataDir }: Patient): Promise<Finding> => {
  try {
    const folder = await findExisting(dataDir)
    const { bavail, bsize } = await statfs(folder)
    const freeBytes = bavail * bsize
    const text = `${(freeBytes / gigabyte).toFixed(1)} GB free in ${dataDir}`
    if (freeBytes < scarceBytes) return bad('disk', text, 'Make room, or set DATA_DIR to a larger disk.')
    if (freeBytes < shortBytes) return doubtful('disk', text, 'Make room soon, or keep fewer days of files.')
    return good('disk', text)
  } catch (error) {
    return bad('disk', `${dataDir} cannot be looked at: ${reasonOf(error)}`, 'Check DATA_DIR.')
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
