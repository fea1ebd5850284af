import { randomBytes } from 'node:crypto'
import { chmod, open, readFile, rename } from 'node:fs/promises'
import { join } from 'node:path'
import { z } from 'zod'
import { newCallbackSecret } from '../callbacks/secret.ts'
import { newApiKey } from '../crypto/api-key.ts'
import { makeFolder } from '../make-folder.ts'

/** What an embedded installation generates once and keeps in its DATA_DIR, readable by its owner alone. */
const Installation = z.object({
  secret: z.string(),
  apiKey: z.string(),
  callbackSecret: z.string(),
  sandboxToken: z.string(),
})
export type Installation = z.infer<typeof Installation>

/** Reads `installation.json` in the data folder; makes it, and the folder, the first time. */
export const openInstallation = async (dataDir: string): Promise<Installation> => {
  await makeFolder(dataDir)
  const path = join(dataDir, 'installation.json')
  const kept = await readFile(path, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return null
    throw error
  })
  if (kept !== null) return Installation.parse(JSON.parse(kept))
  const made: Installation = {
    secret: randomBytes(32).toString('hex'),
    apiKey: newApiKey(),
    callbackSecret: newCallbackSecret(),
    sandboxToken: `nmv_usr_${randomBytes(16).toString('hex')}`,
  }
  await writeDurably(path, `${JSON.stringify(made, null, 2)}\n`)
  return made
}

/** Whole or not at all, and on the disk before anything is sealed with it. */
const writeDurably = async (path: string, text: string): Promise<void> => {
  const temporary = `${path}.${process.pid}`
  const handle = await open(temporary, 'w', 0o600)
  await handle.writeFile(text)
  await handle.sync()
  await handle.close()
  await chmod(temporary, 0o600)
  await rename(temporary, path)
}
