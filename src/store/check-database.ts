import type { Pool } from 'pg'

/** Writes and reads back within a transaction that leaves nothing behind. Rejects when the database cannot do that. */
export const checkDatabase = async (pool: Pool): Promise<void> => {
  const connection = await pool.connect()
  let isBroken = true
  try {
    await connection.query('BEGIN')
    await connection.query(
      `INSERT INTO workers (id, slots) VALUES ('readiness', 0) ON CONFLICT (id) DO UPDATE SET seen_at = now()`,
    )
    await connection.query('ROLLBACK')
    isBroken = false
  } finally {
    // In the transaction that failed, or was not answered, whoever came next would write in vain.
    connection.release(isBroken)
  }
}
