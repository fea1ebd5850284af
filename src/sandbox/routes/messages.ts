import { chanceFor, type PlanRequest } from '../agent/plan-request.ts'
import { type PlannedTurn, planTurn } from '../agent/plan-turn.ts'
import { trailingNoise } from '../agent/prose.ts'
import { readIntent } from '../agent/read-intent.ts'
import { type Answer, refuseByCode, refuseByStatus } from '../answer.ts'
import type { Route, SignedCall } from '../call.ts'
import { findSessionFor } from '../find-session.ts'
import type { Parts } from '../parts.ts'
import { withOrigin } from '../serve.ts'
import { draftOf } from '../session-state.ts'
import { isChinese, type Session } from '../sessions.ts'
import { createFrameWriter } from '../stream/dialects.ts'
import { staleSession } from '../stream/error-frames.ts'
import { createEventStream, type EventStream, goodManners } from '../stream/event-stream.ts'
import type { TurnListener } from '../turns.ts'
import { type Message, messageTrace, readMessage } from './message-body.ts'
import { takePlanFaults, takeStreamManners, takeTurnFaults } from './message-faults.ts'

/** `POST /run_sse` (§2.4): one message to the agent. Its work goes on when the client has gone. */
export const messageRoute = (parts: Parts): Route => ({
  method: 'POST',
  path: '/run_sse',
  endpoint: 'run_sse',
  scope: 'write',
  target: ({ body }) => ({ sessionId: messageTrace(body).session_id }),
  describe: (call, outcome) => ({ kind: 'message', ...messageTrace(call.body), ...outcome }),
  answer: (call) => {
    const message = readMessage(call.body)
    if ('kind' in message) return message
    if (message.userId !== null && message.userId !== 'me' && message.userId !== call.account.userId) {
      return refuseByStatus(403, 'the body names another user')
    }
    const session = findSessionFor(parts.world, call, message.sessionId)
    if (session === null) return refuseByCode(1002)
    return session.turnId === null ? accept(parts, call, session, message) : refuseAsStale(parts, call)
  },
})

const accept = (parts: Parts, call: SignedCall, session: Session, message: Message): Answer => {
  const request = toPlanRequest(parts, call, session, message)
  const planned = planTurn(request, takeTurnFaults(call.faults), parts.clock.nowMs())
  const { cost } = planned.turn
  if (cost > call.account.available || call.faults.take('credits.exhausted') !== null)
    return refuseByCode(2001)

  const stream = openStream(parts, call, message, planned.turn.id)
  parts.turns.start(planned.turn, {
    ...whatBegins(call, session, planned),
    listener: toListener(call, stream),
  })
  return { kind: 'takeover', open: stream.open }
}

const toPlanRequest = (parts: Parts, call: SignedCall, session: Session, { text }: Message): PlanRequest => {
  const state = parts.world.get('states', session.id)
  const intent = readIntent(text, draftOf(state) !== null)
  return {
    text,
    intent,
    session,
    state,
    language: isChinese(session, text) ? 'zh' : 'en',
    unusedMedia: session.unusedMediaIds.map((id) => parts.world.get('media', id)),
    faults: takePlanFaults(intent, call.faults),
    chance: chanceFor(parts.chance, session),
  }
}

/** What is committed together with the turn: its clips, the busy session, and the message's row. */
const whatBegins = (call: SignedCall, session: Session, { turn, clips, prompt }: PlannedTurn) => ({
  changes: [
    ...clips.map((clip) => ['clips', clip.id, clip] as const),
    [
      'sessions',
      session.id,
      { ...session, turnId: turn.id, messageCount: session.messageCount + 1, prompt },
    ] as const,
  ],
  ledger: [
    {
      kind: 'message' as const,
      verdict: 'accepted' as const,
      user_id: session.userId,
      ...messageTrace(call.body),
      turn_id: turn.id,
      intent: turn.intent,
      cost: turn.cost,
    },
  ],
})

const openStream = (parts: Parts, call: SignedCall, message: Message, turnId: string): EventStream => {
  const dialect = call.faults.take('stream.dialect') ?? (message.isStreaming ? 'partial' : 'adk')
  const write = createFrameWriter(dialect, parts.clock.nowMs)
  const isCanceledOnDrop = call.faults.take('stream.cancelOnDrop') !== null
  return createEventStream({
    writeFrames: (event) => write(event).map((text) => withOrigin(text, call.origin)),
    manners: takeStreamManners(call.faults),
    clock: parts.clock,
    settled: parts.world.settled,
    onDrop: () => {
      if (isCanceledOnDrop) parts.turns.cancel(turnId)
    },
  })
}

const toListener = (call: SignedCall, stream: EventStream): TurnListener => {
  const isNoisy = call.faults.take('stream.trailingNoise') !== null
  return {
    send: stream.send,
    end: () => {
      if (isNoisy) stream.send([{ kind: 'text', text: trailingNoise }])
      stream.end()
    },
  }
}

/** A second message while the first is at work: what ADK's session service makes of it, inside an HTTP 200. */
const refuseAsStale = (parts: Parts, call: SignedCall): Answer => {
  parts.world.commit({
    ledger: [
      {
        kind: 'message',
        verdict: 'rejected',
        user_id: call.account.userId,
        ...messageTrace(call.body),
        reason: 'stale session',
      },
    ],
  })
  const stream = createEventStream({
    writeFrames: createFrameWriter('adk', parts.clock.nowMs),
    manners: { ...goodManners, heartbeats: 'none' },
    clock: parts.clock,
    settled: parts.world.settled,
    onDrop: () => undefined,
  })
  stream.send([{ kind: 'exception', variant: 'js', text: staleSession }])
  stream.end()
  return { kind: 'takeover', open: stream.open }
}
