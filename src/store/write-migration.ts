import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { systemClock } from '../clock.ts'
import { findDrift } from './drift.ts'
import { migrationsDir } from './migrations.ts'
import { withScratchServer } from './scratch-server.ts'

/**
 * For developers: `node src/store/write-migration.ts <name> [database url]` writes the migration that leads from the
 * present migrations to `prisma/schema.prisma`. Without a database it starts one of its own for the moment.
 *
 * What the schema cannot say (partial indexes, CHECK constraints) is then appended to the file by hand.
 */
const [name, databaseUrl] = process.argv.slice(2)

if (!name || !/^[a-z0-9_]+$/.test(name)) throw new Error('Name the migration in small letters: add_job_tags')

const sql = databaseUrl ? await findDrift(databaseUrl) : await withScratchServer(findDrift)
if (sql === '') {
  process.stdout.write('The migrations already lead to prisma/schema.prisma: nothing to write.\n')
} else {
  const timestamp = new Date(systemClock.nowMs()).toISOString().replaceAll(/\D/g, '').slice(0, 14)
  const directory = join(migrationsDir, `${timestamp}_${name}`)
  await mkdir(directory, { recursive: true })
  await writeFile(join(directory, 'migration.sql'), `${sql}\n`)
  process.stdout.write(`Wrote ${directory}/migration.sql\n`)
}
