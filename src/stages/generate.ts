import { createHash } from 'node:crypto'
import { LeaseLost } from '../job/leases.ts'
import { done, fail, hold, type SideRow, type StageNotes, type StageOutcome } from '../job/outcome.ts'
import { type MessageChannel, ProviderError, type SendResult } from '../providers/provider.ts'
import { awaitStray } from './await-stray.ts'
import { lookTwice } from './look-twice.ts'
import { renewSession } from './renew-session.ts'
import { requireSession } from './require-session.ts'
import type { Baseline, BudgetLimit, Permit, PermitDesk, Stage, StageContext } from './stage.ts'

/**
 * Sends one message, which may cost credits, and reads its stream to the end. The order is what keeps money safe:
 * baseline over the message's own connection → permit committed → sent once, on that connection, the lease and the
 * mark of the permit asked for with the first byte (guarantees.md §2.1-3). A message whose permit exists already is never
 * sent again: `confirm` looks for its effect.
 */
export const generate: Stage = {
  name: 'generate',
  timeoutMs: ({ messageMaxMs }) => messageMaxMs + 120_000,
  retryDelaysMs: [1_000, 5_000, 15_000, 30_000, 60_000, 120_000, 120_000, 120_000],

  async run(context) {
    const { job, access, provider } = context
    const estimate = context.estimatedCredits(job.messageNo)
    // Whoever holds the job knows what it has spent, what is at risk included: nobody else spends for it.
    const leftCredits = Math.max(0, (job.request.maxCredits ?? Number.POSITIVE_INFINITY) - job.creditsSpent)
    if (leftCredits < estimate) {
      const maxCredits = job.request.maxCredits ?? 0
      return overBudget(estimate, { kind: 'job', maxCredits, leftCredits, renewsAt: null })
    }
    const channel = provider.openChannel(access, requireSession(job))
    try {
      return await sendOnce(context, channel, estimate)
    } finally {
      await channel.close()
    }
  },
}

const sendOnce = async (
  context: StageContext,
  channel: MessageChannel,
  creditsReserved: number,
): Promise<StageOutcome> => {
  const { job, permits } = context
  const text = await context.messageText(job.messageNo)
  const baseline = await readBaseline(channel, context.signal)
  if (baseline instanceof ProviderError) return concludeWithoutBaseline(context, baseline)
  const held = await awaitStray(context, baseline)
  if (held !== null) return held
  const opened = await permits.open({
    messageNo: job.messageNo,
    providerSessionId: requireSession(job),
    messageDigest: createHash('sha256').update(text).digest('hex'),
    baseline,
    creditsReserved,
  })
  switch (opened.outcome) {
    // A cancel is found by whoever takes the job next, which is at once.
    case 'denied':
      return hold(5_000, 'session_busy', { notes: job.notes })
    case 'over_budget':
      return overBudget(creditsReserved, opened.limit)
    case 'found':
      return done({ notes: notesFor(opened.permit, evidenceOfFound(opened.permit)) })
    case 'opened':
      return sendOn(context, channel, opened.permit, text)
  }
}

/**
 * A connection may have to be made first, and a process may stand still: whether the message is ours to send is asked
 * with its first byte. Where it is not, or the lease was lost on the way, the next holder decides, who must know what did not
 * happen.
 */
const sendOn = async (
  context: StageContext,
  channel: MessageChannel,
  permit: Permit,
  text: string,
): Promise<StageOutcome> => {
  let isGivenUp = false
  const mayLeave = (): boolean => {
    isGivenUp = !context.lease.isHeld() || !context.permits.mayLeave(permit.id)
    return !isGivenUp
  }
  const result = await send(context, channel, { permit, text, mayLeave })
  if (isGivenUp || !context.lease.isHeld()) disclaimWithoutEffect(context.permits, permit, result)
  if (isGivenUp) throw new LeaseLost(`message ${context.job.messageNo} was given up before it left`)
  return concludeSend(context, permit, result)
}

const disclaimWithoutEffect = (permits: PermitDesk, { id }: Permit, result: SendResult): void => {
  if (result.outcome === 'not_sent')
    permits.disclaim(id, { state: 'not_sent', detail: { cause: result.cause } })
  if (result.outcome === 'rejected')
    permits.disclaim(id, { state: 'rejected', detail: { code: result.error.code } })
}

const budgetWords: Record<BudgetLimit['kind'], string> = {
  job: 'the job’s max_credits',
  batch: 'the batch’s max_credits',
  day: 'the tenant’s max_credits_per_day',
}

/** Nothing was sent, and nothing reserved. */
const overBudget = (
  estimate: number,
  { kind, maxCredits, leftCredits, renewsAt }: BudgetLimit,
): StageOutcome => {
  const renewal = renewsAt === null ? '' : `; it is renewed at ${renewsAt.toISOString()}`
  return fail(
    'budget_exceeded',
    `the next message costs about ${estimate} credits, and ${budgetWords[kind]} of ${maxCredits} has ${leftCredits} left${renewal}`,
  )
}

