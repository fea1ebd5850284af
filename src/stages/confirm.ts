import { back, done, fail, type JobPatch, type SideRow, type StageOutcome, wait } from '../job/outcome.ts'
import { asksForInput } from '../job/question.ts'
import type { SessionState } from '../providers/provider.ts'
import type { Evidence } from './generate.ts'
import { requireSession } from './require-session.ts'
import { creditsOf, isLastMessage, type MessageCost, withCost } from './settlement.ts'
import type { Stage, StageContext } from './stage.ts'

/**
 * Decides from the session's state what became of a message: reads only, safe to run any number of times
 * (guarantees.md §2.1-5). After a clean end of the stream the change is there at once or soon; after a broken one, an
 * undecided answer or a crash it is looked for every minute, and never sent again without proof of its absence.
 */
export const confirm: Stage = {
  name: 'confirm',
  isWrittenWith: ['export'],
  timeoutMs: () => 60_000,
  // The look itself is retried for long: while the provider is away nothing can be decided.
  retryDelaysMs: [1_000, 5_000, 15_000, 60_000, 300_000, ...Array.from({ length: 47 }, () => 1_800_000)],

  async run(context) {
    const { job, provider, access, permits, sessions, signal, scratch, timings } = context
    const notes = readNotes(context)
    if (notes.evidence === 'unknown' && (await permits.giveUp(notes.permitId)))
      return concludeUnsent(context, notes)
    if (notes.isRedriven && (await sessions.hasMovedOn(notes.permitId)))
      return concludeUnknown(context, notes, 'later ones of the conversation hide whether it had an effect')
    if (!notes.isClean && !notes.isRecovering)
      return wait(timings.recoveryFirstMs, 'recovery', { notes: { ...job.notes, is_recovering: true } })
    const state = await provider.readSession(access, requireSession(job), signal)
    scratch.session = state
    if (state.fingerprint === notes.fingerprint) return concludeUnchanged(context, notes, state)
    const isLast = isLastLook(context, notes)
    if (!isLast && !isSettled(notes, state)) return lookAgain(context, notes, state)
    const cost = await creditsOf(context, notes.permitId)
    return isLast || notes.isClean || !cost.isHeld
      ? adopt(context, notes, state, cost)
      : lookAgain(context, notes, state)
  },
}

interface Notes {
  readonly permitId: string
  readonly fingerprint: string
  readonly lastFingerprint: string | null
  readonly evidence: Evidence
  /** The stream said something and came to its end by itself; an empty one may as well have been cut. */
  readonly isClean: boolean
  /** The first look after anything but a clean end has been waited for. */
  readonly isRecovering: boolean
  /** An attempt before this one had given the message up: others of a conversation may have followed it. */
  readonly isRedriven: boolean
  readonly looks: number
}

const readNotes = ({ job }: StageContext): Notes => {
  const { permit_id, fingerprint, last_fingerprint, evidence, is_recovering, looks } = job.notes
  return {
    permitId: String(permit_id),
    fingerprint: String(fingerprint),
    lastFingerprint: typeof last_fingerprint === 'string' ? last_fingerprint : null,
    evidence: evidence as Evidence,
    isClean: evidence === 'answered' || evidence === 'silent',
    isRecovering: is_recovering === true,
    isRedriven: job.notes['counted_spent'] !== undefined,
    looks: Number(looks ?? 0),
  }
}

const isLastLook = ({ timings }: StageContext, { isClean, looks }: Notes): boolean =>
  looks >= (isClean ? timings.confirmLooksMs.length - 1 : timings.recoveryChecks)

const nextLookMs = ({ timings }: StageContext, { looks }: Notes): number =>
  (timings.confirmLooksMs[looks + 1] ?? 0) - (timings.confirmLooksMs[looks] ?? 0)

/**
 * Is this what the message was to make? After a clean end the provider has said so; else it may still be at it, and the
 * next message must not come in between.
 */
