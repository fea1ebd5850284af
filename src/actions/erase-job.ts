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
 * The files that only this job knows go first, so that an erasing that breaks off can be asked for again; an upload's
 * row goes before its file, because another job may be about to take it.
 */
export const eraseJob = async (
  { erasures, storage, clock }: EraseJobDeps,
  { tenantId, jobId, actor }: EraseJobInput,
): Promise<EraseJobOutcome> => {
  const job = await erasures.find(tenantId, jobId)
  if (job === null) return { outcome: 'not_found' }
  if (!job.isFinished) return { outcome: 'not_finished' }
  for await (const { key } of storage.list(`inputs/${jobId}/`)) await storage.delete(key)
  for (const key of job.artifactKeys) await storage.delete(key)
  const audit = toAuditEntry(clock, actor, { action: 'job.erased', tenantId, subjectId: jobId })
  const uploadKeys = await erasures.erase(jobId, audit)
  for (const key of uploadKeys ?? []) await storage.delete(key)
  return { outcome: uploadKeys === null ? 'not_finished' : 'erased' }
}
