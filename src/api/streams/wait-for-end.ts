import type { Clock } from '../../clock.ts'
import { isTerminalEvent } from '../../job/events.ts'
import { isFinished } from '../../job/lifecycle.ts'
import type { JobRecord } from '../../store/job-record.ts'
import type { JobStore } from '../../store/jobs.ts'
import type { EventHub } from './event-hub.ts'

export interface WaitDeps {
  readonly jobs: Pick<JobStore, 'find'>
  readonly hub: EventHub
  readonly clock: Clock
}

/**
 * Holds a request until the job has ended, the time is over, or the signal fires (`Prefer: wait`, api.md §0); then
 * says how the job is. Null when there is no such job.
 */
export const waitForEnd = async (
  { jobs, hub, clock }: WaitDeps,
  { tenantId, jobId }: { readonly tenantId: string; readonly jobId: string },
  { waitMs, signal }: { readonly waitMs: number; readonly signal: AbortSignal },
): Promise<JobRecord | null> => {
  const { promise, resolve } = Promise.withResolvers<void>()
  const stop = await hub.follow({
    tenantId,
    jobId,
    onEvents: (batch) => {
      if (batch.some(({ type }) => isTerminalEvent(type))) resolve()
    },
  })
  const cancelTimer = clock.after(waitMs, resolve)
  const onAbort = () => resolve()
  signal.addEventListener('abort', onAbort)
  try {
    const job = await jobs.find(tenantId, jobId)
    if (job === null || isFinished(job.state) || signal.aborted) return job
    await promise
    return await jobs.find(tenantId, jobId)
  } finally {
    signal.removeEventListener('abort', onAbort)
    cancelTimer()
    stop()
  }
}
