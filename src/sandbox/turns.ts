import { charge } from './accounts.ts'
import { applyOperation } from './agent/apply-operation.ts'
import type { LedgerEntry } from './ledger-entry.ts'
import type { SessionState } from './session-state.ts'
import type { AgentEvent } from './stream/agent-event.ts'
import type { Turn, TurnProgress, TurnStep } from './turn.ts'
import type { VirtualClock } from './virtual-clock.ts'
import type { Change, World } from './world.ts'

/** Whoever hears what a turn says while it happens. */
export interface TurnListener {
  send(events: readonly AgentEvent[]): void
  end(): void
}

/** Carries turns out, step by step, whether or not somebody listens; unfinished ones go on after a restart. */
export interface Turns {
  /** Freezes the cost, marks the session busy and begins, all with the given changes and ledger rows. */
  start(turn: Turn, together: TurnStart): void
  /** Ends a turn early; what it has not delivered is refunded. A turn that has ended stays as it is. */
  cancel(turnId: string): void
  /** Takes up every turn that the journal knows as unfinished. */
  resume(): void
}

interface TurnStart {
  readonly changes: readonly Change[]
  readonly ledger: readonly LedgerEntry[]
  readonly listener: TurnListener
}

export const createTurns = (world: World, clock: VirtualClock): Turns => {
  const listeners = new Map<string, TurnListener>()

  const schedule = (turn: Turn, stepNumber: number): void => {
    const step = turn.steps[stepNumber]
    if (step === undefined) return
    const dueAtMs = turn.startedAtMs + clock.realMs(step.atMs) + (step.lateMs ?? 0)
    clock.at(dueAtMs, () => {
      if (world.find('turns', turn.id) === null) return
      takeStep(turn, step, stepNumber + 1)
    })
  }

  const takeStep = (turn: Turn, step: TurnStep, stepsDone: number): void => {
    const isLast = stepsDone >= turn.steps.length
    const effect = effectOf(world, turn, step, stepsDone)
    if (isLast) world.commit(endOf(world, turn, effect))
    else if (effect.changes.length > 0) world.commit({ changes: effect.changes })
    const listener = listeners.get(turn.id)
    if (step.events.length > 0) listener?.send(step.events)
    if (stepsDone >= turn.streamedSteps) {
      listener?.end()
      listeners.delete(turn.id)
    }
    if (!isLast) schedule(turn, stepsDone)
  }

  return {
    start: (turn, { changes, ledger, listener }) => {
      const account = world.get('accounts', turn.userId)
      const frozen = charge(account, turn, 'freeze')
      world.commit({
        changes: [...changes, ['turns', turn.id, turn], ...frozen.changes],
        ledger: [...ledger, ...frozen.ledger],
      })
      listeners.set(turn.id, listener)
      schedule(turn, 0)
    },
    cancel: (turnId) => {
      const turn = world.find('turns', turnId)
      listeners.delete(turnId)
      if (turn === null) return
      world.commit(endOf(world, turn, { changes: [], hasChanged: progressOf(world, turn).hasChanged }))
    },
    resume: () => {
      for (const turn of world.list('turns')) schedule(turn, progressOf(world, turn).stepsDone)
    },
  }
}

interface StepEffect {
  readonly changes: readonly Change[]
  /** Whether the turn has changed the session by now. */
  readonly hasChanged: boolean
}

const progressOf = (world: World, turn: Turn): TurnProgress =>
  world.find('progress', turn.id) ?? { stepsDone: 0, hasChanged: false }

const effectOf = (world: World, turn: Turn, step: TurnStep, stepsDone: number): StepEffect => {
  const { hasChanged } = progressOf(world, turn)
  if (step.operations === undefined || step.operations.length === 0) return { changes: [], hasChanged }
  const before = world.get('states', turn.sessionId)
  const after = step.operations.reduce(applyOperation, before)
  const progress = { stepsDone, hasChanged: hasChanged || isDifferent(before, after) }
  return {
    hasChanged: progress.hasChanged,
    changes: [
      ['states', turn.sessionId, after],
      ['progress', turn.id, progress],
    ],
  }
}

const isDifferent = (before: SessionState, after: SessionState): boolean =>
  JSON.stringify(before) !== JSON.stringify(after)

/** The end of a turn: paid if it has changed the session, else refunded; the session is free for the next one. */
const endOf = (world: World, turn: Turn, { changes, hasChanged }: StepEffect) => {
  const session = world.get('sessions', turn.sessionId)
  const movement = charge(world.get('accounts', turn.userId), turn, hasChanged ? 'settle' : 'refund')
  const ended: readonly Change[] = [
    ['turns', turn.id, null],
    ['progress', turn.id, null],
    [
      'sessions',
      session.id,
      {
        ...session,
        turnId: null,
        hasPaidForEdits: session.hasPaidForEdits || (hasChanged && turn.intent === 'edit'),
        unusedMediaIds: hasChanged
          ? session.unusedMediaIds.filter((id) => !turn.mediaIds.includes(id))
          : session.unusedMediaIds,
      },
    ],
  ]
  return { changes: [...changes, ...ended, ...movement.changes], ledger: movement.ledger }
}
