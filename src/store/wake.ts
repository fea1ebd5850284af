import { once } from 'node:events'
import { setTimeout as sleep } from 'node:timers/promises'
import pg from 'pg'
import { type Clock, systemClock } from '../clock.ts'
import { coalesce, createWakeListeners, type Wake } from '../wake.ts'
import type { StoreLog } from './log.ts'

export interface PostgresWakeOptions {
  readonly databaseUrl: string
  /** Sends the notifications. */
  readonly pool: pg.Pool
  readonly clock?: Clock
  readonly log?: StoreLog | undefined
}

const channel = 'clipline_wake'
const reconnectMs = 1_000

/**
 * Wakes over NOTIFY, never inside a transaction that writes: its commit would take a lock on the whole database
 * (guarantees.md §5.2-18). The connection that listens is opened with the first listener, and again when it is lost.
 */
export const openPostgresWake = (options: PostgresWakeOptions): Wake => {
  const { databaseUrl, pool, clock = systemClock, log } = options
  const listeners = createWakeListeners()
  const closing = new AbortController()
  const closed = once(closing.signal, 'abort')
  let listening: Promise<void> | null = null

  const listenOnce = async (): Promise<void> => {
    const client = new pg.Client({
      connectionString: databaseUrl,
      application_name: 'clipline wake',
      connectionTimeoutMillis: 5_000,
      keepAlive: true,
      keepAliveInitialDelayMillis: 10_000,
    })
    const ended = new Promise<void>((resolve) => client.once('end', resolve))
    const end = () => void client.end()
    client.on('error', (error) => log?.warn({ err: error }, 'wake-ups are interrupted'))
    client.on('notification', ({ payload }) => listeners.call(payload))
    closing.signal.addEventListener('abort', end)
    try {
      await client.connect()
      await client.query(`LISTEN ${channel}`)
      listeners.callAll()
      await ended
    } finally {
      closing.signal.removeEventListener('abort', end)
      end()
    }
  }

  const keepListening = async (): Promise<void> => {
    while (!closing.signal.aborted) {
      await listenOnce().catch((error: Error) => log?.warn({ err: error }, 'wake-ups cannot be listened for'))
      await Promise.race([sleep(reconnectMs, undefined, { ref: false }), closed])
    }
  }

  return {
    notify: coalesce(clock, (topic) => {
      if (closing.signal.aborted) return
      pool
        .query('SELECT pg_notify($1, $2)', [channel, topic])
        .catch((error: Error) => log?.warn({ err: error }, 'a wake-up could not be sent'))
    }),
    listen(topic, onWake) {
      listening ??= keepListening()
      return listeners.add(topic, onWake)
    },
    async close() {
      closing.abort()
      await listening
    },
  }
}
