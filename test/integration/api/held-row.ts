import { expect } from 'vitest'
import type { ApiKit } from './kit.ts'

export interface HeldRow {
  /** Resolves when so many statements wait for a lock. */
  isAwaitedBy(statements: number): Promise<void>
  /** May change the row, as the one that came first. */
  query(text: string, values: readonly unknown[]): Promise<void>
  /** Lets those that wait go on, in the order in which they came. */
  letGo(): Promise<void>
}

/** Locks a row, so that what a test begins meanwhile comes to it in a known order. */
export const holdRow = async (
  { store: { pool } }: ApiKit,
  table: 'jobs' | 'uploads',
  id: string,
): Promise<HeldRow> => {
  const holder = await pool.connect()
  await holder.query('BEGIN')
  await holder.query(`SELECT 1 FROM ${table} WHERE id = $1 FOR UPDATE`, [id])
  const countWaiting = async (): Promise<number> => {
    const { rowCount } = await pool.query(
      `SELECT 1 FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'`,
    )
    return rowCount ?? 0
  }
  return {
    isAwaitedBy: (statements) => expect.poll(countWaiting, { timeout: 5_000 }).toBe(statements),
    async query(text, values) {
      await holder.query(text, [...values])
    },
    async letGo() {
      await holder.query('COMMIT')
      holder.release()
    },
  }
}
