import { type Bell, bellIdOf, bellOptions, catalogue, type QueueName } from './catalogue.ts'
import type { BullQueue, QueueConnection } from './connection.ts'

/** The side of the queues that adds. Each is opened at its first use, so that a process starts while they are down. */
export interface Ringer {
  ring(name: QueueName, bells: readonly Bell[]): Promise<void>
  queueOf(name: QueueName): Promise<BullQueue>
  close(): Promise<void>
}

/** BullMQ's own event stream, which nobody here reads, is kept this short. */
const keptEvents = 256
const mostPerInsert = 1_000

export const createRinger = (connection: QueueConnection): Ringer => {
  const opened = new Map<QueueName, Promise<BullQueue>>()
  let isClosed = false

  const queueOf = (name: QueueName): Promise<BullQueue> => {
    if (isClosed) return Promise.reject(new Error('The queue is closed'))
    const known = opened.get(name)
    if (known) return known
    const opening = connection.openQueue(name, {
      defaultJobOptions: bellOptions,
      streams: { events: { maxLen: keptEvents } },
    })
    opened.set(name, opening)
    opening.catch(() => opened.delete(name))
    return opening
  }

  return {
    queueOf,

    async ring(name, bells) {
      if (bells.length === 0) return
      const queue = await queueOf(name)
      const messages = bells.map(({ isUrgent = false, ...bell }) => ({
        name: 'bell',
        data: catalogue[name].message.encode(bell),
        opts: { jobId: bellIdOf(bell), ...(isUrgent && { lifo: true }) },
      }))
      if (bells.length < connection.bulkFrom) {
        await Promise.all(messages.map(({ name, data, opts }) => queue.add(name, data, opts)))
        return
      }
      for (let start = 0; start < messages.length; start += mostPerInsert) {
        await queue.addBulk(messages.slice(start, start + mostPerInsert))
      }
    },

    async close() {
      isClosed = true
      const queues = await Promise.allSettled(opened.values())
      for (const queue of queues) if (queue.status === 'fulfilled') await queue.value.close()
    },
  }
}
