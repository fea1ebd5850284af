/**
 * What a client says in a conversation (api.md §2): routed by what it asks for, in English or Chinese, before anything
 * goes to the provider. What spends, renders or hands over files becomes a job; the rest is answered at once.
 */
import type { ConversationAction } from '../job/conversation.ts'
import { newId } from '../job/ids.ts'
import type { JobPurpose } from '../job/plan.ts'
import type { SubtitleFormat } from '../providers/provider.ts'
import type { JobRecord } from '../store/job-record.ts'
import type { SessionRecord, SessionStore } from '../store/sessions.ts'
import { type AcceptSessionJobDeps, acceptSessionJob, newJobId } from './accept-session-job.ts'
import { type CheckedMessage, type CheckMessageDeps, checkMessage } from './check-message.ts'
import { replyOfJob, type Tongue, tongueOf, wordsIn } from './conversation-words.ts'
import type { CreditsReading } from './credits-reading.ts'
import type { Fault } from './fault.ts'
import { findReplay } from './idempotency.ts'
import { type InSessionDeps, inSession, type NotInSession, type SessionRequest } from './in-session.ts'
import { hasNothingToExport, type NothingToExportDeps } from './nothing-to-export.ts'
import type { ProviderAway } from './provider-away.ts'
import type { DraftReading } from './read-timeline.ts'
import type { Refusal } from './refusal.ts'

export interface SendMessageDeps
  extends CheckMessageDeps,
    AcceptSessionJobDeps,
    InSessionDeps,
    NothingToExportDeps {
  readonly sessions: Pick<SessionStore, 'find' | 'recordExchange'>
  readonly readCredits: (tenantId: string) => Promise<CreditsReading>
}

export interface SendMessageInput extends SessionRequest {
  readonly queueBound: number
  /** Null: what the tenant's jobs spend in a day is not limited. */
  readonly maxCreditsPerDay: number | null
  readonly body: unknown
  /** What was found wrong outside of the body already. */
  readonly faults: readonly Fault[]
  /** May whoever asks see the credits of the account? */
  readonly mayReadCredits: boolean
  /** The answer as it is sent, and as it is stored under the key. */
  readonly toBody: (answer: ConversationAnswer) => Readonly<Record<string, unknown>>
}

export interface ConversationAnswer {
  readonly action: ConversationAction
  readonly reply: string
  readonly job?: JobRecord
  readonly credits?: Extract<CreditsReading, { outcome: 'read' }>
  readonly timeline?: Extract<DraftReading, { outcome: 'read' }>['timeline']
  readonly subtitles?: { readonly format: SubtitleFormat; readonly content: string }
}

export type SendMessageOutcome =
  | {
      readonly outcome: 'accepted'
      readonly answer: ConversationAnswer
      readonly job: JobRecord
      readonly tongue: Tongue
    }
  | { readonly outcome: 'answered'; readonly answer: ConversationAnswer }
  | Refusal
  | ProviderAway
  | { readonly outcome: 'session_lost' | 'forbidden' | 'queue_full' | 'session_full' }
  | NotInSession

/** A message that was found right, and where it was said. */
interface Said extends Pick<SendMessageInput, 'keyed' | 'queueBound' | 'mayReadCredits' | 'toBody'> {
  readonly session: SessionRecord
  readonly message: Extract<CheckedMessage, { outcome: 'acceptable' }>
  readonly tongue: Tongue
}

export const sendMessage = (deps: SendMessageDeps, input: SendMessageInput): Promise<SendMessageOutcome> =>
  inSession<SendMessageOutcome>(deps, input, async (session) => {
    const message = await checkMessage(deps, session, input)
    if (message.outcome === 'refused') return message
    const tongue = tongueOf(session.language, message.text)
    return carryOut(deps, { ...input, session, message, tongue })
  })

const carryOut = (deps: SendMessageDeps, said: Said): Promise<SendMessageOutcome> => {
  const { session, message, tongue } = said
  const { action } = message.intent
  if (action === 'credits') return answerCredits(deps, said)
  if (session.lostAt !== null) return Promise.resolve({ outcome: 'session_lost' })
  const isEmpty = session.providerSessionId === null
  switch (action) {
    case 'status':
    case 'subtitles':
      return isEmpty ? answer(deps, said, { reply: emptyWords(said) }) : answerFromDraft(deps, said)
    case 'export':
      return answerExport(deps, said)
    case 'upload':
      return message.inputs.length === 0
        ? answer(deps, said, { reply: wordsIn(tongue).howToUpload })
        : acceptJob(deps, said, 'upload')
    case 'generate':
      return acceptJob(deps, said, 'message')
  }
}

