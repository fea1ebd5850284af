import { randomUUID } from 'node:crypto'
import type { Clip } from '../clips.ts'
import { wholeBetween } from '../seeded-chance.ts'
import { draftOf } from '../session-state.ts'
import type { AgentEvent } from '../stream/agent-event.ts'
import type { Turn, TurnStep } from '../turn.ts'
import { planEdit } from './plan-edit.ts'
import { planGeneration } from './plan-generation.ts'
import type { PlanRequest } from './plan-request.ts'
import { proseIn } from './prose.ts'

const generationCost = 100
/** Paid once in a session, by the first edit that changes something. */
const editingCost = 50

export interface PlannedTurn {
  readonly turn: Turn
  readonly clips: readonly Clip[]
  /** What the session's clip is asked to show from now on. */
  readonly prompt: string
}

/** How a turn dies or dawdles, whatever it is about. */
export interface TurnFaults {
  /** Said in the place of the first tool result, then nothing more happens. */
  readonly lastWords: AgentEvent | null
  readonly lateMs: number | null
}

/** Plans all that a message will cause. Pure but for fresh ids: nothing is charged or changed here. */
export const planTurn = (request: PlanRequest, turnFaults: TurnFaults, nowMs: number): PlannedTurn => {
  const { intent } = request
  const prompt = intent === 'generation' ? promptFor(request) : request.session.prompt
  const { steps, clips } = planSteps(request, prompt)
  const streamed = turnFaults.lastWords === null ? steps : dieEarly(steps, turnFaults.lastWords)
  return {
    clips,
    prompt,
    turn: {
      id: `turn_${randomUUID()}`,
      sessionId: request.session.id,
      userId: request.session.userId,
      intent,
      cost: costOf(request),
      startedAtMs: nowMs,
      steps: turnFaults.lateMs === null ? streamed : takeEffectLater(streamed, turnFaults.lateMs),
      streamedSteps: streamed.length,
      mediaIds: request.unusedMedia.map((media) => media.id),
    },
  }
}

const planSteps = (
  request: PlanRequest,
  prompt: string,
): { readonly steps: readonly TurnStep[]; readonly clips: readonly Clip[] } => {
  const { intent } = request
  const prose = proseIn(request.language)
  if (intent === 'text') return { steps: sayOnly(request, prose.answer), clips: [] }
  if (request.faults.isQuestion) {
    return {
      steps: sayOnly(request, intent === 'generation' ? prose.whatToMake : prose.whichPart),
      clips: [],
    }
  }
  return intent === 'generation' ? planGeneration(request, prompt) : { steps: planEdit(request), clips: [] }
}

const sayOnly = ({ chance }: PlanRequest, text: string): readonly TurnStep[] => [
  { atMs: wholeBetween(chance('text'), 5000, 15_000), events: [{ kind: 'text', text }] },
]

const costOf = ({ intent, session }: PlanRequest): number => {
  if (intent === 'generation') return generationCost
  return intent === 'edit' && !session.hasPaidForEdits ? editingCost : 0
}

/** A prompt is kept with its session and its tool call, so it has an end. */
const longestPrompt = 4000

/** "regenerate" and "make it vertical" speak of the clip that is there. */
const promptFor = ({ text, session, state }: PlanRequest): string => {
  const isAboutClip = draftOf(state) !== null && text.trim().split(/\s+/).length <= 6
  return (isAboutClip ? `${session.prompt}. ${text}` : text).slice(0, longestPrompt)
}

const dieEarly = (steps: readonly TurnStep[], lastWords: AgentEvent): readonly TurnStep[] => {
  const fatal = steps.findIndex((step) => step.events.some((event) => event.kind === 'toolResult'))
  const index = fatal === -1 ? steps.length - 1 : fatal
  const step = steps[index]
  return step === undefined ? [] : [...steps.slice(0, index), { atMs: step.atMs, events: [lastWords] }]
}

const takeEffectLater = (steps: readonly TurnStep[], lateMs: number): readonly TurnStep[] => [
  ...steps.map(({ atMs, events }) => ({ atMs, events })),
  {
    atMs: steps.at(-1)?.atMs ?? 0,
    lateMs,
    events: [],
    operations: steps.flatMap((step) => step.operations ?? []),
  },
]