const isSettled = (
  { isClean, lastFingerprint }: Notes,
  { fingerprint, isExportable }: SessionState,
): boolean => isExportable && (isClean || lastFingerprint === fingerprint)

/** Soon where the session has changed since the last look; in its own time where it is only not ready. */
const lookAgain = (context: StageContext, notes: Notes, { fingerprint }: SessionState): StageOutcome => {
  const { job, timings } = context
  const recoveryMs =
    fingerprint === notes.lastFingerprint ? timings.recoveryEveryMs : timings.recoveryFirstMs / 2
  return wait(notes.isClean ? nextLookMs(context, notes) : recoveryMs, 'settling', {
    notes: { ...job.notes, looks: notes.looks + 1, last_fingerprint: fingerprint },
  })
}

const adopt = (
  context: StageContext,
  notes: Notes,
  { isExportable, timelineLine }: SessionState,
  cost: MessageCost,
): StageOutcome => {
  const patch = settled(context, notes, cost)
  const mustBeExportable = isLastMessage(context) && context.job.request.purpose === 'video'
  return mustBeExportable && !isExportable
    ? fail('draft_not_exportable', 'the provider changed the session but left nothing that can be exported', {
        patch,
      })
    : done({ ...patch, timeline: timelineLine })
}

/** The permit is closed with what the message has cost. */
const settled = (
  context: StageContext,
  { permitId, isRedriven }: Notes,
  { credits, isEstimated }: MessageCost,
): JobPatch => ({
  ...withCost(context, { spent: credits, atRisk: 0 }),
  rows: [
    {
      kind: 'permit',
      id: permitId,
      state: 'settled',
      credits_settled: credits,
      is_estimated: isEstimated,
      detail: isRedriven ? { interrupted: false } : {},
    },
  ],
})

const concludeUnchanged = (
  context: StageContext,
  notes: Notes,
  state: SessionState,
): Promise<StageOutcome> => {
  const { job, timings } = context
  if (!isLastLook(context, notes)) {
    const againInMs = notes.isClean ? nextLookMs(context, notes) : timings.recoveryEveryMs
    const reason = notes.isClean ? 'settling' : 'recovery'
    return Promise.resolve(wait(againInMs, reason, { notes: { ...job.notes, looks: notes.looks + 1 } }))
  }
  return notes.isClean ? concludeNoChange(context, notes, state) : concludeAbsent(context, notes)
}

const noCost = (context: StageContext): JobPatch => withCost(context, { spent: 0, atRisk: 0 })

/** The turn ended cleanly and changed nothing: a question, words of failure, or a step without effect. */
const concludeNoChange = async (
  context: StageContext,
  notes: Notes,
  state: SessionState,
): Promise<StageOutcome> => {
  const { job } = context
  const patch = settled(context, notes, await creditsOf(context, notes.permitId))
  if (job.messageNo > 0) {
    const warning = {
      code: 'step_changed_nothing',
      message: `step ${job.messageNo} left the draft as it was`,
    }
    return done({ ...patch, warnings: [...job.warnings, warning], timeline: state.timelineLine })
  }
  if (job.request.purpose === 'message') return concludeTurn(context, notes, state, patch)
  if (notes.evidence === 'answered' && asksForInput(job.message))
    return fail('awaiting_input', job.message ?? 'the provider answered without making anything', { patch })
  const words = notes.evidence === 'answered' ? job.message : null
  return fail('generation_failed', words ?? 'the provider ended its turn without making anything', { patch })
}

/** A turn of a conversation may be words alone. One without even that is told by a warning. */
const concludeTurn = (
  { job }: StageContext,
  { evidence }: Notes,
  state: SessionState,
  patch: JobPatch,
): StageOutcome => {
  const warning = { code: 'message_changed_nothing', message: 'the message left the draft as it was' }
  return done({
    ...patch,
    timeline: state.timelineLine,
    ...(evidence === 'silent' ? { warnings: [...job.warnings, warning] } : {}),
  })
}

/** How often its holder may be lost right before a message leaves, until it is put aside for a person. */
const maxUnsent = 20

