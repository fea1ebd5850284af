import { createPostgresBackend, type PostgresPoolConfig, Queue, Worker } from 'bullmq'
import type { QueueConnection } from './connection.ts'
import type { Complain } from './log.ts'
import { queueSchema } from './migrate.ts'

/** Connections of one queue that is rung on, and of one worker (which has another one to listen on). */
const producerConnections = 2
const workerConnections = 4

/** A bulk insert costs ten single ones: BullMQ makes two temporary tables for it. */
const bulkFrom = 16

/** BullMQ in Postgres: nothing else to install, for one server. */
export const connectToPostgres = (databaseUrl: string, complain: Complain): QueueConnection => ({
  kind: 'postgres',
  bulkFrom,

  async openQueue(name, options) {
    const connection = poolConfig(databaseUrl, producerConnections)
    const queue = new Queue(name, { ...options, connection }, createPostgresBackend)
    queue.on('error', complain)
    try {
      await queue.waitUntilReady()
    } catch (error) {
      // A queue that failed to open once fails for ever, because it remembers its first attempt.
      await queue.close()
      throw error
    }
    return queue
  },

  buildWorker(name, processor, options) {
    const connection = poolConfig(databaseUrl, workerConnections)
    const worker = new Worker(name, processor, { ...options, connection }, createPostgresBackend)
    worker.on('error', complain)
    return worker
  },

  abandon: (worker) => worker.getBackend().disconnect(),
  findFault: async () => null,
  close: async () => undefined,
})

/**
 * Commits of the queue do not wait for the disk: a bell that a crash swallows is rung again. What the address itself
 * asks for goes into `options` too, because BullMQ names its schema there and an address would overrule it.
 */
const poolConfig = (databaseUrl: string, max: number): PostgresPoolConfig => {
  const url = new URL(databaseUrl)
  const given = url.searchParams.get('options') ?? ''
  url.searchParams.delete('options')
  return {
    connectionString: url.href,
    schema: queueSchema,
    max,
    options: `${given} -c synchronous_commit=off`.trim(),
    application_name: 'clipline queue',
    connectionTimeoutMillis: 2_000,
    idleTimeoutMillis: 30_000,
    keepAlive: true,
    statement_timeout: 10_000,
    query_timeout: 15_000,
  }
}
