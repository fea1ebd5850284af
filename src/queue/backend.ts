import { type Clock, systemClock } from '../clock.ts'
import type { QueueBoard } from './board.ts'
import { type Canary, openCanary } from './canary.ts'
import { type Bell, type QueueName, queueNames } from './catalogue.ts'
import { type Listener, startListener } from './listener.ts'
import { createComplaints, type QueueLog } from './log.ts'
import { connectToPostgres } from './postgres-connection.ts'
import { connectToRedis } from './redis-connection.ts'
import { createRinger } from './ring.ts'

export type { Bell, Canary, Listener, QueueBoard, QueueName }

export interface QueueOptions {
  /** Redis or Valkey. Without it the queue lives in the database, in the schema that `migrateQueue` makes. */
  readonly redisUrl?: string | undefined
  readonly databaseUrl: string
  /** Keeps apart what shares a Redis; in Postgres the database does. */
  readonly prefix?: string
  readonly clock?: Clock
  readonly log?: QueueLog | undefined
}

/**
 * The only door to BullMQ. It carries bells, which say that a row is due and nothing else: losing all of them delays
 * work by seconds, doubling one does nothing (architecture.md §1).
 */
export interface QueueBackend {
  readonly kind: 'redis' | 'postgres'
  /**
   * Adds bells in bulk, in no promised order; one that is already there is not added again. Rejects within seconds when
   * the backend is down, and works again as soon as it is back.
   */
  ring(queue: QueueName, bells: readonly Bell[]): Promise<void>
  /**
   * Hands bells to `onBell`, at most `concurrency` at a time, for as long as it is not closed, through every outage.
   * A bell is spent when `onBell` has settled; if it rejected that is logged, and nothing is tried again.
   */
  listen(
    queue: QueueName,
    options: { readonly concurrency: number },
    onBell: (bell: Bell) => Promise<void>,
  ): Listener
  /** A way to try whether what is rung is heard. */
  openCanary(queue: QueueName): Canary
  /** Whether bells can be added now, tried by writing; `detail` says what stands against it. */
  check(): Promise<{ readonly ok: boolean; readonly detail?: string }>
  /** How many bells are waiting or being answered. */
  depth(queue: QueueName): Promise<number>
  /** A page that shows what is in the queues. Its code is loaded with it. */
  createBoard(): Promise<QueueBoard>
  /** Drops all bells that wait, for tests and drills. */
  flush(): Promise<void>
  /** Ends the ringing side. Close the listeners first. */
  close(): Promise<void>
}

/** Connects to the queue. Nothing here fails or waits when it is down. */
export const openQueue = (options: QueueOptions): QueueBackend => {
  const { redisUrl, databaseUrl, prefix = 'clipline', clock = systemClock, log } = options
  const complain = createComplaints(redisUrl ? 'redis' : 'postgres', clock, log)
  const connection = redisUrl
    ? connectToRedis(redisUrl, prefix, complain)
    : connectToPostgres(databaseUrl, complain)
  const ringer = createRinger(connection)

  const findFault = async (): Promise<string | null> => {
    const fault = await connection.findFault()
    if (fault !== null) return fault
    for (const name of queueNames) {
      const queue = await ringer.queueOf(name)
      await queue.getBackend().setQueueMeta({ checkedAt: clock.nowMs() })
      if (await queue.isPaused()) return `The queue "${name}" is paused`
    }
    return null
  }

  return {
    kind: connection.kind,
    ring: ringer.ring,
    listen: (queue, { concurrency }, onBell) =>
      startListener({ connection, queue, concurrency, onBell, clock, complain, log }),
    openCanary: (queue) => openCanary(() => ringer.queueOf(queue)),
    createBoard: async () => (await import('./board.ts')).createQueueBoard(ringer.queueOf),
    async check() {
      const detail = await findFault().catch((error: Error) => error.message || error.name)
      return detail === null ? { ok: true } : { ok: false, detail }
    },
    async depth(queue) {
      const counts = await (await ringer.queueOf(queue)).getJobCounts('waiting', 'prioritized', 'active')
      return Object.values(counts).reduce((sum, count) => sum + count, 0)
    },
    async flush() {
      for (const name of queueNames) await (await ringer.queueOf(name)).drain(true)
    },
    async close() {
      await ringer.close()
      await connection.close()
    },
  }
}