const concludeUnsent = async (context: StageContext, { permitId }: Notes): Promise<StageOutcome> => {
  const { notSent } = await context.permits.countTries(permitId)
  return notSent < maxUnsent
    ? back('generate', 'the message was never sent, or was refused', noCost(context))
    : fail('internal', `put aside: its message was about to be sent ${notSent} times`, {
        patch: noCost(context),
      })
}

/** How often a message may be sent after answers that said "error" and proved to have had no effect. */
const maxTries = 3

const concludeAbsent = async (context: StageContext, notes: Notes): Promise<StageOutcome> => {
  const { permits } = context
  const free = { ...noCost(context), rows: [closedPermit(notes, 'not_accepted', null)] }
  if (notes.evidence === 'undecided' && !(await isCharged(context, notes))) {
    const { notAccepted } = await permits.countTries(notes.permitId)
    return notAccepted + 1 < maxTries
      ? back('generate', 'the provider answered with an error and did not act on the message', free)
      : fail('generation_failed', 'the provider answered every try with an error', { patch: free })
  }
  const failed = notes.evidence === 'failed' ? await concludeFailed(context, notes) : null
  if (failed !== null) return failed
  return (await isProvenAbsent(context, notes))
    ? back('generate', 'the message is proven not to have been carried out', free)
    : concludeUnknown(context, notes, 'the session does not show its effect')
}

/** The provider itself has said that it failed, and nothing came after it. Null while it holds credits for it still. */
const concludeFailed = async (context: StageContext, notes: Notes): Promise<StageOutcome | null> => {
  const cost = await creditsOf(context, notes.permitId)
  return cost.isHeld
    ? null
    : fail('generation_failed', `the provider reported an error${causeIn(context)}`, {
        patch: settled(context, notes, cost),
      })
}

const causeIn = ({ job: { notes } }: StageContext): string =>
  typeof notes['cause'] === 'string' && notes['cause'] !== '' ? `: ${notes['cause']}` : ''

const closedPermit = (
  { permitId, evidence, looks }: Notes,
  state: 'not_accepted' | 'unknown',
  credits: number | null,
): SideRow => ({
  kind: 'permit',
  id: permitId,
  state,
  credits_settled: credits,
  is_estimated: credits !== null,
  detail: { evidence, looks: looks + 1 },
})

/** Nobody can tell what came of the message: it is at risk, and not sent again unless somebody has accepted that. */
const concludeUnknown = (context: StageContext, notes: Notes, why: string): StageOutcome => {
  const { job } = context
  const reserved = Number(job.notes['reserved'] ?? 0)
  const patch = {
    ...withCost(context, { spent: reserved, atRisk: reserved }),
    rows: [closedPermit(notes, 'unknown', reserved)],
  }
  // Whoever redrove the job has accepted that this message is paid twice, should it have been taken after all.
  if (job.notes['may_resend'] === true)
    return back('generate', `${why}, and the cost of the message was accepted again`, patch)
  return fail('generation_outcome_unknown', `the message was sent, and ${why}${causeIn(context)}`, { patch })
}

/** Does the account's balance, where it tells, show that the provider has taken the message all the same? */
const isCharged = async (context: StageContext, { permitId }: Notes): Promise<boolean> => {
  const { credits, isEstimated, isHeld } = await creditsOf(context, permitId)
  return isHeld || (!isEstimated && credits > 0)
}

/** The job's opt-in, for once: only when the account's balance shows that nothing was charged. */
const isProvenAbsent = async (
  { job, provider, access, permits, signal }: StageContext,
  { evidence, permitId }: Notes,
): Promise<boolean> => {
  if (job.request.onUnknown !== 'resend_if_proven_absent' || evidence !== 'unknown') return false
  if ((await permits.countTries(permitId)).notAccepted > 0) return false
  const { available, frozen } = await provider.readCredits(access, signal)
  const isUncharged = available === job.notes['available'] && frozen === job.notes['frozen']
  return isUncharged && (await permits.wasAlone(permitId))
}
