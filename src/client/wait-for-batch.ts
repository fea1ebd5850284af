import { CliplineError } from './error.ts'
import type { Batch } from './shapes.ts'
import { monotonicMs, pause } from './time.ts'
import { WaitTimedOut } from './wait-for-job.ts'

export interface WaitForBatchOptions {
  readonly timeoutMs?: number
  readonly signal?: AbortSignal
  /** Is told the batch each time it was looked at. */
  readonly onProgress?: (batch: Batch) => void
  /** Between two looks, once the first ones are over; two seconds when left out. */
  readonly everyMs?: number
}

/** A small batch is over soon. */
const firstPauseMs = 100
/** How long the service may be away in between. */
const patienceMs = 5 * 60_000

/** Resolves with the batch once it has ended. Rejects with `WaitTimedOut`, or with the signal's reason. */
export const waitForBatch = async (
  look: () => Promise<Batch>,
  batchId: string,
  { timeoutMs, signal, onProgress, everyMs = 2_000 }: WaitForBatchOptions,
): Promise<Batch> => {
  const startedMs = monotonicMs()
  let pauseMs = Math.min(firstPauseMs, everyMs)
  let aliveAtMs: number | null = null
  for (;;) {
    signal?.throwIfAborted()
    const batch = await look().catch((error: unknown) => {
      const isPassing = error instanceof CliplineError && error.retryable
      if (!isPassing || aliveAtMs === null || monotonicMs() - aliveAtMs > patienceMs) throw error
      return null
    })
    if (batch !== null) {
      aliveAtMs = monotonicMs()
      onProgress?.(batch)
      if (batch.finished_at !== null) return batch
    }
    const leftMs = timeoutMs === undefined ? everyMs : timeoutMs - (monotonicMs() - startedMs)
    if (leftMs <= 0) throw new WaitTimedOut(`batch ${batchId}`, timeoutMs ?? 0)
    await pause(Math.min(pauseMs, leftMs), signal)
    pauseMs = Math.min(everyMs, pauseMs * 2)
  }
}
