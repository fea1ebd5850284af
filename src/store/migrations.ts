import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

/** One step of the schema; its script is in SQL and runs as one transaction. */
export interface Migration {
  /** Begins with the time when it was written: names sort in the order in which migrations are applied. */
  readonly name: string
  readonly script: string
}

/** The folder with `schema.prisma` and `migrations/`: at the package's root, seen from `src` as from `dist`. */
export const prismaDir = fileURLToPath(new URL('../../prisma/', import.meta.url))

export const migrationsDir = join(prismaDir, 'migrations')

/** The migrations of the package, oldest first. */
export const readMigrations = async (): Promise<readonly Migration[]> => {
  const entries = await readdir(migrationsDir, { withFileTypes: true })
  const names = entries.flatMap((entry) => (entry.isDirectory() ? [entry.name] : [])).sort()
  return Promise.all(
    names.map(async (name) => ({
      name,
      script: await readFile(join(migrationsDir, name, 'migration.sql'), 'utf8'),
    })),
  )
}
