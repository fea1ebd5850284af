import { jittered, retryDelayMs } from './backoff.ts'
import type { NewJobEvent } from './events.ts'
import { type FailureCode, failureCatalog } from './failure.ts'
import type { Job } from './job.ts'
import type { Verb } from './lifecycle.ts'
import type { JobPatch, StageNotes, StageOutcome } from './outcome.ts'
import { nextPosition, type Position, progressAt, type StageName } from './plan.ts'

/** The next row of a job after a stage has ended: which verb, what it fills in, what is told. */
export interface Decision {
  readonly verb: Extract<Verb, 'advance' | 'park' | 'retry' | 'succeed' | 'fail' | 'cancel' | 'release'>
  readonly patch: RowPatch
  readonly events: readonly NewJobEvent[]
  /** When the job is due again, in milliseconds from now on the database's clock; null while it stays held or ended. */
  readonly dueInMs: number | null
  /** How the attempt row reads. */
  readonly attempt: {
    readonly outcome: AttemptOutcome
    readonly failureCode: FailureCode | null
    readonly note: string | null
  }
}

export type AttemptOutcome = 'done' | 'wait' | 'fail' | 'canceled' | 'released'

/** A stage's own patch and the columns that only a decision fills. */
export interface RowPatch extends JobPatch {
  readonly stage?: StageName
  readonly messageNo?: number
  readonly tries?: number
  readonly crashCount?: number
  readonly progress?: number
  readonly failureCode?: FailureCode | null
  readonly failureMessage?: string | null
  readonly failureStage?: StageName | null
  readonly timings?: Readonly<Record<string, number>>
}

export interface Decidable {
  readonly job: Pick<
    Job,
    'stage' | 'messageNo' | 'tries' | 'crashCount' | 'notes' | 'progress' | 'timings' | 'renderId'
  >
  readonly plan: readonly Position[]
  readonly outcome: StageOutcome
  /** The stage's delays before each retry; their number is the number of retries. */
  readonly retryDelaysMs: readonly number[]
  /** Milliseconds since the stage was entered, waits included; null when unknown. */
  readonly stageMs: number | null
  /** In [0, 1). */
  readonly random: number
  /** Given to the job when it comes near `export` without a render id: the id is recorded before it is used. */
  readonly newRenderId: string
}

/** What becomes of the job: pure, so that every ending can be tested without a database. */
export const decide = (input: Decidable): Decision => {
  switch (input.outcome.kind) {
    case 'done':
      return decideDone(input, input.outcome)
    case 'wait':
      return decideWait(input, input.outcome)
    case 'fail':
      return decideFail(input, input.outcome)
    case 'back':
      return decideBack(input, input.outcome)
  }
}

type Ending<K extends StageOutcome['kind']> = Extract<StageOutcome, { kind: K }>

const decideDone = (input: Decidable, outcome: Ending<'done'>): Decision => {
  const { job, plan, stageMs } = input
  const here: Position = { stage: job.stage, messageNo: job.messageNo }
  const next = nextPosition(plan, here)
  const finished: NewJobEvent = {
    type: 'job.stage_finished',
    data: {
      stage: here.stage,
      message_no: here.messageNo,
      ms: stageMs === null ? null : Math.round(stageMs),
    },
  }
  const settled = {
    ...outcome.patch,
    notes: withoutWait(outcome.patch.notes ?? {}),
    tries: 0,
    crashCount: 0,
    timings: addTiming(job, stageMs),
  }
  const attempt = { outcome: 'done', failureCode: null, note: null } as const
  if (next === null) {
    const succeeded: NewJobEvent = {
      type: 'job.succeeded',
      data: { artifact_id: outcome.patch.artifactId ?? null },
    }
    return {
      verb: 'succeed',
      patch: { ...settled, progress: 1 },
      events: [finished, succeeded],
      dueInMs: null,
      attempt,
    }
  }
  const progress = Math.max(job.progress, progressAt(plan, next, 0))
  return {
    verb: 'advance',
    patch: {
      ...withRenderId(input, settled, next),
      stage: next.stage,
      messageNo: next.messageNo,
      progress,
    },
    events: [
      finished,
      { type: 'job.stage_started', data: { stage: next.stage, message_no: next.messageNo, progress } },
    ],
    dueInMs: null,
    attempt,
  }
}

const decideWait = ({ job, random }: Decidable, outcome: Ending<'wait'>): Decision => {
  const dueInMs = jittered(outcome.forMs, 0.1, random)
  // A rescue was told since: without a word of the wait the events would leave the job running.
  const isNews = job.notes['waiting_for'] !== outcome.reason || job.crashCount > 0
  const notes = { ...(outcome.patch.notes ?? job.notes), waiting_for: outcome.reason }
  return {
    verb: 'park',
    patch: { ...outcome.patch, notes, crashCount: 0, ...(outcome.isHeld === true ? {} : { tries: 0 }) },
    events: isNews
      ? [{ type: 'job.waiting', data: { stage: job.stage, reason: outcome.reason, due_in_ms: dueInMs } }]
      : [],
    dueInMs,
    attempt: { outcome: 'wait', failureCode: null, note: outcome.reason },
  }
}

