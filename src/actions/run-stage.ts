/**
 * Works on a job: takes its lease and carries it from stage to stage until it has to wait or has ended. Each stage is
 * run, its ending decided and the decision recorded (architecture.md §3). The next one begins with its looks while that
 * is being written; whatever it orders waits until it is.
 */
import { randomUUID } from 'node:crypto'
import { applyPatch } from '../job/apply-patch.ts'
import { afterWords, cancelJob, type Decision, decide, failJob, releaseJob } from '../job/decide.ts'
import { isFinished, lifecycle } from '../job/lifecycle.ts'
import type { StageOutcome } from '../job/outcome.ts'
import { stages } from '../stages/index.ts'
import type { AttemptCalls } from '../store/writer.ts'
import { type AttemptStageDeps, attemptStage } from './attempt-stage.ts'
import { endingOf, joinEndings, silence, wordsAfter } from './ending.ts'
import { observeAttempt } from './observe-attempt.ts'
import { awaitWritten, type BeginRunDeps, beginRun, type Run } from './run.ts'
import { settleInterrupted, settleOpenPermits } from './settle-interrupted.ts'
import { createStageVoice, type Words } from './stage-voice.ts'
import { type WriteEndingDeps, writeEnding } from './write-ending.ts'

export interface RunStageDeps extends AttemptStageDeps, BeginRunDeps, WriteEndingDeps {
  /** In [0, 1). */
  readonly random: () => number
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

/** Runs the present stage and records its ending; true when the same holder goes on with the next one. */
const runOneStage = async (deps: RunStageDeps, run: Run): Promise<boolean> => {
  const startedMs = deps.clock.monotonicMs()
  if (isLost(deps, run)) return false
  const obstacle = obstacleOf(deps, run)
  if (obstacle !== null) {
    if (!(await run.written)) return false
    return record(deps, run, { decision: await endBefore(deps, run, obstacle), words: silence, startedMs })
  }

  const { job, plan } = run
  const onUntold = (error: unknown) => deps.telemetry.state('job.write_failed', { jobId: job.id, error })
  const voice = createStageVoice(
    { clock: deps.clock, job, plan, isOwing: run.owed !== null, onUntold },
    (words) => tell(deps, run, words),
  )
  const { outcome, calls } = await observeAttempt(deps.provider, startedMs, () =>
    attemptStage(deps, { ...run, awaitWritten: () => awaitWritten(run) }, voice),
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

type Obstacle = 'canceled' | 'stopping' | 'late' | 'crashing'

/** What keeps a stage from being begun at all. */
const obstacleOf = ({ clock }: RunStageDeps, run: Run): Obstacle | null => {
  const { job, lease, deadlineMs } = run
  if (run.isCancelRequested || lease.stopReason === 'canceled') return 'canceled'
  if (lease.stopReason === 'stopping') return 'stopping'
  if (deadlineMs !== null && clock.monotonicMs() >= deadlineMs) return 'late'
  return job.crashCount >= maxCrashes ? 'crashing' : null
}

const endBefore = async (deps: RunStageDeps, run: Run, obstacle: Obstacle): Promise<Decision> => {
  const { stage, crashCount } = run.job
  if (obstacle === 'stopping') return releaseJob(stage)
  const patch = await settleInterrupted(deps, run)
  switch (obstacle) {
    case 'canceled':
      return cancelJob(stage, patch)
    case 'late':
      return failJob(stage, 'deadline_exceeded', 'the deadline of the job has passed', patch)
    case 'crashing':
      return failJob(
        stage,
        'internal',
        `put aside: ${crashCount} workers in a row were lost in stage ${stage}`,
        patch,
      )
  }
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
  const isUnwanted = () => run.isCancelRequested || lease.stopReason === 'canceled'
  // What is open is read from the rows, and whether the job is wanted still is told with the writing.
  if ((isUnwanted() || decision?.verb === 'fail') && !(await run.written)) return null
  if (isUnwanted() && decision?.verb !== 'succeed')
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
  const { renderId } = decision.patch
  if (typeof renderId === 'string') run.scratch.freshRenderId = renderId
  if (mayOwe(run, decision)) {
    run.owed = ending
    run.job = applyPatch(job, ending.patch, job.seq)
    run.stageEnteredMs = endedAtMs
    return true
  }
  if (!(await run.written)) return false
  const written = writeEnding(deps, run, decision.verb, ending, decision.dueInMs)
  run.stageEnteredMs = endedAtMs
  if (decision.verb === 'advance') return true
  const state = lifecycle[decision.verb].to
  if ((await written) && isFinished(state))
    deps.telemetry.state('job.finished', {
      jobId: job.id,
      attempt: job.attempt,
      state,
      failureCode: decision.attempt.failureCode,
    })
  return false
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

/** Writes what a stage says before it ends. What cannot be written is lost, and leaves the job as it was. */
const tell = async (deps: RunStageDeps, run: Run, words: Words): Promise<void> => {
  const { job, owed } = run
  const ending = wordsAfter(owed, { ...words, patch: { ...words.patch, ...afterWords(job) } })
  if (ending.events.length === 0 || !(await run.written)) return
  await writeEnding(deps, run, owed === null ? 'note' : 'advance', ending, null).catch((error: unknown) => {
    Object.assign(run, { job, owed, written: Promise.resolve(true) })
    throw error
  })
}
