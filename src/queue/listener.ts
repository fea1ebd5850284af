import type { Clock } from '../clock.ts'
import { canaryName } from './canary.ts'
import { type Bell, catalogue, type QueueName } from './catalogue.ts'
import type { BullProcessor, BullWorker, QueueConnection } from './connection.ts'
import type { Complain, QueueLog } from './log.ts'

/** A worker on one queue, kept alive: one that fails to open or ends by itself is replaced. */
export interface Listener {
  /**
   * Takes no more bells, waits for those being answered, and at the latest after the time given cuts the connections.
   * Never rejects: a bell that was cut off is rung again by the dispatcher.
   */
  close(timeoutMs: number): Promise<void>
  /**
   * Whether bells are being taken: the worker came back to its queue lately, or all its hands are full. That BullMQ
   * says "running", or that the place answers, proves nothing (guarantees.md §5.1-3).
   */
  isHealthy(): boolean
  /** All hands are full: the next bell has to wait for one of them. */
  isBusy(): boolean
  /** How many bells have been heard so far, canaries among them. */
  readonly heard: number
}

export interface ListenerOptions {
  readonly connection: QueueConnection
  readonly queue: QueueName
  readonly concurrency: number
  readonly onBell: (bell: Bell) => Promise<void>
  readonly clock: Clock
  readonly complain: Complain
  readonly log?: QueueLog | undefined
}

/** The longest a healthy worker stays away from its queue: two of BullMQ's longest waits for a bell, and some. */
const silenceMs = 30_000
const longestWaitS = 10
const reopenMs = 1_000

const workerOptions = {
  autorun: false,
  lockDuration: 60_000,
  stalledInterval: 30_000,
  // A bell counts as stalled when its process died. How often that happened is the row's business, not BullMQ's.
  maxStalledCount: 1_000_000,
  runRetryDelay: reopenMs,
}

export const startListener = (options: ListenerOptions): Listener => {
  const { connection, queue, concurrency, clock, complain } = options
  const closing = new AbortController()
  let worker: BullWorker | null = null
  let answering = 0
  let heard = 0
  let lastTurnMs = Number.NEGATIVE_INFINITY

  const answer: BullProcessor = async (job) => {
    heard += 1
    if (job.name === canaryName) return
    answering += 1
    try {
      const bell = catalogue[queue].message.parse(job.data)
      await options.onBell(job.opts.lifo === true ? { ...bell, isUrgent: true } : bell)
    } catch (error) {
      options.log?.error({ err: error, queue, bell: job.id }, 'a bell was not answered')
    } finally {
      answering -= 1
    }
  }

  const keepListening = async (): Promise<void> => {
    while (!closing.signal.aborted) {
      worker = connection.buildWorker(queue, answer, { ...workerOptions, concurrency })
      watchTurns(worker, clock, () => {
        lastTurnMs = clock.monotonicMs()
      })
      await worker
        .waitUntilReady()
        .then(() => worker?.run())
        .catch(complain)
      if (closing.signal.aborted) return
      await closeWithin(worker, connection, reopenMs, clock, complain)
      await pause(clock, reopenMs, closing.signal)
    }
  }
  const listening = keepListening()

  return {
    async close(timeoutMs) {
      closing.abort()
      if (worker) await closeWithin(worker, connection, timeoutMs, clock, complain)
      else await listening
    },
    isBusy: () => answering >= concurrency,
    get heard() {
      return heard
    },
    isHealthy: () => answering >= concurrency || clock.monotonicMs() - lastTurnMs < silenceMs,
  }
}

/**
 * Notes each time that the worker has asked its queue for a bell and got an answer, and slows it down after errors:
 * BullMQ itself goes round without a pause when a database answers with an error instead of refusing the connection.
 */
const watchTurns = (worker: BullWorker, clock: Clock, onTurn: () => void): void => {
  const backend = worker.getBackend()
  const { moveToActive } = backend
  backend.moveToActive = async (...args) => {
    try {
      const claimed = await moveToActive.apply(backend, args)
      onTurn()
      return claimed
    } catch (error) {
      await pause(clock, reopenMs / 2)
      throw error
    }
  }
  // In Postgres it would be an hour, after an error in which a bell may have been missed.
  Object.defineProperty(backend, 'maximumBlockTimeout', { value: longestWaitS })
}

const closeWithin = async (
  worker: BullWorker,
  connection: QueueConnection,
  timeoutMs: number,
  clock: Clock,
  complain: Complain,
): Promise<void> => {
  const closed = worker.close().then(() => 'closed', complain)
  const ending = await Promise.race([closed, pause(clock, timeoutMs)])
  if (ending === 'closed') return
  await connection.abandon(worker).catch(complain)
}

const pause = (clock: Clock, ms: number, signal?: AbortSignal): Promise<void> =>
  new Promise((resolve) => {
    const end = () => {
      cancel()
      signal?.removeEventListener('abort', end)
      resolve()
    }
    const cancel = clock.after(ms, end)
    signal?.addEventListener('abort', end)
  })
