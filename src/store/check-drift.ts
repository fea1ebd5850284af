/**
 * For developers: `node src/store/check-drift.ts [database url]` fails, and prints the SQL that is missing, when the
 * migrations do not lead to `prisma/schema.prisma`. They are tried in a scratch database, which needs the right to
 * create one. Without a database it starts a server of its own for the moment.
 */
import { findDrift } from './drift.ts'
import { withScratchServer } from './scratch-server.ts'

const [databaseUrl] = process.argv.slice(2)

const drift = databaseUrl ? await findDrift(databaseUrl) : await withScratchServer(findDrift)
if (drift === '') {
  process.stdout.write('The migrations lead to prisma/schema.prisma.\n')
} else {
  process.stderr.write(
    `The migrations lack this. Write it with: node src/store/write-migration.ts <name>\n\n${drift}\n`,
  )
  process.exitCode = 1
}
