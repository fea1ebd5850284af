import type { ClientBase, Pool } from 'pg'
import { readMigrations } from './migrations.ts'

/** How far a database is migrated, by the names of migrations. */
export interface MigrationState {
  /** Of this version, not applied yet. */
  readonly pending: readonly string[]
  /** Applied by a newer version of Clipline. */
  readonly unknown: readonly string[]
  /** Whether the database keeps records of migrations already. */
  readonly hasRecords: boolean
}

/** Rejects when the database cannot be read. */
export const readMigrationState = async (
  connection: Pick<Pool | ClientBase, 'query'>,
): Promise<MigrationState> => {
  const ours = (await readMigrations()).map(({ name }) => name)
  const {
    rows: [table],
  } = await connection.query(`SELECT to_regclass('_prisma_migrations') IS NOT NULL AS "isThere"`)
  if (!table?.isThere) return { pending: ours, unknown: [], hasRecords: false }
  const { rows } = await connection.query<{ name: string }>(
    `SELECT DISTINCT migration_name AS name FROM _prisma_migrations
     WHERE finished_at IS NOT NULL AND rolled_back_at IS NULL ORDER BY 1`,
  )
  const applied = new Set(rows.map(({ name }) => name))
  return {
    pending: ours.filter((name) => !applied.has(name)),
    unknown: [...applied].filter((name) => !ours.includes(name)),
    hasRecords: true,
  }
}
