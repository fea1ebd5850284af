/** The queues as a web page for operators (bull-board). It shows what is there and changes nothing. */
import { createBullBoard } from '@bull-board/api'
import { BullMQAdapter } from '@bull-board/api/bullMQAdapter'
import { FastifyAdapter } from '@bull-board/fastify'
import type { Queue } from 'bullmq'
import type { FastifyPluginCallback } from 'fastify'
import { type QueueName, queueNames } from './catalogue.ts'
import type { BullQueue } from './connection.ts'

export interface QueueBoard {
  /** The page with what it calls, to be registered under a prefix of its own. */
  readonly plugin: FastifyPluginCallback<{ prefix: string }>
  /** Opens the queues where that has not been done. Rejects while they cannot be reached. */
  open(): Promise<void>
}

export const createQueueBoard = (queueOf: (name: QueueName) => Promise<BullQueue>): QueueBoard => {
  const serverAdapter = new FastifyAdapter()
  const board = createBullBoard({
    queues: [],
    serverAdapter,
    options: { uiConfig: { boardTitle: 'Clipline queues', hideRedisDetails: true } },
  })
  let opening: Promise<void> | null = null

  const addAll = async (): Promise<void> => {
    const queues = await Promise.all(queueNames.map(queueOf))
    board.setQueues(
      queues.map((queue) => new BullMQAdapter(queue as unknown as Queue, { readOnlyMode: true })),
    )
  }

  return {
    plugin: (app, options, done) => {
      serverAdapter.setBasePath(options.prefix)
      serverAdapter.registerPlugin()(app, { basePath: options.prefix, prefix: options.prefix }, done)
    },
    open: () => {
      opening ??= addAll().catch((error: unknown) => {
        opening = null
        throw error
      })
      return opening
    },
  }
}
