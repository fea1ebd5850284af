import { migrateQueue } from '../queue/migrate.ts'
import { migrate } from '../store/migrate.ts'

/** Applies our migrations and, where the queue lives in Postgres, BullMQ's own. */
export const migrateDatabase = (
  databaseUrl: string,
  redisUrl: string | undefined,
): Promise<{ readonly applied: readonly string[] }> =>
  migrate(databaseUrl, redisUrl === undefined ? { alsoMigrate: migrateQueue } : {})
