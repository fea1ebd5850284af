import { type PgQueryable, runMigrations } from 'bullmq'

/** The schema of the Postgres database that BullMQ's tables live in, apart from ours. */
export const queueSchema = 'bullmq'

/**
 * Brings BullMQ's tables in a Postgres database to the version that this code speaks. The connection must be a single
 * session, not a pool. Needed only where the queue lives in Postgres; without it, no queue opens there.
 */
export const migrateQueue = async (connection: PgQueryable): Promise<void> => {
  await runMigrations(connection, queueSchema)
}
