/**
 * Works on a job: takes its lease and carries it from stage to stage until it has to wait or has ended. Each stage is
 * run, its ending decided and the decision recorded, before the next one begins (architecture.md §3).
 */
import { randomUUID } from 'node:crypto'
import { applyPatch } from '../job/apply-patch.ts'
import { cancelJob, type Decision, decide, failJob, releaseJob } from '../job/decide.ts'
import { type Job, messagesOf } from '../job/job.ts'
import type { Lease, LeaseBook } from '../job/leases.ts'
import { isFinished, lifecycle, type Verb } from '../job/lifecycle.ts'
import type { StageOutcome } from '../job/outcome.ts'
import { type Position, planFor } from '../job/plan.ts'
import { stages } from '../stages/index.ts'
import type { StageScratch } from '../stages/stage.ts'
import type { AttemptCalls, Claim, TransitionResult, Writer } from '../store/writer.ts'
import { type AttemptStageDeps, attemptStage } from './attempt-stage.ts'
import { type Ending, endingOf, joinEndings, silence, toAttempts, wordsAfter } from './ending.ts'
import { observeAttempt } from './observe-attempt.ts'
import { settleInterrupted, settleOpenPermits } from './settle-interrupted.ts'
import { createStageVoice, type Words } from './stage-voice.ts'

export interface RunStageDeps extends AttemptStageDeps {
  readonly writer: Writer
  readonly leases: LeaseBook
  /** In [0, 1). */
  readonly random: () => number
  /** Callback deliveries have come due; they count as rung, and are ours to answer. */
  readonly answerDeliveries: (deliveryIds: readonly string[]) => void
}

/** What a holder knows of its job between two stages. */
interface Run {
  job: Job
  readonly plan: readonly Position[]
  readonly lease: Lease
  readonly scratch: StageScratch
  /** How the stage before this one ended, when that is not written yet. */
  owed: Ending | null
  isCancelRequested: boolean
  /** When the job entered its stage and when its deadline is, both on the monotonic clock. */
  stageEnteredMs: number
  readonly deadlineMs: number | null
}

/** A job whose lease ran out so often without any progress is put aside for a person (guarantees.md §2.1-12). */
const maxCrashes = 3

/** Carries a due job as far as it goes; does nothing when the job is not due or somebody else's. */
export const runStages = async (deps: RunStageDeps, jobId: string): Promise<void> => {
  const askedMs = deps.clock.monotonicMs()
  const claim = await deps.writer.claimJob(jobId)
  if (claim === null) return
  const run = beginRun(deps, claim, askedMs)
  deps.telemetry.state('job.claimed', { jobId, stage: run.job.stage, epoch: run.job.epoch })
  try {
    while (await runOneStage(deps, run));
  } finally {
    run.lease.end()
  }
}

const beginRun = ({ leases, clock }: RunStageDeps, claim: Claim, askedMs: number): Run => {
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
    scratch: { isRescued: job.crashCount > 0 },
    owed: null,
    isCancelRequested: claim.isCancelRequested,
    stageEnteredMs: nowMs - claim.stageMs,
    deadlineMs: claim.deadlineInMs === null ? null : nowMs + claim.deadlineInMs,
  }
}

/** Runs the present stage and records its ending; true when the same holder goes on with the next one. */
const runOneStage = async (deps: RunStageDeps, run: Run): Promise<boolean> => {
  const startedMs = deps.clock.monotonicMs()
  if (isLost(deps, run)) return false
  const early = await preventedBy(deps, run)
  if (early !== null) return record(deps, run, { decision: early, words: silence, startedMs })

  const { job, plan } = run
  const onUntold = (error: unknown) => deps.telemetry.state('job.write_failed', { jobId: job.id, error })
  const voice = createStageVoice(
    { clock: deps.clock, job, plan, isOwing: run.owed !== null, onUntold },
    (words) => tell(deps, run, words),
  )
  const { outcome, calls } = await observeAttempt(deps.provider, startedMs, () =>
    attemptStage(deps, run, voice),
  )
  const words = await voice.finish()
  const decision = await decideAfter(deps, run, outcome)
  return decision === null ? false : record(deps, run, { decision, words, startedMs, calls })
}

const isLost = ({ telemetry }: RunStageDeps, { lease, job }: Run): boolean => {
  if (lease.stopReason !== 'lost') return false
  telemetry.state('job.lease_lost', { jobId: job.id, stage: job.stage })
  return true
}

/** What keeps a stage from being begun at all. */
const preventedBy = async (deps: RunStageDeps, run: Run): Promise<Decision | null> => {
  const { job, lease, deadlineMs } = run
  if (run.isCancelRequested || lease.stopReason === 'canceled')
    return cancelJob(job.stage, await settleInterrupted(deps, run))
  if (lease.stopReason === 'stopping') return releaseJob(job.stage)
  if (deadlineMs !== null && deps.clock.monotonicMs() >= deadlineMs)
    return failJob(
      job.stage,
      'deadline_exceeded',
      'the deadline of the job has passed',
      await settleInterrupted(deps, run),
    )
  if (job.crashCount >= maxCrashes)
    return failJob(
      job.stage,
      'internal',
      `put aside: ${job.crashCount} workers in a row were lost in stage ${job.stage}`,
      await settleInterrupted(deps, run),
    )
  return null
}

