import type { Pool } from 'pg'
import { readMigrations } from './schema-engine.ts'

/** How far a database is migrated, by the names of migrations. */
export interface MigrationState {
  /** Of this version, not applied yet. */
  readonly pending: readonly string[]
  /** Begun and broken off: nothing is migrated before somebody has looked at them. */
  readonly failed: readonly string[]
  /** Applied by a newer version of Clipline. */
  readonly unknown: readonly string[]
}

/** Rejects when the database cannot be read. */
export const readMigrationState = async (pool: Pool): Promise<MigrationState> => {
  const { migrationDirectories } = await readMigrations()
  const ours = migrationDirectories.map(({ path }) => path)
  const {
    rows: [table],
  } = await pool.query(`SELECT to_regclass('_prisma_migrations') IS NOT NULL AS "isThere"`)
  if (!table?.isThere) return { pending: ours, failed: [], unknown: [] }
  const { rows } = await pool.query<{ name: string; isApplied: boolean }>(
    `SELECT migration_name AS name, finished_at IS NOT NULL AS "isApplied"
     FROM _prisma_migrations WHERE rolled_back_at IS NULL`,
  )
  const applied = new Set(rows.flatMap(({ name, isApplied }) => (isApplied ? [name] : [])))
  const failed = rows.flatMap(({ name, isApplied }) => (isApplied || applied.has(name) ? [] : [name]))
  return {
    pending: ours.filter((name) => !applied.has(name) && !failed.includes(name)),
    failed,
    unknown: [...applied].filter((name) => !ours.includes(name)),
  }
}
