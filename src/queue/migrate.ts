import {
  assertSchemaCompatibility,
  LATEST_SCHEMA_VERSION,
  type PgQueryable,
  runMigrations,
  SchemaMigrationRequiredError,
  SchemaVersionMismatchError,
} from 'bullmq'

/** The schema of the Postgres database that BullMQ's tables live in, apart from ours. */
export const queueSchema = 'bullmq'

/** BullMQ's tables that grow with every bell, those that refer to others first. */
const bellTables = ['job_log', 'job_dependency', 'job', 'event']

/**
 * Brings BullMQ's tables in a Postgres database to the version that this code speaks. The connection must be a single
 * session, not a pool. Needed only where the queue lives in Postgres; without it, no queue opens there.
 *
 * Bells are disposable, so their tables are made `UNLOGGED`: that spares 2 KB of write-ahead log each, and after a
 * crash of the database they are empty, which costs seconds (architecture.md §1).
 */
export const migrateQueue = async (connection: PgQueryable): Promise<void> => {
  await runMigrations(connection, queueSchema)
  for (const table of bellTables) {
    const { rows } = await connection.query<{ relpersistence: string }>(
      'SELECT relpersistence FROM pg_class WHERE oid = to_regclass($1)',
      [`${queueSchema}.${table}`],
    )
    if (rows[0]?.relpersistence === 'p') {
      await connection.query(`ALTER TABLE ${queueSchema}.${table} SET UNLOGGED`)
    }
  }
}

/** Whether the tables are there, and as new as this code or newer. */
export const isQueueMigrated = async (connection: PgQueryable): Promise<boolean> => {
  try {
    const version = await assertSchemaCompatibility(connection, queueSchema, { skipVersionCheck: true })
    return version >= LATEST_SCHEMA_VERSION
  } catch (error) {
    if (error instanceof SchemaMigrationRequiredError) return false
    if (error instanceof SchemaVersionMismatchError) return true
    throw error
  }
}
