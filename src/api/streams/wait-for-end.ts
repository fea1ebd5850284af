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
  let isOver = false
  let lookAgain = (): void => undefined
  const giveUp = (): void => {
    isOver = true
    lookAgain()
  }
  const stop = await hub.follow({
    tenantId,
    jobId,
    onEvents: (batch) => {
      if (batch.some(({ type }) => isTerminalEvent(type))) lookAgain()
    },
  })
  const cancelTimer = clock.after(waitMs, giveUp)
  signal.addEventListener('abort', giveUp)
  try {
    for (;;) {
      const { promise, resolve } = Promise.withResolvers<void>()
      lookAgain = resolve
      const job = await jobs.find(tenantId, jobId)
      // The end that was told may be that of an earlier attempt: the job was redriven since.
      if (job === null || isFinished(job.state) || isOver || signal.aborted) return job
      await promise
    }
  } finally {
    signal.removeEventListener('abort', giveUp)
    cancelTimer()
    stop()
  }
}
