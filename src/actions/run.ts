import type { Clock } from '../clock.ts'
import { type Job, messagesOf } from '../job/job.ts'
import { assertHeld, type Lease, type LeaseBook, LeaseLost } from '../job/leases.ts'
import { type Position, planFor } from '../job/plan.ts'
import type { StageScratch } from '../stages/stage.ts'
import type { Claim } from '../store/writer.ts'
import type { Ending } from './ending.ts'

/** What a holder knows of its job between two stages. */
export interface Run {
  /** As it will be once all is written. */
  job: Job
  readonly plan: readonly Position[]
  readonly lease: Lease
  readonly scratch: StageScratch
  /** How the stage before this one ended, when that is not written yet. */
  owed: Ending | null
  /** The writing that is under way, or was the last one: false when the job has become somebody else's. */
  written: Promise<boolean>
  isCancelRequested: boolean
  /** When the job entered its stage and when its deadline is, both on the monotonic clock. */
  stageEnteredMs: number
  readonly deadlineMs: number | null
}

export interface BeginRunDeps {
  readonly leases: LeaseBook
  readonly clock: Clock
}

/** `askedMs`: the monotonic time before the claim was asked for. */
export const beginRun = ({ leases, clock }: BeginRunDeps, claim: Claim, askedMs: number): Run => {
  const { job } = claim
  const nowMs = clock.monotonicMs()
  return {
    job,
    plan: planFor({
      messageCount: messagesOf(job.request).length,
      hasInputs: job.request.inputs.length > 0,
      purpose: job.request.purpose,
    }),
    lease: leases.take(job.id, job.epoch, askedMs),
    scratch: {},
    owed: null,
    written: Promise.resolve(true),
    isCancelRequested: claim.isCancelRequested,
    stageEnteredMs: nowMs - claim.stageMs,
    deadlineMs: claim.deadlineInMs === null ? null : nowMs + claim.deadlineInMs,
  }
}

/** Nothing is ordered for a job that is no longer ours, or that nobody wants any more. */
export const awaitWritten = async (run: Run): Promise<void> => {
  const isWritten = await run.written.catch(() => false)
  if (!isWritten || run.isCancelRequested) throw new LeaseLost(`job ${run.job.id} is not to be gone on with`)
  assertHeld(run.lease)
}
