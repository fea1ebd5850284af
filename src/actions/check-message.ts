/** Checks what is said in a conversation and tells what it asks for; nothing is stored or sent (api.md §2). */
import type { MessageIntent } from '../providers/provider.ts'
import { findSkill } from '../skills/index.ts'
import type { SessionRecord } from '../store/sessions.ts'
import { type CheckBudgetDeps, checkMessageBudget } from './check-budget.ts'
import { type CheckSourcesDeps, checkSources } from './check-sources.ts'
import type { CreditEstimates } from './credit-estimates.ts'
import { type Fault, pointerTo, toFaults } from './fault.ts'
import type { Refusal } from './refusal.ts'
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
  const { text, inputs } = parsed.success ? parsed.data : salvage(body)
  const intent = intentOf(deps, text, inputs)
  const hasMediaAlready = session.hasMedia || intent.action !== 'generate'
  const senseless = [
    ...(await checkSources(deps, session.tenantId, { inputs, skill, hasMediaAlready })),
    ...checkUse(intent, inputs),
    ...(intent.action === 'upload' ? await checkTexts(deps, session, inputs) : []),
  ]
  const faults = [...malformed, ...senseless]
  const credits = deps.estimates.of(session, skill).generation
  if (faults.length === 0 && intent.action === 'generate')
    faults.push(
      ...(await checkMessageBudget(deps, { tenantId: session.tenantId, maxCreditsPerDay }, credits)),
    )
  return faults.length > 0
    ? { outcome: 'refused', isMalformed: malformed.length > 0, faults }
    : { outcome: 'acceptable', intent, text: text ?? '', inputs, credits }
}

/** What of a body that is wrong as a whole is right by itself. */
const salvage = (body: unknown): Pick<MessageIn, 'text' | 'inputs'> => {
  const given = (body ?? {}) as { readonly text?: unknown; readonly inputs?: unknown }
  const { text, inputs } = MessageIn.shape
  return { text: text.safeParse(given.text).data, inputs: inputs.safeParse(given.inputs).data ?? [] }
}

const intentOf = (
  { routeMessage }: CheckMessageDeps,
  text: string | undefined,
  inputs: MessageIn['inputs'],
): MessageIntent =>
  text === undefined ? { action: inputs.length > 0 ? 'upload' : 'generate' } : routeMessage(text)

/** Files that nobody would look at are not taken silently. */
const checkUse = ({ action }: MessageIntent, inputs: MessageIn['inputs']): Fault[] =>
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
  inputs: MessageIn['inputs'],
): Promise<Fault[]> => {
  const ids = inputs.map((input) => ('upload_id' in input ? input.upload_id : ''))
  const texts = (await uploads.findAll(tenantId, ids)).filter(({ kind }) => kind === 'text')
  return texts.map(({ id }) => ({
    pointer: pointerTo(['inputs', ids.indexOf(id)]),
    code: 'not_supported',
    detail: 'is text, which is added to the text of a message: send it with one that says what to do',
  }))
}
