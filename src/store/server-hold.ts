import { setTimeout as pause } from 'node:timers/promises'
import pg from 'pg'
import { EmbeddedPostgresFailure } from './embedded-failure.ts'
import type { StoreLog } from './log.ts'

/** Any number that nothing else in the maintenance database locks. */
const holdLock = 0x636c6970

/** A process's claim that it uses an embedded server: a shared advisory lock, which ends with its connection. */
export interface ServerHold {
  /** Whether the connection was cut, and with it the claim. */
  isLost(): boolean
  /**
   * Gives the claim up. True when nobody else has one: the server is then ours to stop, and lets no newcomer in. Rejects
   * when the server answers nothing.
   */
  releaseAsLast(): Promise<boolean>
  /** Ends the connection; call it last. */
  end(): Promise<void>
}

/** A server that takes longer for any of this is frozen, or will be found to have done it by whoever asks again. */
const answerTimeoutMs = 10_000

/** Postgres' answers while it starts or stops (class 57), and a socket that nobody listens on or that was cut. */
const passingCodes = new Set(['57P01', '57P02', '57P03', 'ECONNREFUSED', 'ECONNRESET', 'EPIPE'])

/**
 * Claims the server and sees to it that its database `clipline` exists. Returns null while the server is starting or
 * stopping, or answers nothing. Throws when it refuses our password.
 */
export const holdServer = async (serverUrl: string, log?: StoreLog): Promise<ServerHold | null> => {
  const connectionString = new URL('/postgres', serverUrl).href
  const client = new pg.Client({
    connectionString,
    application_name: 'clipline hold',
    keepAlive: true,
    connectionTimeoutMillis: answerTimeoutMs,
    query_timeout: answerTimeoutMs,
  })
  let isEnding = false
  let isLost = false
  client.on('error', (error) => {
    isLost = true
    if (!isEnding) log?.error({ err: error }, 'the embedded Postgres is gone')
  })
  try {
    await client.connect()
    const { rows } = await client.query('SELECT pg_try_advisory_lock_shared($1) AS held', [holdLock])
    if (!rows[0]?.held) {
      await client.end()
      return null
    }
    await createDatabase(client)
  } catch (error) {
    isEnding = true
    await client.end()
    if (isPassing(error)) return null
    const message = `The embedded Postgres does not let us in: ${(error as Error).message}`
    throw new EmbeddedPostgresFailure(message, { cause: error })
  }

  return {
    isLost: () => isLost,
    async releaseAsLast() {
      isEnding = true
      const { rows } = await client.query(
        'SELECT pg_advisory_unlock_shared($1), pg_try_advisory_lock($1) AS "isLast"',
        [holdLock],
      )
      return rows[0]?.isLast === true
    },
    // A frozen server does not say goodbye.
    end: () => Promise.race([client.end(), pause(answerTimeoutMs, undefined, { ref: false })]),
  }
}

const createDatabase = async (client: pg.Client): Promise<void> => {
  const { rowCount } = await client.query("SELECT FROM pg_database WHERE datname = 'clipline'")
  if (rowCount) return
  await client.query('CREATE DATABASE clipline').catch((error: pg.DatabaseError) => {
    const isDoneByAnother = error.code === '42P04' || error.code === '23505'
    if (!isDoneByAnother) throw error
  })
}

const isPassing = (error: unknown): boolean => {
  const { code, message } = error as { code?: string; message: string }
  return code
    ? passingCodes.has(code)
    : /^Connection terminated|^timeout expired$|^Query read timeout$/.test(message)
}
