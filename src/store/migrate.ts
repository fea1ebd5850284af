import pg from 'pg'
import { noFilters, readMigrations, readSchema, withSchemaEngine } from './schema-engine.ts'

export interface MigrateOptions {
  /** Migrations that are not ours (the queue's schema), run after ours under the same lock. */
  readonly alsoMigrate?: (connection: pg.Client) => Promise<unknown>
}

/** Any number that nothing else in the database locks. */
const migrateLock = 0x6d696772

/**
 * Brings a database to the newest schema and says which migrations that took. Any number of processes may call it at
 * once: the first one works, the others wait and find nothing left to do.
 *
 * Each migration is one transaction. A failed one is recorded, and refuses every further start until somebody has
 * looked at it (`prisma migrate resolve`).
 */
export const migrate = async (
  databaseUrl: string,
  options: MigrateOptions = {},
): Promise<{ applied: string[] }> => {
  const connection = new pg.Client({ connectionString: databaseUrl, application_name: 'clipline migrate' })
  await connection.connect()
  try {
    await connection.query('SELECT pg_advisory_lock($1)', [migrateLock])
    const applied = await applyMigrations(databaseUrl)
    await options.alsoMigrate?.(connection)
    return { applied }
  } finally {
    await connection.end()
  }
}

const applyMigrations = async (databaseUrl: string): Promise<string[]> => {
  const migrationsList = await readMigrations()
  const { appliedMigrationNames } = await withSchemaEngine(databaseUrl, (engine) =>
    engine.applyMigrations({ migrationsList, filters: noFilters }),
  )
  return appliedMigrationNames
}

/**
 * The SQL that would bring a freshly migrated database to `prisma/schema.prisma`; empty when they agree. Needs the
 * right to create a database, in which the migrations are tried; it is dropped again.
 *
 * What a Prisma schema cannot say (partial and expression indexes, CHECK constraints, functions, storage parameters)
 * does not count as drift.
 */
export const findDrift = async (databaseUrl: string): Promise<string> => {
  const migrations = await readMigrations()
  const schema = await readSchema()
  const { stdout } = await withSchemaEngine(databaseUrl, (engine) =>
    engine.diff({
      from: { tag: 'migrations', ...migrations },
      to: { tag: 'schemaDatamodel', ...schema },
      script: true,
      exitCode: null,
      filters: noFilters,
    }),
  )
  const script = stdout?.trim() ?? ''
  return script === '-- This is an empty migration.' ? '' : script
}
