import type { Pool, PoolClient } from 'pg'

/** Several statements, of which each sees what others have committed before it; a connection that fails is given up. */
export const inTransaction = async <Result>(
  pool: Pool,
  work: (connection: PoolClient) => Promise<Result>,
): Promise<Result> => {
  const connection = await pool.connect()
  let isBroken = true
  try {
    await connection.query('BEGIN')
    const result = await work(connection)
    await connection.query('COMMIT')
    isBroken = false
    return result
  } finally {
    connection.release(isBroken)
  }
}
