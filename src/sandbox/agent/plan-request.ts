import type { Media } from '../media/media.ts'
import type { SeededChance } from '../seeded-chance.ts'
import type { SessionState } from '../session-state.ts'
import type { Session } from '../sessions.ts'
import type { Intent } from './read-intent.ts'

/** Everything that a plan may depend on. */
export interface PlanRequest {
  readonly text: string
  readonly intent: Intent
  readonly language: 'en' | 'zh'
  readonly session: Session
  readonly state: SessionState
  readonly unusedMedia: readonly Media[]
  readonly faults: PlanFaults
  /** In [0, 1), fixed for this message of this session. */
  readonly chance: (purpose: string) => number
}

/** How the turn is to go wrong, if at all. */
export interface PlanFaults {
  readonly isGenerationRefused: boolean
  readonly isQuestion: boolean
  readonly isNoop: boolean
  readonly silence: 'always' | 'never' | null
}

export const chanceFor =
  (chance: SeededChance, session: Session) =>
  (purpose: string): number =>
    chance(purpose, session.serial, session.messageCount)
