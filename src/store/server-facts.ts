import type { Pool } from 'pg'

/** What a Postgres server says of itself. */
export interface ServerFacts {
  /** Such as `17.2`. */
  readonly version: string
  /** Its clock, in milliseconds since the epoch. */
  readonly nowMs: number
  /** Whether what it said it committed is on its disk. */
  readonly isDurable: boolean
}

/** Rejects when the database cannot be reached. */
export const readServerFacts = async (pool: Pool): Promise<ServerFacts> => {
  const { rows } = await pool.query<{ version: string; nowMs: number; fsync: string; commit: string }>(
    `SELECT current_setting('server_version') AS version, current_setting('fsync') AS fsync,
            current_setting('synchronous_commit') AS commit,
            (extract(epoch FROM clock_timestamp()) * 1000)::float8 AS "nowMs"`,
  )
  const [facts] = rows
  if (facts === undefined) throw new Error('the server says nothing of itself')
  const { version, nowMs, fsync, commit } = facts
  return {
    version: version.split(' ')[0] ?? version,
    nowMs,
    isDurable: fsync === 'on' && commit !== 'off',
  }
}
