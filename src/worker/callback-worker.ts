import { type DeliverCallbackDeps, deliverCallback } from '../actions/deliver-callback.ts'
import type { QueueBackend } from '../queue/backend.ts'
import { keepListener } from './kept-listener.ts'
import { createSlots } from './slots.ts'

export interface CallbackWorkerDeps {
  readonly queue: QueueBackend
  readonly deliver: DeliverCallbackDeps
  /** Deliveries under way at a time. */
  readonly concurrency: number
}

export interface CallbackWorker {
  readonly isHealthy: () => boolean
  /** Answers deliveries that came due here, without a bell; those for which there is no room are rung later. */
  answer(deliveryIds: readonly string[]): void
  /** Takes no more bells; those that wait for a place are left to whoever is rung for them next. Never rejects. */
  stopListening(timeoutMs: number): Promise<void>
  idle(): Promise<void>
  /** Cuts off what is still under way; it is tried again by whoever comes next, and no try is used up. */
  interrupt(): void
}

/** Answers the bells of deliveries, apart from the jobs' own, so that a dead receiver slows nobody. */
export const startCallbackWorker = ({ queue, deliver, concurrency }: CallbackWorkerDeps): CallbackWorker => {
  const slots = createSlots(concurrency)
  const stopping = new AbortController()
  const cutting = new AbortController()
  const work = async (deliveryId: string): Promise<void> => {
    try {
      await deliverCallback(deliver, deliveryId, cutting.signal)
    } catch (error) {
      // Its lease runs out and it is rung again.
      deliver.telemetry.state('delivery.failed', { deliveryId, error })
    } finally {
      slots.give()
    }
  }
  const hear = (deliveryId: string): Promise<void> =>
    slots.take(stopping.signal).then(
      () => void work(deliveryId),
      () => undefined,
    )
  const listener = keepListener(() => queue.listen('deliveries', { concurrency: 64 }, ({ id }) => hear(id)), {
    clock: deliver.clock,
    telemetry: deliver.telemetry,
    queue: 'deliveries',
    canary: queue.openCanary('deliveries'),
  })
  return {
    isHealthy: () => listener.isHealthy(),
    answer(deliveryIds) {
      for (const deliveryId of deliveryIds.slice(0, concurrency - slots.taken)) void hear(deliveryId)
    },
    stopListening(timeoutMs) {
      stopping.abort()
      return listener.close(timeoutMs)
    },
    idle: () => slots.idle(),
    interrupt: () => cutting.abort(),
  }
}
