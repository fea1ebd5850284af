import { once } from 'node:events'
import { Queue, type RedisQueueBackend, Worker } from 'bullmq'
import { Redis, type RedisOptions } from 'ioredis'
import type { QueueConnection } from './connection.ts'
import type { Complain } from './log.ts'

/** How long a command may take, connecting included, before whoever rings is told that Redis is down. */
const commandTimeoutMs = 2_000

/** Attempts to reconnect are never given up, and a second apart at most. */
export const retryStrategy = (times: number): number => Math.min(50 * 2 ** times, 1_000)

/**
 * For commands that somebody waits for: nothing is queued up while Redis is away, so they fail at once. ioredis'
 * defaults would let them hang until it is back (guarantees.md §5.1-6).
 */
const failFast: RedisOptions = {
  enableOfflineQueue: false,
  maxRetriesPerRequest: 1,
  connectTimeout: commandTimeoutMs,
  commandTimeout: commandTimeoutMs,
  keepAlive: 10_000,
  retryStrategy,
}

/**
 * BullMQ looks at the version of its server with every connection, and prints to the terminal what it thinks of it and of
 * its eviction policy. Passing over that, it does without what came after Redis 5: blocking for less than a second, and
 * faster ways to look for one bell.
 */
const unexamined = { skipVersionCheck: true }

export const openRedis = (redisUrl: string, complain: Complain): Redis => {
  const client = new Redis(redisUrl, failFast)
  client.on('error', complain)
  return client
}

/** BullMQ in Redis or Valkey: for many machines. */
export const connectToRedis = (redisUrl: string, prefix: string, complain: Complain): QueueConnection => {
  const client = openRedis(redisUrl, complain)
  client.once('ready', () => {
    findEviction(client).then((fault) => {
      if (fault !== null) complain(new Error(fault))
    }, complain)
  })

  return {
    kind: 'redis',
    bulkFrom: 2,

    async openQueue(name, options) {
      await untilReady(client)
      const queue = new Queue(name, { ...options, ...unexamined, prefix, connection: client })
      queue.on('error', complain)
      try {
        await queue.waitUntilReady()
      } catch (error) {
        await queue.close()
        throw error
      }
      return queue
    },

    buildWorker(name, processor, options) {
      const connection = { url: redisUrl, maxRetriesPerRequest: null, keepAlive: 10_000, retryStrategy }
      const worker = new Worker(name, processor, { ...options, ...unexamined, prefix, connection })
      worker.on('error', complain)
      return worker
    },

    async abandon(worker) {
      const { client: main, blockingClient } = worker.getBackend() as RedisQueueBackend
      for (const connected of [main, blockingClient]) connected?.then((each) => each.disconnect(), complain)
    },

    async findFault() {
      await untilReady(client)
      return findEviction(client)
    },

    async close() {
      client.disconnect()
    },
  }
}

const findEviction = async (client: Redis): Promise<string | null> => {
  const memory = await client.info('memory')
  const policy = /maxmemory_policy:(\S+)/.exec(memory)?.[1] ?? 'noeviction'
  if (policy === 'noeviction') return null
  return `Redis evicts keys (maxmemory-policy ${policy}), so it can lose locks and bells; set it to noeviction`
}

/** Resolves when commands can be sent; rejects when the present attempt to connect fails or takes too long. */
export const untilReady = async (client: Redis): Promise<void> => {
  if (client.status === 'ready') return
  try {
    await once(client, 'ready', { signal: AbortSignal.timeout(commandTimeoutMs) })
  } catch (cause) {
    throw new Error('Redis cannot be reached', { cause })
  }
}
