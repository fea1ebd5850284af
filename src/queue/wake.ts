import { Redis } from 'ioredis'
import { type Clock, systemClock } from '../clock.ts'
import { coalesce, createWakeListeners, type Wake } from '../wake.ts'
import { createComplaints, type QueueLog } from './log.ts'
import { openRedis, retryStrategy } from './redis-connection.ts'

export interface RedisWakeOptions {
  readonly redisUrl: string
  readonly prefix?: string
  readonly clock?: Clock
  readonly log?: QueueLog | undefined
}

/** Wakes over Redis' publish and subscribe. The connection that listens is opened with the first listener. */
export const openRedisWake = (options: RedisWakeOptions): Wake => {
  const { redisUrl, prefix = 'clipline', clock = systemClock, log } = options
  const channel = `${prefix}:wake`
  const complain = createComplaints('redis wake', clock, log)
  const publisher = openRedis(redisUrl, complain)
  const listeners = createWakeListeners()
  let subscriber: Redis | null = null

  const subscribe = (): Redis => {
    const client = new Redis(redisUrl, {
      maxRetriesPerRequest: null,
      autoResubscribe: false,
      keepAlive: 10_000,
      retryStrategy,
    })
    client.on('error', complain)
    client.on('message', (_channel, topic) => listeners.call(topic))
    client.on('ready', () => {
      client.subscribe(channel).then(listeners.callAll, complain)
    })
    return client
  }

  return {
    notify: coalesce(clock, (topic) => {
      if (publisher.status === 'ready') publisher.publish(channel, topic).catch(complain)
    }),
    listen(topic, onWake) {
      subscriber ??= subscribe()
      return listeners.add(topic, onWake)
    },
    async close() {
      publisher.disconnect()
      subscriber?.disconnect()
    },
  }
}
