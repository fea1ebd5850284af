import type { Pool } from 'pg'

/** Writes and reads back within a transaction that leaves nothing behind. Rejects when the database cannot do that. */
export const checkDatabase = async (pool: Pool): Promise<void> => {
  const client = await pool.connect()
  try {
    await client.query('BEGIN')
    await client.query(
      `INSERT INTO workers (id, slots) VALUES ('readiness', 0) ON CONFLICT (id) DO UPDATE SET seen_at = now()`,
    )
    await client.query('ROLLBACK')
  } finally {
    client.release()
  }
}