/** The decision over an ending, or over an interruption; null when nothing may be written any more. */
const decideAfter = async (
  deps: RunStageDeps,
  run: Run,
  outcome: StageOutcome | null,
): Promise<Decision | null> => {
  const { job, lease, plan } = run
  if (isLost(deps, run)) return null
  const decision =
    outcome === null
      ? null
      : decide({
          job,
          plan,
          outcome,
          retryDelaysMs: stages[job.stage].retryDelaysMs,
          stageMs: deps.clock.monotonicMs() - run.stageEnteredMs,
          random: deps.random(),
          newRenderId: `render_${randomUUID()}`,
        })
  if (lease.stopReason === 'canceled' && decision?.verb !== 'succeed')
    return cancelJob(job.stage, await settleInterrupted(deps, run, outcome?.patch))
  if (decision?.verb === 'fail')
    return { ...decision, patch: await settleOpenPermits(deps, run, decision.patch) }
  return decision ?? releaseJob(job.stage)
}

/** Writes the decision; true when the holder goes on. A stale one ends the run quietly. */
const record = async (
  deps: RunStageDeps,
  run: Run,
  {
    decision,
    words,
    startedMs,
    calls,
  }: {
    readonly decision: Decision
    readonly words: Words
    readonly startedMs: number
    readonly calls?: AttemptCalls
  },
): Promise<boolean> => {
  const { job } = run
  const endedAtMs = deps.clock.monotonicMs()
  const ending = joinEndings(
    run.owed,
    endingOf(job, decision, words, { startedMs, endedAtMs, ...(calls && { calls }) }),
  )
  if (mayOwe(run, decision)) {
    run.owed = ending
    run.job = applyPatch(job, ending.patch, job.seq)
    run.stageEnteredMs = endedAtMs
    return true
  }
  const result = await write(deps, run, decision.verb, ending, decision.dueInMs)
  if (!isApplied(deps, run, result)) return false
  tellOfAttempts(deps, job, ending)
  const state = lifecycle[decision.verb].to
  if (isFinished(state))
    deps.telemetry.state('job.finished', {
      jobId: job.id,
      attempt: job.attempt,
      state,
      failureCode: decision.attempt.failureCode,
    })
  run.isCancelRequested = result.isCancelRequested
  run.stageEnteredMs = deps.clock.monotonicMs()
  return state === 'running'
}

/**
 * A look need not be written before the next stage begins: whoever comes next just looks again. What a stage after a
 * `confirm` asks for must bear an id that is written already.
 */
const mayOwe = ({ owed, job }: Run, { verb, patch }: Decision): boolean =>
  verb === 'advance' &&
  owed === null &&
  patch.stage !== undefined &&
  stages[job.stage].isWrittenWith?.includes(patch.stage) === true &&
  (patch.stage !== 'export' || patch.renderId === undefined)

const tell = async (deps: RunStageDeps, run: Run, words: Words): Promise<void> => {
  const ending = wordsAfter(run.owed, words)
  if (ending.events.length === 0) return
  const result = await write(deps, run, run.owed === null ? 'note' : 'advance', ending, null)
  if (isApplied(deps, run, result)) tellOfAttempts(deps, run.job, ending)
}

const write = async (
  { writer, clock }: RunStageDeps,
  run: Run,
  verb: Exclude<Verb, 'claim'>,
  ending: Ending,
  dueInMs: number | null,
): Promise<TransitionResult> => {
  const { id, epoch, seq } = run.job
  const { patch, events } = ending
  const attempts = toAttempts(ending, clock.monotonicMs())
  const result = await writer.transitionJob({
    verb,
    jobId: id,
    epoch,
    seq,
    patch,
    events,
    attempts,
    dueInMs,
    answersDeliveries: true,
  })
  if (result.outcome === 'applied') {
    run.owed = null
    run.job = applyPatch(run.job, patch, result.seq)
  }
  return result
}

const tellOfAttempts = ({ telemetry }: RunStageDeps, { id: jobId }: Job, { attempts }: Ending): void => {
  for (const { outcome, ms, failureCode, note, position } of attempts)
    telemetry.state('attempt.finished', {
      jobId,
      stage: position.stage,
      messageNo: position.messageNo,
      outcome,
      ms: Math.round(ms),
      failureCode,
      note,
    })
}

const isApplied = (
  deps: RunStageDeps,
  { job }: Run,
  result: TransitionResult,
): result is Extract<TransitionResult, { outcome: 'applied' }> => {
  if (result.outcome === 'stale') {
    deps.telemetry.state('job.stale', { jobId: job.id, stage: job.stage })
    return false
  }
  if (result.deliveries.length > 0) deps.answerDeliveries(result.deliveries)
  return true
}