const readBaseline = async (
  channel: MessageChannel,
  signal: AbortSignal,
): Promise<Baseline | ProviderError> => {
  try {
    const { fingerprint } = await lookTwice(() => channel.readSession(signal))
    const { available, frozen } = await lookTwice(() => channel.readCredits(signal))
    return { fingerprint, available, frozen }
  } catch (error) {
    if (error instanceof ProviderError) return error
    throw error
  }
}

/**
 * Nothing is sent without a baseline. A message that an earlier holder has sent is left to `confirm`, which looks for
 * it with more patience; a session that was lost before anything was sent in it is made anew.
 */
const concludeWithoutBaseline = async (
  context: StageContext,
  error: ProviderError,
): Promise<StageOutcome> => {
  const earlier = await context.permits.findOpen()
  if (earlier !== null) return done({ notes: notesFor(earlier, evidenceOfFound(earlier)) })
  const renewed = error.code === 'provider_session_lost' ? await renewSession(context) : null
  if (renewed === null) throw error
  return renewed
}

const send = (
  context: StageContext,
  channel: MessageChannel,
  {
    permit,
    text,
    mayLeave,
  }: { readonly permit: Permit; readonly text: string; readonly mayLeave: () => boolean },
): Promise<SendResult> => {
  const { tell, permits, provider, job, signal } = context
  let seen = 0
  return channel.send(
    text,
    {
      mayLeave,
      onAccepted: () => permits.accept(permit.id),
      onEvent: (event) => {
        if (event.type === 'heartbeat') return
        seen += 1
        tell.progress(1 - 1 / (1 + seen / 3))
        if (event.type === 'text')
          tell.message(provider.translateText(event.text, job.request.language ?? 'en'))
      },
    },
    signal,
  )
}

/** What is known about the message, left for `confirm`. */
export type Evidence = 'answered' | 'silent' | 'empty' | 'failed' | 'broken' | 'undecided' | 'unknown'

const evidenceOfFound = ({ state }: Permit): Evidence => (state === 'accepted' ? 'broken' : 'unknown')

const notesFor = (permit: Permit, evidence: Evidence): StageNotes => ({
  permit_id: permit.id,
  reserved: permit.creditsReserved,
  fingerprint: permit.baseline.fingerprint,
  available: permit.baseline.available,
  frozen: permit.baseline.frozen,
  evidence,
})

const closePermit = (
  { id }: Permit,
  state: 'not_sent' | 'rejected',
  detail: Readonly<Record<string, string | number | null>>,
): SideRow => ({ kind: 'permit', id, state, credits_settled: null, is_estimated: false, detail })

const concludeSend = async (
  context: StageContext,
  permit: Permit,
  result: SendResult,
): Promise<StageOutcome> => {
  const { provider, job } = context
  switch (result.outcome) {
    case 'not_sent':
      return fail('provider_unavailable', `the message could not be sent: ${result.cause}`, {
        patch: { rows: [closePermit(permit, 'not_sent', { cause: result.cause })] },
      })
    case 'rejected':
      return concludeRejected(context, permit, result.error)
    case 'undecided':
      return done({ notes: { ...notesFor(permit, 'undecided'), http_status: result.httpStatus } })
    case 'unknown':
      return done({ notes: { ...notesFor(permit, 'unknown'), cause: result.cause.slice(0, 300) } })
    case 'broken':
      return done({ notes: { ...notesFor(permit, 'broken'), cause: result.cause.slice(0, 300) } })
    case 'ended': {
      const { turn } = result
      const message =
        turn.text === '' ? {} : { message: provider.translateText(turn.text, job.request.language ?? 'en') }
      if (turn.kind === 'error')
        return done({
          ...message,
          notes: { ...notesFor(permit, 'failed'), cause: (turn.error ?? '').slice(0, 300) },
        })
      return done({ ...message, notes: notesFor(permit, turn.kind) })
    }
  }
}

const concludeRejected = async (
  context: StageContext,
  permit: Permit,
  error: ProviderError,
): Promise<StageOutcome> => {
  const rows = [closePermit(permit, 'rejected', { code: error.code, provider_code: error.providerCode })]
  const renewed = error.code === 'provider_session_lost' ? await renewSession(context, rows) : null
  if (renewed !== null) return renewed
  const retryAfterMs =
    error.code === 'provider_rate_limited'
      ? (error.retryAfterMs ?? context.timings.rateLimitWaitMs)
      : error.retryAfterMs
  return fail(error.code, error.message, { retryAfterMs, patch: { rows } })
}
