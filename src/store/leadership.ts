import type { Pool, PoolClient, QueryConfig, QueryResultRow } from 'pg'

/** A leader that the server hears nothing of for this long has lost its connection, and with it the lead. */
const usualSilenceS = 60

const lockSql = `
WITH leader AS MATERIALIZED (SELECT pg_try_advisory_lock($1) AS is_leader)
SELECT is_leader, now() AS now, CASE WHEN is_leader THEN set_config('idle_session_timeout', $2, false) END
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
    const { rows } = await connection.query<LockRow>(lockSql, [lock, `${silenceS}s`])
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

/** A lead that is kept from one piece of work to the next. */
export interface Lead {
  /** Takes the lead unless another process has it; keeps the one that is held. */
  take(): Promise<boolean>
  /** Asks over the connection that the lead belongs to. Throws without the lead; an error ends it. */
  query<Row extends QueryResultRow>(question: QueryConfig): Promise<{ readonly rows: Row[] }>
  /** Leaves it to others. */
  resign(): void
}

/**
 * The lead belongs to a connection of its own and ends with it: at once when the process dies, and after `silenceMs`
 * when the server hears nothing, as of a leader that is frozen or cut off. Such a one may not know yet while the next
 * one leads: what is done must be safe to be done by two.
 */
export const createLead = (pool: Pool, lock: number, { silenceMs }: { readonly silenceMs: number }): Lead => {
  let held: PoolClient | null = null

  /** Closes the connection, and with it whatever it holds. */
  const drop = (connection: PoolClient): void => {
    if (held !== connection) return
    held = null
    connection.release(true)
  }

  return {
    async take() {
      if (held !== null) return true
      const connection = await pool.connect()
      const { rows } = await connection
        .query<LockRow>(lockSql, [lock, `${silenceMs}ms`])
        .catch((error: unknown) => {
          connection.release(true)
          throw error
        })
      if (rows[0]?.is_leader !== true) {
        connection.release()
        return false
      }
      held = connection
      connection.once('end', () => drop(connection))
      return true
    },
    async query<Row extends QueryResultRow>(question: QueryConfig) {
      const connection = held
      if (connection === null) throw new Error('the lead is gone')
      try {
        return await connection.query<Row>(question)
      } catch (error) {
        drop(connection)
        throw error
      }
    },
    resign() {
      if (held !== null) drop(held)
    },
  }
}
