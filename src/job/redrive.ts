/**
 * How a failed job runs again (api.md §1 "redrive"): from which stage, what that keeps, and whether a message would be
 * sent that may have been paid for already. Pure, and the only place that lets a message out a second time: permits
 * are unique within one attempt of the job, so the next attempt has none of its own (guarantees.md §2.1-2).
 */
import type { RowPatch } from './decide.ts'
import type { NewJobEvent } from './events.ts'
import { canTransition } from './lifecycle.ts'
import type { StageNotes, Warning } from './outcome.ts'
import { type Position, progressAt, type StageName } from './plan.ts'
import {
  endedRenders,
  findUndecided,
  type GoneUpload,
  possibleStages,
  type RecordedPermit,
  type Redrivable,
  rankOf,
  startAt,
  usualStage,
  withoutEffect,
} from './redrive-stage.ts'

/** What an earlier attempt has left that the next one uses. */
export const reusables = ['session', 'uploads', 'messages', 'render'] as const
export type Reusable = (typeof reusables)[number]

export type RedriveDecision =
  | {
      readonly outcome: 'redriven'
      readonly patch: RedrivePatch
      readonly events: readonly NewJobEvent[]
      readonly fromStage: StageName
      readonly reused: readonly Reusable[]
      /** Stages, in their order. */
      readonly rerun: readonly StageName[]
      /** Of every message that will be sent, or may be. */
      readonly estimatedCredits: number
    }
  | {
      readonly outcome: 'cost_not_accepted'
      readonly fromStage: StageName
      readonly estimatedCredits: number
    }
  | {
      readonly outcome: 'uploads_gone'
      readonly fromStage: StageName
      readonly uploads: readonly GoneUpload[]
    }
  | { readonly outcome: 'stage_not_possible'; readonly possible: readonly StageName[] }
  | { readonly outcome: 'not_failed' }

export type RedrivePatch = RowPatch & { readonly attempt: number }

export const decideRedrive = (input: Redrivable): RedriveDecision => {
  if (!canTransition('redrive', input.job.state)) return { outcome: 'not_failed' }
  const possible = possibleStages(input)
  if (input.fromStage !== null && !possible.includes(input.fromStage))
    return { outcome: 'stage_not_possible', possible }
  const usual = usualStage(input)
  const stage = input.fromStage ?? (possible.includes(usual) ? usual : 'auth')
  const start = startAt(input, stage)
  const messageNos = messagesToSend(input, start)
  const uploads = lackedUploads(input, start, messageNos)
  if (uploads.length > 0) return { outcome: 'uploads_gone', fromStage: stage, uploads }
  const estimatedCredits = messageNos.reduce((sum, no) => sum + input.estimatedCredits(no), 0)
  const isAgain = messageNos.some((no) => input.permits.some((permit) => mayHaveCost(permit, no)))
  if (isAgain && !input.isCostAccepted)
    return { outcome: 'cost_not_accepted', fromStage: stage, estimatedCredits }
  return { ...restart(input, start), outcome: 'redriven', fromStage: stage, estimatedCredits }
}

const mayHaveCost = ({ messageNo, state }: RecordedPermit, no: number): boolean =>
  messageNo === no && !withoutEffect.includes(state)

const indexOf = (plan: readonly Position[], start: Position): number =>
  plan.findIndex(({ stage, messageNo }) => stage === start.stage && messageNo === start.messageNo)

/**
 * The messages that will be sent from there on. One that is only looked for counts where its cost is accepted: then
 * it is sent again when it is not found.
 */
const messagesToSend = ({ plan, isCostAccepted }: Redrivable, start: Position): readonly number[] => {
  const later = plan
    .slice(indexOf(plan, start))
    .filter(({ stage }) => stage === 'generate')
    .map(({ messageNo }) => messageNo)
  return start.stage === 'confirm' && isCostAccepted ? [start.messageNo, ...later] : later
}