const answerExport = async (deps: SendMessageDeps, said: Said): Promise<SendMessageOutcome> =>
  (await hasNothingToExport(deps, said.session))
    ? answer(deps, said, { reply: wordsIn(said.tongue).nothingToExport })
    : acceptJob(deps, said, 'export')

const answerCredits = async (deps: SendMessageDeps, said: Said): Promise<SendMessageOutcome> => {
  if (!said.mayReadCredits) return { outcome: 'forbidden' }
  const reading = await deps.readCredits(said.session.tenantId)
  if (reading.outcome !== 'read') return reading
  return answer(deps, said, { reply: wordsIn(said.tongue).credits(reading.credits), credits: reading })
}

const emptyWords = ({ session, tongue }: Said): string =>
  session.openJobIds.length > 0 ? wordsIn(tongue).busy : wordsIn(tongue).nothingYet

const answerFromDraft = async (deps: SendMessageDeps, said: Said): Promise<SendMessageOutcome> => {
  const { session, message, tongue } = said
  const reading = await deps.readDraft(session.tenantId, session)
  if (reading.outcome !== 'read')
    return reading.outcome === 'no_draft' ? { outcome: 'session_lost' } : reading
  const { timeline } = reading
  if (message.intent.action !== 'subtitles') {
    const busy = session.openJobIds.length > 0 ? [wordsIn(tongue).busy] : []
    const line = timeline.timelineLine ?? wordsIn(tongue).nothingYet
    return answer(deps, said, { reply: [line, ...busy].join(' '), timeline })
  }
  const { format } = message.intent
  const hasText = timeline.tracks.some(({ kind, segments }) => kind === 'text' && segments.length > 0)
  if (!hasText) return answer(deps, said, { reply: wordsIn(tongue).noSubtitles })
  const subtitles = { format, content: reading.subtitles(format) }
  return answer(deps, said, { reply: wordsIn(tongue).subtitles(format.toUpperCase()), subtitles })
}

/** Answers at once and keeps both sides of it, together with the answer under the key. */
const answer = async (
  deps: SendMessageDeps,
  said: Said,
  words: Omit<ConversationAnswer, 'action'>,
): Promise<SendMessageOutcome> => {
  const { session, message, keyed, toBody } = said
  const { tenantId, id: sessionId } = session
  const { action } = message.intent
  const full: ConversationAnswer = { action, ...words }
  const nowMs = deps.clock.nowMs()
  const messageIds = [newId('message', nowMs), newId('message', nowMs)] as const
  const stored =
    keyed === null ? null : { ...keyed, tenantId, resourceId: messageIds[0], status: 200, body: toBody(full) }
  const exchange = { messageIds, sessionId, tenantId, action, text: message.text, reply: full.reply }
  for (let round = 0; round < maxRounds; round += 1) {
    if (await deps.sessions.recordExchange(exchange, stored)) return { outcome: 'answered', answer: full }
    if (keyed === null) break
    const replay = await findReplay(deps.idempotency, tenantId, keyed)
    if (replay !== null) return replay
    await deps.idempotency.forgetExpired({ tenantId, route: keyed.route, key: keyed.key })
  }
  throw new Error('an exchange of a conversation could not be recorded')
}

const maxRounds = 3

/** "export in 4k": what of the words is a wish that the provider takes with a render. */
const wishesIn = (text: string): { readonly resolution?: string } => {
  const resolution = /(?<![\da-z])(?:\d{3,4}p|[248]k)(?![\da-z])/i.exec(text)?.[0].toLowerCase()
  return resolution === undefined ? {} : { resolution }
}

const acceptJob = async (
  deps: SendMessageDeps,
  said: Said,
  purpose: Exclude<JobPurpose, 'video'>,
): Promise<SendMessageOutcome> => {
  const { session, message, tongue, keyed, queueBound, toBody } = said
  const { action } = message.intent
  const toAnswer = (job: JobRecord): ConversationAnswer => ({
    action,
    reply: session.openJobIds.length > 0 ? wordsIn(tongue).queued : replyOfJob(job, tongue),
    job,
  })
  const isMessage = purpose === 'message'
  const result = await acceptSessionJob(deps, {
    session,
    keyed,
    queueBound,
    jobField: 'job',
    toBody: (job) => toBody(toAnswer(job)),
    job: {
      id: newJobId(deps.clock),
      purpose,
      prompt: isMessage ? message.text : '',
      inputs: purpose === 'export' ? [] : message.inputs,
      output: purpose === 'export' ? wishesIn(message.text) : {},
      creditsEstimated: isMessage ? message.credits : 0,
      language: session.language ?? (tongue === 'zh' ? 'zh' : null),
      said: { action, text: message.text },
    },
  })
  return result.outcome === 'created'
    ? { outcome: 'accepted', answer: toAnswer(result.job), job: result.job, tongue }
    : result
}
