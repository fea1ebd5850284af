/** Checks what is said in a conversation and tells what it asks for; nothing is stored or sent (api.md §2). */
import type { MessageIntent } from '../providers/provider.ts'
import { findSkill } from '../skills/index.ts'
import type { SessionRecord } from '../store/sessions.ts'
import { type CheckBudgetDeps, checkMessageBudget } from './check-budget.ts'
import { type CheckSourcesDeps, checkSources, type Sources } from './check-sources.ts'
import type { CreditEstimates } from './credit-estimates.ts'
import { type Fault, pointerTo, toFaults } from './fault.ts'
import { isJsonObject } from './merge-defaults.ts'
import type { Refusal } from './refusal.ts'
import { salvageFields, salvageInputs } from './salvage.ts'
import { MessageIn } from './session-in.ts'

export interface CheckMessageDeps extends CheckSourcesDeps, Pick<CheckBudgetDeps, 'budgets'> {
  readonly routeMessage: (text: string) => MessageIntent
  readonly estimates: CreditEstimates
}

export type CheckedMessage =
  | {
      readonly outcome: 'acceptable'
      readonly intent: MessageIntent
      readonly text: string
      readonly inputs: MessageIn['inputs']
      /** What it is taken to cost if it generates. */
      readonly credits: number
    }
  | Refusal

/** What of the body can be judged by sense. */
type Readable = Pick<MessageIn, 'text'> & Pick<Sources, 'inputs'>

export const checkMessage = async (
  deps: CheckMessageDeps,
  session: SessionRecord,
  {
    body,
    faults: others,
    maxCreditsPerDay,
  }: {
    readonly body: unknown
    readonly faults: readonly Fault[]
    readonly maxCreditsPerDay: number | null
  },
): Promise<CheckedMessage> => {
  const skill = findSkill(session.skill)
  if (skill === null) throw new Error(`session ${session.id} names a skill that is not in the catalog`)
  const parsed = MessageIn.safeParse(body)
  const malformed = [...others, ...(parsed.success ? [] : toFaults(MessageIn, body, parsed.error.issues))]
  const readable = parsed.success ? parsed.data : salvage(body)
  const intent = intentOf(deps, readable, body)
  const { inputs } = readable
  const hasMediaAlready = session.hasMedia || intent?.action !== 'generate'
  const senseless = [
    ...(await checkSources(deps, session.tenantId, { inputs, skill, hasMediaAlready })),
    ...(intent === null ? [] : checkUse(intent, inputs)),
    ...(intent?.action === 'upload' ? await checkTexts(deps, session, inputs) : []),
  ]
  const faults = [...malformed, ...senseless]
  const credits = deps.estimates.of(session, skill).generation
  if (faults.length === 0 && intent?.action === 'generate')
    faults.push(
      ...(await checkMessageBudget(deps, { tenantId: session.tenantId, maxCreditsPerDay }, credits)),
    )
  if (!parsed.success || intent === null || faults.length > 0)
    return { outcome: 'refused', isMalformed: malformed.length > 0, faults }
  const { text = '', inputs: right } = parsed.data
  return { outcome: 'acceptable', intent, text, inputs: right, credits }
}

const salvage = (body: unknown): Readable => ({
  text: salvageFields(MessageIn, body).text,
  inputs: salvageInputs(body),
})

/** Null where the text is there and cannot be read, so nobody can say what it asks for. */
const intentOf = (
  { routeMessage }: CheckMessageDeps,
  { text, inputs }: Readable,
  body: unknown,
): MessageIntent | null => {
  if (text !== undefined) return routeMessage(text)
  const isTextGiven = isJsonObject(body) && body['text'] !== undefined
  return isTextGiven ? null : { action: inputs.length > 0 ? 'upload' : 'generate' }
}

/** Files that nobody would look at are not taken silently. */
const checkUse = ({ action }: MessageIntent, inputs: Sources['inputs']): Fault[] =>
  inputs.length === 0 || action === 'generate' || action === 'upload'
    ? []
    : [
        {
          pointer: '/inputs',
          code: 'not_supported',
          detail: `must be left out where the text asks for ${action}`,
        },
      ]

/** The words of a text file are part of a message, so without one they have no place. */
const checkTexts = async (
  { uploads }: CheckMessageDeps,
  { tenantId }: SessionRecord,
  inputs: Sources['inputs'],
): Promise<Fault[]> => {
  const ids = inputs.map((input) => (input !== null && 'upload_id' in input ? input.upload_id : ''))
  const texts = (await uploads.findAll(tenantId, ids)).filter(({ kind }) => kind === 'text')
  return texts.map(({ id }) => ({
    pointer: pointerTo(['inputs', ids.indexOf(id)]),
    code: 'not_supported',
    detail: 'is text, which is added to the text of a message: send it with one that says what to do',
  }))
}
