import type { Pool } from 'pg'

/** A leader that the server hears nothing of for this long has lost its connection, and with it the lead. */
const silence = '60s'

const lockSql = `
WITH leader AS MATERIALIZED (SELECT pg_try_advisory_lock($1) AS is_leader)
SELECT is_leader, CASE WHEN is_leader THEN set_config('idle_session_timeout', '${silence}', false) END FROM leader`

const unlockSql = `SELECT pg_advisory_unlock($1), set_config('idle_session_timeout', '0', false)`

/**
 * Runs the work unless another process is at it; false when it is. The lock belongs to a connection of its own, so it
 * ends with the process that holds it, however that ends. One that was cut off may still be at work when the next one
 * begins: what it does must be safe to be done by two.
 */
export const leading = async (pool: Pool, lock: number, work: () => Promise<void>): Promise<boolean> => {
  const connection = await pool.connect()
  let isBroken = true
  try {
    const { rows } = await connection.query<{ is_leader: boolean }>(lockSql, [lock])
    const isLeader = rows[0]?.is_leader === true
    if (isLeader) {
      await work()
      await connection.query(unlockSql, [lock])
    }
    isBroken = false
    return isLeader
  } finally {
    connection.release(isBroken)
  }
}
