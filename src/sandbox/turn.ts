import type { Operation } from './agent/operation.ts'
import type { Intent } from './agent/read-intent.ts'
import type { AgentEvent } from './stream/agent-event.ts'

/** One message and all that follows from it, planned when it was accepted. The row does not change. */
export interface Turn {
  readonly id: string
  readonly sessionId: string
  readonly userId: string
  readonly intent: Intent
  /** Frozen at the start; settled at the end if the turn has changed the session, else refunded. */
  readonly cost: number
  readonly startedAtMs: number
  readonly steps: readonly TurnStep[]
  /** After so many steps the stream has said all: later ones only change the session. */
  readonly streamedSteps: number
  /** Uploads that this turn works with. */
  readonly mediaIds: readonly string[]
}

export interface TurnStep {
  /** Virtual milliseconds after the start. */
  readonly atMs: number
  /** Real milliseconds on top. */
  readonly lateMs?: number
  readonly events: readonly AgentEvent[]
  readonly operations?: readonly Operation[]
}

/** How far a turn has come. A step that changes nothing is not recorded: after a restart nobody is listening. */
export interface TurnProgress {
  readonly stepsDone: number
  readonly hasChanged: boolean
}
