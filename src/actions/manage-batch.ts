/** Closes batches, cancels them and runs them again. The keeper of the batches does the rest (keep-batches.ts). */
import { type BatchRecord, type BatchStore, endedBatchStates } from '../store/batches.ts'

export interface ManageBatchDeps {
  readonly batches: BatchStore
  /** A batch has something to do. */
  readonly wakeBatchKeeper: () => void
}

interface Place {
  readonly tenantId: string
  readonly batchId: string
}

export type CloseBatchOutcome =
  | { readonly outcome: 'closed'; readonly batch: BatchRecord }
  | { readonly outcome: 'not_found' }

/** Closing a closed batch changes nothing. */
export const closeBatch = async (
  { batches, wakeBatchKeeper }: ManageBatchDeps,
  { tenantId, batchId }: Place,
  streamSha256: string | null = null,
): Promise<CloseBatchOutcome> => {
  if ((await batches.find(tenantId, batchId)) === null) return { outcome: 'not_found' }
  await batches.close(batchId, streamSha256)
  wakeBatchKeeper()
  const batch = await batches.find(tenantId, batchId)
  return batch === null ? { outcome: 'not_found' } : { outcome: 'closed', batch }
}

export type CancelBatchOutcome =
  | { readonly outcome: 'canceling' | 'already_finished'; readonly batch: BatchRecord }
  | { readonly outcome: 'not_found' }

export const cancelBatch = async (
  { batches, wakeBatchKeeper }: ManageBatchDeps,
  { tenantId, batchId }: Place,
): Promise<CancelBatchOutcome> => {
  const before = await batches.find(tenantId, batchId)
  if (before === null) return { outcome: 'not_found' }
  if (endedBatchStates.includes(before.state)) return { outcome: 'already_finished', batch: before }
  await batches.cancel(batchId)
  wakeBatchKeeper()
  const batch = await batches.find(tenantId, batchId)
  return batch === null ? { outcome: 'not_found' } : { outcome: 'canceling', batch }
}

export type RedriveBatchOutcome =
  | { readonly outcome: 'redriving'; readonly batch: BatchRecord }
  | { readonly outcome: 'not_redrivable'; readonly detail: string }
  | { readonly outcome: 'not_found' }

export interface RedriveBatchInput extends Place {
  /** Null: whatever they failed with. */
  readonly failureCodes: readonly string[] | null
  readonly isCostAccepted: boolean
}

export const redriveBatch = async (
  { batches, wakeBatchKeeper }: ManageBatchDeps,
  { tenantId, batchId, failureCodes, isCostAccepted }: RedriveBatchInput,
): Promise<RedriveBatchOutcome> => {
  const before = await batches.find(tenantId, batchId)
  if (before === null) return { outcome: 'not_found' }
  const reason = whyNot(before)
  if (reason !== null) return { outcome: 'not_redrivable', detail: reason }
  if (!(await batches.hasFailed(batchId, failureCodes)))
    return { outcome: 'not_redrivable', detail: 'None of its jobs has failed that way.' }
  const isRequested = await batches.requestRedrive(batchId, {
    failure_codes: failureCodes,
    accept_cost: isCostAccepted,
    redriven_to: '',
    redriven: 0,
    skipped: 0,
    is_done: false,
  })
  if (!isRequested) return { outcome: 'not_redrivable', detail: 'Its last redrive is still under way.' }
  wakeBatchKeeper()
  const batch = await batches.find(tenantId, batchId)
  return batch === null ? { outcome: 'not_found' } : { outcome: 'redriving', batch }
}

/** Null when the batch may be run again. */
const whyNot = ({ state, ending }: BatchRecord): string | null => {
  if (state === 'open') return 'It has not been closed.'
  return ending === null ? null : `It was to end as ${ending}.`
}
