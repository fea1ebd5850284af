import { parseArguments } from './arguments.ts'
import { CommandFailed, exitCodes } from './exit.ts'
import { migrateDatabase } from './migrate-database.ts'
import { readConfig } from './settings.ts'

/** Brings the database that DATABASE_URL names to the newest schema. Any number of these may run at once. */
export const run = async (args: readonly string[]): Promise<number> => {
  const { values } = parseArguments('migrate', args, {
    options: {},
  })
  const config = readConfig()
  if (config.DATABASE_URL === undefined)
    throw new CommandFailed(
      exitCodes.usage,
      'DATABASE_URL is needed. “clipline up” migrates its own database by itself.',
    )
  const { applied } = await migrateDatabase(config.DATABASE_URL, config.REDIS_URL)
  const text =
    applied.length === 0 ? 'The database is up to date.' : `Applied ${applied.length}: ${applied.join(', ')}`
  process.stdout.write(values.json ? `${JSON.stringify({ applied })}\n` : `${text}\n`)
  return exitCodes.ok
}
