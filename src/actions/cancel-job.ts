/**
 * Cancels a job (api.md §1). What nobody holds and has nothing open at the provider ends at once; anything else is
 * asked of its holder, who cancels the render, settles what was spent, and ends the job.
 */
import { cancelJob as decideCancel } from '../job/decide.ts'
import { isFinished } from '../job/lifecycle.ts'
import type { JobRecord } from '../store/job-record.ts'
import type { JobStore } from '../store/jobs.ts'
import type { Writer } from '../store/writer.ts'

export interface CancelJobDeps {
  readonly jobs: Pick<JobStore, 'find' | 'hasOpenWork' | 'requestCancel'>
  readonly writer: Pick<Writer, 'transitionJob'>
  /** Something became due. */
  readonly wakeDispatcher: () => void
  /** Holders have something to stop. */
  readonly wakeHolders: () => void
}

export type CancelJobOutcome =
  | { readonly outcome: 'canceled' | 'canceling' | 'already_finished'; readonly job: JobRecord }
  | { readonly outcome: 'not_found' }

/** Each round sees a newer state of the job, so a race is lost a few times at most. */
const maxRounds = 5

export const cancelJob = async (
  deps: CancelJobDeps,
  { tenantId, jobId }: { readonly tenantId: string; readonly jobId: string },
): Promise<CancelJobOutcome> => {
  for (let round = 0; round < maxRounds; round += 1) {
    const job = await deps.jobs.find(tenantId, jobId)
    if (job === null) return { outcome: 'not_found' }
    if (isFinished(job.state)) return { outcome: 'already_finished', job }
    if (!(await canWithdraw(deps, job))) return requestCancel(deps, job)
    if (await withdraw(deps, job)) return reread(deps, job, 'canceled')
  }
  throw new Error(`job ${jobId} changed too often to be canceled`)
}

const canWithdraw = async ({ jobs }: CancelJobDeps, job: JobRecord): Promise<boolean> => {
  if (job.state === 'queued') return true
  return job.state === 'waiting' && !(await jobs.hasOpenWork(job.id))
}

/** False when the job was changed meanwhile. */
const withdraw = async ({ writer }: CancelJobDeps, job: JobRecord): Promise<boolean> => {
  const { patch, events } = decideCancel(job.stage)
  const { outcome } = await writer.transitionJob({
    verb: 'withdraw',
    jobId: job.id,
    seq: job.seq,
    patch,
    events,
  })
  return outcome === 'applied'
}

const requestCancel = async (deps: CancelJobDeps, job: JobRecord): Promise<CancelJobOutcome> => {
  const isRequested = await deps.jobs.requestCancel(job.tenantId, job.id)
  if (!isRequested) return reread(deps, job, 'already_finished')
  deps.wakeHolders()
  deps.wakeDispatcher()
  return reread(deps, job, 'canceling')
}

const reread = async (
  { jobs }: CancelJobDeps,
  job: JobRecord,
  outcome: 'canceled' | 'canceling' | 'already_finished',
): Promise<CancelJobOutcome> => ({ outcome, job: (await jobs.find(job.tenantId, job.id)) ?? job })
