import { createHash, randomUUID } from 'node:crypto'
import pg from 'pg'
import { MigrationFailed } from './migration-failed.ts'
import { readMigrationState } from './migration-state.ts'
import { type Migration, readMigrations } from './migrations.ts'

export interface MigrateOptions {
  /** Migrations that are not ours (the queue's schema), run after ours under the same lock. */
  readonly alsoMigrate?: (connection: pg.Client) => Promise<unknown>
  readonly connectTimeoutMs?: number
}

/** Any number that nothing else in the database locks. */
const migrateLock = 0x6d696772

/**
 * Brings a database to the newest schema and says which migrations that took. Any number of processes may call it at
 * once: the first one works, the others wait and find nothing left to do.
 *
 * Each migration and its record are one transaction, in the session that holds the lock. Whatever ends it in the middle
 * (an error, a lost connection, the end of this process) leaves the database before that migration, where the next call
 * goes on. Rejects with `MigrationFailed` for what the database says, with its error as the cause, and with the driver's
 * error where it cannot be reached.
 */
export const migrate = async (
  databaseUrl: string,
  { alsoMigrate, connectTimeoutMs = 10_000 }: MigrateOptions = {},
): Promise<{ applied: string[] }> => {
  const connection = new pg.Client({
    connectionString: databaseUrl,
    application_name: 'clipline migrate',
    connectionTimeoutMillis: connectTimeoutMs,
    keepAlive: true,
    keepAliveInitialDelayMillis: 10_000,
  })
  // Its loss is told by the query under way, or the next; without a listener, it would end the process.
  connection.on('error', () => undefined)
  await connection.connect()
  try {
    await connection.query(endSoonWithoutClient)
    await connection.query('SELECT pg_advisory_lock($1)', [migrateLock])
    const applied = await applyMigrations(connection)
    await alsoMigrate?.(connection)
    return { applied }
  } catch (error) {
    throw toMigrationFailed('the database cannot be migrated', error)
  } finally {
    await connection.end()
  }
}

/**
 * A killed process leaves a session that would finish its statement, however long it takes or waits, before it lets go
 * of the lock. Not every system that Postgres runs on can watch its clients.
 */
const endSoonWithoutClient = `
  DO $$
  BEGIN
    PERFORM set_config('client_connection_check_interval', '1s', false);
  EXCEPTION WHEN invalid_parameter_value OR undefined_object THEN
    RAISE DEBUG 'clients cannot be watched here';
  END
  $$`

const applyMigrations = async (connection: pg.Client): Promise<string[]> => {
  const { pending, hasRecords } = await readMigrationState(connection)
  if (pending.length === 0) return []
  if (!hasRecords) await beginRecords(connection)
  const migrations = await readMigrations()
  for (const migration of migrations.filter(({ name }) => pending.includes(name)))
    await applyMigration(connection, migration)
  return [...pending]
}

/** The records are Prisma's own, so that its tools can read them. */
const beginRecords = async (connection: pg.Client): Promise<void> => {
  const { rowCount } = await connection.query(foreignTables)
  if (rowCount !== 0)
    throw new MigrationFailed(
      'the database holds tables, and none of them are Clipline’s. Name an empty database in DATABASE_URL.',
    )
  await connection.query(`
    CREATE TABLE _prisma_migrations (
      id VARCHAR(36) PRIMARY KEY,
      checksum VARCHAR(64) NOT NULL,
      finished_at TIMESTAMPTZ,
      migration_name VARCHAR(255) NOT NULL,
      logs TEXT,
      rolled_back_at TIMESTAMPTZ,
      started_at TIMESTAMPTZ NOT NULL DEFAULT now(),
      applied_steps_count INTEGER NOT NULL DEFAULT 0
    )`)
}

/** Those of extensions may be there. */
const foreignTables = `
  SELECT FROM pg_class AS t
  WHERE relnamespace = current_schema()::regnamespace AND relkind IN ('r', 'p')
    AND NOT EXISTS (
      SELECT FROM pg_depend WHERE classid = 'pg_class'::regclass AND objid = t.oid AND deptype = 'e'
    )
  LIMIT 1`

const applyMigration = async (connection: pg.Client, { name, script }: Migration): Promise<void> => {
  try {
    await connection.query('BEGIN')
    await connection.query(script)
    // Earlier versions wrote down first what they began, and left that behind when they were killed.
    await connection.query(
      `UPDATE _prisma_migrations SET rolled_back_at = now()
       WHERE migration_name = $1 AND finished_at IS NULL AND rolled_back_at IS NULL`,
      [name],
    )
    await connection.query(
      `INSERT INTO _prisma_migrations (id, checksum, migration_name, finished_at, applied_steps_count)
       VALUES ($1, $2, $3, clock_timestamp(), 1)`,
      [randomUUID(), createHash('sha256').update(script).digest('hex'), name],
    )
    await connection.query('COMMIT')
  } catch (error) {
    throw toMigrationFailed(`the migration ${name} failed, and was undone`, error)
  }
}

const toMigrationFailed = (what: string, error: unknown): unknown =>
  error instanceof pg.DatabaseError
    ? new MigrationFailed(`${what}: ${error.message}`, { cause: error })
    : error
