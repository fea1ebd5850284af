import type { IQueueBackend, Queue, QueueOptions, Worker, WorkerOptions } from 'bullmq'

/** What we use of BullMQ's queue, whichever backend is behind it. */
export interface BullQueue
  extends Pick<Queue, 'drain' | 'getJobCounts' | 'getJobState' | 'isPaused' | 'close'> {
  add(name: string, data: object, options: { jobId: string }): Promise<unknown>
  addBulk(bells: { name: string; data: object; opts: { jobId: string } }[]): Promise<unknown>
  getBackend(): IQueueBackend
}

/** What we use of BullMQ's worker, whichever backend is behind it. */
export interface BullWorker extends Pick<Worker, 'waitUntilReady' | 'run' | 'close'> {
  getBackend(): IQueueBackend
}

export type BullProcessor = (job: {
  readonly id?: string | undefined
  readonly name: string
  readonly data: unknown
  readonly opts: { readonly lifo?: boolean }
}) => Promise<void>
export type ProducerOptions = Omit<QueueOptions, 'connection'>
export type ConsumerOptions = Omit<WorkerOptions, 'connection'>

/** A place where BullMQ may live. All that differs between Redis and Postgres is said here. */
export interface QueueConnection {
  readonly kind: 'redis' | 'postgres'
  /** From how many bells on one bulk insert is cheaper than as many single ones. */
  readonly bulkFrom: number
  /** Opens a queue to ring on. Rejects within seconds when the place cannot be reached. */
  openQueue(name: string, options: ProducerOptions): Promise<BullQueue>
  /** Builds a worker that has not begun. Its `waitUntilReady()` tells whether the place could be reached. */
  buildWorker(name: string, processor: BullProcessor, options: ConsumerOptions): BullWorker
  /** Cuts the connections of a worker whose own close does not come to an end. */
  abandon(worker: BullWorker): Promise<void>
  /** What is wrong with the place although it answers; null when nothing is. */
  findFault(): Promise<string | null>
  close(): Promise<void>
}
