/**
 * Generates the Prisma client where the `prisma` command is installed. A production install has neither the command
 * nor a need for it: `dist` holds the compiled client. Plain JavaScript, because it also runs on a Node without type
 * stripping.
 */
import { spawnSync } from 'node:child_process'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const findPrisma = () => {
  const require = createRequire(import.meta.url)
  try {
    const manifest = require.resolve('prisma/package.json')
    return join(dirname(manifest), require(manifest).bin.prisma)
  } catch (error) {
    if (error.code === 'MODULE_NOT_FOUND') return null
    throw error
  }
}

const prisma = findPrisma()
if (prisma === null) {
  process.stdout.write('The Prisma command is not installed, so its client is not generated.\n')
} else {
  const cwd = dirname(dirname(fileURLToPath(import.meta.url)))
  const { status } = spawnSync(process.execPath, [prisma, 'generate'], { cwd, stdio: 'inherit' })
  process.exitCode = status ?? 1
}
