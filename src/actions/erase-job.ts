/** Erases a finished job for good: what was asked for, what went in, what came out (api.md §1). */
import type { Clock } from '../clock.ts'
import type { Storage } from '../media/storage.ts'
import type { ErasureStore } from '../store/erasures.ts'
import { type Actor, toAuditEntry } from './audit-entry.ts'

export interface EraseJobDeps {
  readonly erasures: ErasureStore
  readonly storage: Pick<Storage, 'delete' | 'list'>
  readonly clock: Clock
}

export interface EraseJobInput {
  readonly tenantId: string
  readonly jobId: string
  readonly actor: Actor
}

export type EraseJobOutcome = { readonly outcome: 'erased' | 'not_finished' | 'not_found' }

/**
 * The rows go first, because only they can tell that nobody has run the job again, or takes its uploads. Of an erasing that
 * breaks off after that, the sweep of orphans finds the files.
 */
export const eraseJob = async (
  { erasures, storage, clock }: EraseJobDeps,
  { tenantId, jobId, actor }: EraseJobInput,
): Promise<EraseJobOutcome> => {
  const job = await erasures.find(tenantId, jobId)
  if (job === null) return { outcome: 'not_found' }
  if (!job.isFinished) return { outcome: 'not_finished' }
  const audit = toAuditEntry(clock, actor, { action: 'job.erased', tenantId, subjectId: jobId })
  const keys = await erasures.erase(jobId, audit)
  if (keys === null) return { outcome: 'not_finished' }
  for (const key of keys) await storage.delete(key)
  for await (const { key } of storage.list(`inputs/${jobId}/`)) await storage.delete(key)
  return { outcome: 'erased' }
}
