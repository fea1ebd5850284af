import { systemClock } from '../../clock.ts'
import { openStorage } from '../../media/open-storage.ts'
import { findFolderAdvice } from '../folder-advice.ts'
import { answerWithin, bad, codeOf, type Finding, good, reasonOf } from './finding.ts'
import type { Patient } from './patient.ts'

const patienceMs = 20_000

/** Writes a small file, reads it back, deletes it. */
export const examineStorage = async ({ storageUrl }: Patient): Promise<Finding> => {
  const place = storageUrl.split('?')[0] ?? storageUrl
  try {
    const storage = await answerWithin(patienceMs, openStorage(storageUrl, { clock: systemClock }))
    try {
      await answerWithin(patienceMs, storage.check())
    } finally {
      await storage.close()
    }
    return good('storage', `${place}, written, read back and deleted`)
  } catch (error) {
    const cause = error instanceof Error && error.cause !== undefined ? error.cause : error
    return bad('storage', `${place} cannot be used: ${reasonOf(error)}`, adviceOn(codeOf(cause), storageUrl))
  }
}

const adviceOn = (code: string | null, storageUrl: string): string => {
  if (storageUrl.startsWith('s3:'))
    return 'Check the bucket, its endpoint and region in STORAGE_URL, and the AWS_ credentials.'
  return (
    findFolderAdvice(code, 'STORAGE_URL') ??
    'Check STORAGE_URL: it names a folder that can be made and written to.'
  )
}
