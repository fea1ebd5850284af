import { createHash } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { ArtifactFact } from './evidence.ts'
import type { Rows } from './read-rows.ts'

/** Reads every stored file and says what its bytes are. */
export const hashArtifacts = async (
  mediaDir: string,
  artifacts: Rows['artifacts'],
): Promise<readonly ArtifactFact[]> => {
  const facts: ArtifactFact[] = []
  for (const { storageKey, ...artifact } of artifacts)
    facts.push({ ...artifact, storedSha256: await hashFile(join(mediaDir, storageKey)) })
  return facts
}

const hashFile = async (path: string): Promise<string | null> => {
  try {
    return createHash('sha256')
      .update(await readFile(path))
      .digest('hex')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null
    throw error
  }
}
