import type { Clock } from '../clock.ts'
import type { BatchRecord, BatchStore } from '../store/batches.ts'

/** How long a key stands for its stream (api.md §0). */
const keyTtlMs = 24 * 3_600_000

/** The batch that was made from its lines under an `Idempotency-Key`, while the key counts. */
export const findStreamedBatch = (
  { batches, clock }: { readonly batches: Pick<BatchStore, 'findByStream'>; readonly clock: Clock },
  tenantId: string,
  streamKey: string,
): Promise<BatchRecord | null> =>
  batches.findByStream(tenantId, streamKey, new Date(clock.nowMs() - keyTtlMs))
