import type { Pool } from 'pg'

/** A leader that the server hears nothing of for this long has lost its connection, and with it the lead. */
const usualSilenceS = 60

const lockSql = `
WITH leader AS MATERIALIZED (SELECT pg_try_advisory_lock($1) AS is_leader)
SELECT is_leader, now() AS now, CASE WHEN is_leader THEN set_config('idle_session_timeout', $2 || 's', false) END
FROM leader`

interface LockRow {
  is_leader: boolean
  now: Date
}

const unlockSql = `SELECT pg_advisory_unlock($1), set_config('idle_session_timeout', '0', false)`

/**
 * Runs the work unless another process is at it; false when it is. The lock belongs to a connection of its own, so it
 * ends with the process that holds it, however that ends. One that was cut off may still be at work when the next one
 * begins: what it does must be safe to be done by two. The work is told the database's time; it may be silent for
 * `silenceS` seconds at a stretch, 0 being for as long as it likes.
 */
export const leading = async (
  pool: Pool,
  lock: number,
  work: (now: Date) => Promise<void>,
  { silenceS = usualSilenceS }: { readonly silenceS?: number } = {},
): Promise<boolean> => {
  const connection = await pool.connect()
  let isBroken = true
  try {
    const { rows } = await connection.query<LockRow>(lockSql, [lock, String(silenceS)])
    const [row] = rows
    if (row?.is_leader === true) {
      await work(row.now)
      await connection.query(unlockSql, [lock])
    }
    isBroken = false
    return row?.is_leader === true
  } finally {
    connection.release(isBroken)
  }
}
