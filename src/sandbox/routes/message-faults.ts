import type { PlanFaults } from '../agent/plan-request.ts'
import type { TurnFaults } from '../agent/plan-turn.ts'
import type { Intent } from '../agent/read-intent.ts'
import type { CallFaults } from '../faults/faults.ts'
import type { AgentEvent } from '../stream/agent-event.ts'
import type { StreamManners } from '../stream/event-stream.ts'

/** How the agent is to go wrong. Only the faults of this kind of message are asked for, and so used up. */
export const takePlanFaults = (intent: Intent, faults: CallFaults): PlanFaults => ({
  isGenerationRefused: intent === 'generation' && faults.take('generation.fail') !== null,
  isQuestion:
    (intent === 'generation' && faults.take('generation.asksQuestion') !== null) ||
    (intent === 'edit' && faults.take('edit.asksQuestion') !== null),
  isNoop: intent === 'edit' && faults.take('edit.noop') !== null,
  silence: intent === 'edit' ? faults.take('edit.silent') : null,
})

export const takeTurnFaults = (faults: CallFaults): TurnFaults => ({
  lastWords: takeLastWords(faults),
  lateMs: faults.take('turn.lateMs'),
})

/** The quotes in the text are deliberate: adk-python does not escape them, which makes the frame invalid JSON. */
const takeLastWords = (faults: CallFaults): AgentEvent | null => {
  const variant = faults.take('stream.errorFrame')
  if (variant !== null) return { kind: 'exception', variant, text: 'tool "edit_multitrack" lost its worker' }
  const code = faults.take('stream.modelError')
  return code === null ? null : { kind: 'modelError', code, message: 'the model could not answer' }
}

export const takeStreamManners = (faults: CallFaults): StreamManners => ({
  heartbeats: faults.take('stream.heartbeat') ?? 'default',
  cutAfterFrames: faults.take('stream.cutAfterFrames'),
  endAfterFrames: faults.take('stream.endAfterFrames'),
  halfOpenAfterFrames: faults.take('stream.halfOpenAfterFrames'),
  isNeverClosed: faults.take('stream.noClose') !== null,
  isGarbled: faults.take('stream.garbled') !== null,
  isDoubled: faults.take('stream.duplicateFrames') !== null,
})