const decideFail = ({ job, retryDelaysMs, random }: Decidable, outcome: Ending<'fail'>): Decision => {
  const { code, message, patch } = outcome
  const attempt = { outcome: 'fail', failureCode: code, note: message } as const
  const delayMs =
    failureCatalog[code].retry === 'schedule'
      ? retryDelayMs(retryDelaysMs, job.tries, { retryAfterMs: outcome.retryAfterMs, random })
      : null
  if (delayMs === null) return { ...failJob(job.stage, code, message, patch), attempt }
  const tries = job.tries + 1
  return {
    verb: 'retry',
    patch: { ...patch, tries, crashCount: 0, notes: { ...(patch.notes ?? job.notes), waiting_for: 'retry' } },
    events: [
      { type: 'job.retrying', data: { stage: job.stage, code, message, try: tries, delay_ms: delayMs } },
    ],
    dueInMs: delayMs,
    attempt,
  }
}

const decideBack = (input: Decidable, { to, reason, patch }: Ending<'back'>): Decision => ({
  verb: 'retry',
  patch: {
    // What comes of another message is another render.
    ...(to === 'generate'
      ? { ...patch, renderId: null }
      : withRenderId(input, patch, { stage: to, messageNo: input.job.messageNo })),
    stage: to,
    tries: 0,
    crashCount: 0,
    notes: withoutWait(patch.notes ?? {}),
  },
  events: [
    { type: 'job.retrying', data: { stage: to, code: 'repeat', message: reason, try: 0, delay_ms: 0 } },
  ],
  dueInMs: 0,
  attempt: { outcome: 'wait', failureCode: null, note: reason },
})

/**
 * What changes besides when a holder says something: that is progress, and the holders that were lost before are no longer
 * counted (guarantees.md §2.1-12). With them goes why the job waited, which would not be told again after their rescue.
 */
export const afterWords = ({ crashCount, notes }: Job): Pick<RowPatch, 'crashCount' | 'notes'> =>
  crashCount === 0 ? {} : { crashCount: 0, notes: withoutWait(notes) }

/** Why a stage waited is nothing to the next one, which says so again when it waits for the same. */
const withoutWait = ({ waiting_for: _, ...notes }: StageNotes): StageNotes => notes

/** The id is written one stage ahead, so that the stage may begin before the end of that one is written. */
const withRenderId = ({ job, plan, newRenderId }: Decidable, patch: JobPatch, to: Position): JobPatch => {
  const renderId = patch.renderId === undefined ? job.renderId : patch.renderId
  const isNear =
    to.stage === 'export' || (to.stage === 'confirm' && nextPosition(plan, to)?.stage === 'export')
  return isNear && renderId === null ? { ...patch, renderId: newRenderId } : patch
}

/** The end of a job in `failed`, wherever it is. */
export const failJob = (
  stage: StageName,
  code: FailureCode,
  message: string,
  patch: JobPatch = {},
): Decision & { readonly verb: 'fail' } => ({
  verb: 'fail',
  patch: { ...patch, failureCode: code, failureMessage: message, failureStage: stage },
  events: [
    { type: 'job.failed', data: { code, message, stage, retryable: failureCatalog[code].isRetryable } },
  ],
  dueInMs: null,
  attempt: { outcome: 'fail', failureCode: code, note: message },
})

/** The end of a job that its client no longer wants. */
export const cancelJob = (
  stage: StageName,
  patch: JobPatch = {},
): Decision & { readonly verb: 'cancel' } => ({
  verb: 'cancel',
  patch,
  events: [{ type: 'job.canceled', data: { stage } }],
  dueInMs: null,
  attempt: { outcome: 'canceled', failureCode: null, note: null },
})

/** The job goes back to the line at once, because its holder stops. */
export const releaseJob = (stage: StageName): Decision & { readonly verb: 'release' } => ({
  verb: 'release',
  patch: {},
  events: [{ type: 'job.waiting', data: { stage, reason: 'handed_back', due_in_ms: 0 } }],
  dueInMs: 0,
  attempt: { outcome: 'released', failureCode: null, note: null },
})

const addTiming = ({ stage, timings }: Decidable['job'], stageMs: number | null): Record<string, number> => {
  const key = `${stage}_ms`
  return stageMs === null ? timings : { ...timings, [key]: (timings[key] ?? 0) + Math.round(stageMs) }
}