/** Those that are gone and will be asked for: by `upload` all of them, by the first message the words of texts. */
const lackedUploads = (
  { plan, goneUploads }: Redrivable,
  start: Position,
  messageNos: readonly number[],
): readonly GoneUpload[] => {
  if (plan.slice(indexOf(plan, start)).some(({ stage }) => stage === 'upload')) return goneUploads
  return messageNos.includes(0) ? goneUploads.filter(({ isHandedOver }) => !isHandedOver) : []
}

const restart = (
  input: Redrivable,
  start: Position,
): Pick<Extract<RedriveDecision, { outcome: 'redriven' }>, 'patch' | 'events' | 'reused' | 'rerun'> => {
  const { job, plan } = input
  const progress = progressAt(plan, start, 0)
  const attempt = job.attempt + 1
  const isNewSession =
    rankOf(start.stage) <= rankOf('session') && (job.sessionId === null || job.providerSessionId === null)
  const renderId = renderIdFor(input, start.stage)
  const undecided = findUndecided(input)
  const patch: RedrivePatch = {
    stage: start.stage,
    messageNo: start.messageNo,
    attempt,
    tries: 0,
    crashCount: 0,
    progress,
    failureCode: null,
    failureMessage: null,
    failureStage: null,
    notes: start.stage === 'confirm' && undecided !== null ? notesToConfirm(input, undecided) : {},
    renderId,
    ...(start.stage === 'deliver' ? {} : { renderUrl: null }),
    ...(isNewSession ? withoutSession : {}),
    ...(isNewSession && start.stage === 'auth' ? { accountId: null } : {}),
    warnings: warningsToKeep(job.warnings, start),
  }
  return {
    patch,
    events: [
      { type: 'job.redriven', data: { stage: start.stage, message_no: start.messageNo, progress, attempt } },
    ],
    reused: reusedFrom(input, start, { isNewSession, renderId }),
    rerun: [...new Set(plan.slice(indexOf(plan, start)).map(({ stage }) => stage))],
  }
}

const withoutSession = {
  providerSessionId: null,
  providerTaskId: null,
  providerUserId: null,
  timeline: null,
} as const

/** A render that was perhaps asked for keeps its id, so that asking again makes no second one. */
const renderIdFor = ({ job, newRenderId }: Redrivable, from: StageName): string | null => {
  if (rankOf(from) < rankOf('export')) return null
  if (from !== 'export') return job.renderId
  const isKept = job.stage === 'export' && !endedRenders.includes(job.failureCode)
  return isKept && job.renderId !== null ? job.renderId : newRenderId
}

/**
 * What `confirm` works from. The message stays settled as it was until the look says otherwise. The balance of the
 * account is left out: since the message, others may have spent from it or filled it up.
 */
const notesToConfirm = ({ isCostAccepted }: Redrivable, permit: RecordedPermit): StageNotes => {
  const counted = permit.creditsSettled ?? 0
  return {
    permit_id: permit.id,
    reserved: permit.creditsReserved,
    fingerprint: permit.fingerprint,
    evidence: permit.state === 'settled' || permit.state === 'accepted' ? 'broken' : 'unknown',
    is_recovering: true,
    counted_spent: counted,
    counted_at_risk: permit.state === 'unknown' ? counted : 0,
    may_resend: isCostAccepted,
  }
}

/** What is said about steps that are sent again is said again. */
const warningsToKeep = (warnings: readonly Warning[], start: Position): readonly Warning[] =>
  start.messageNo === 0 && rankOf(start.stage) <= rankOf('generate')
    ? warnings.filter(({ code }) => code !== 'step_changed_nothing')
    : warnings

const reusedFrom = (
  { job, plan }: Redrivable,
  start: Position,
  { isNewSession, renderId }: { readonly isNewSession: boolean; readonly renderId: string | null },
): readonly Reusable[] => {
  const before = new Set(plan.slice(0, indexOf(plan, start)).map(({ stage }) => stage))
  const isReused: Record<Reusable, boolean> = {
    session: job.providerSessionId !== null && !isNewSession,
    uploads: before.has('upload'),
    messages: before.has('generate'),
    render: renderId !== null && renderId === job.renderId,
  }
  return reusables.filter((name) => isReused[name])
}
