import {
  type MessageChannel,
  type ProviderAccess,
  ProviderError,
  type SendResult,
  type SessionState,
  type Turn,
} from '../../src/providers/provider.ts'
import type { Process } from './process.ts'
import { assertSession, assertToken, rateLimited } from './provider-refusals.ts'
import type { Generation, MessagePlan, ProviderServer } from './provider-server.ts'
import type { World } from './world.ts'

/** Which message of which job a text is; the scenarios write it into every prompt. */
export interface MessageName {
  readonly jobId: string
  readonly messageNo: number
}

export interface SendWatch {
  /** A message leaves a process: the moment that the permit is about. */
  readonly messageLeaves: (
    process: Process,
    message: MessageName & { readonly sessionId: string; readonly baselineReadAtMs: number | null },
  ) => { readonly attempt: number }
  readonly messageAccepted: (generation: Generation) => void
}

interface ChannelDeps {
  readonly world: World
  readonly process: Process
  readonly server: ProviderServer
  readonly watch: SendWatch
  readonly access: ProviderAccess
  readonly sessionId: string
  readonly call: <T>(name: string, access: ProviderAccess, signal: AbortSignal, act: () => T) => Promise<T>
  readonly look: (sessionId: string) => SessionState
}

type Listener = Parameters<MessageChannel['send']>[1]

/** How a message fares, drawn when it leaves. */
type Course =
  | 'not_sent'
  /** It never arrives, or long after its sender has given up. */
  | 'never_arrives'
  | 'arrives_late'
  | 'fails_unread'
  | 'fails_after_all'
  | 'unanswered'
  | 'streams'

export const openMessageChannel = (deps: ChannelDeps): MessageChannel => {
  const { world, server, access, sessionId, call, look } = deps
  let baselineReadAtMs: number | null = null
  return {
    readSession: async (signal) => {
      const state = await call('channel read session', access, signal, () => look(sessionId))
      baselineReadAtMs = world.scheduler.nowMs
      return state
    },
    readCredits: (signal) => call('channel read credits', access, signal, () => server.balance()),
    send: async (text, listener, signal) => {
      await reconnect(deps)
      const result = await sendOnce(deps, text, listener, signal, baselineReadAtMs)
      if (result.outcome !== 'unknown') return result
      if (world.bug === 'verify_skipped') return { outcome: 'not_sent', cause: result.cause }
      return world.bug === 'http_retry' ? sendOnce(deps, text, listener, signal, baselineReadAtMs) : result
    },
    close: () => Promise.resolve(),
  }
}

/** The connection that the baseline was read over may be gone: time passes before the first byte. */
const reconnect = ({ world, process }: ChannelDeps): Promise<void> =>
  new Promise((resolve) => {
    if (!world.random.chance(0.1)) return resolve()
    process.touch('reconnect')
    world.scheduler.at(world.random.between(1, 10_000), () => process.deliver(resolve))
  })

const sendOnce = (
  deps: ChannelDeps,
  text: string,
  listener: Listener,
  signal: AbortSignal,
  baselineReadAtMs: number | null,
): Promise<SendResult> => {
  const { world, process, sessionId, watch } = deps
  if (signal.aborted) return Promise.resolve({ outcome: 'not_sent', cause: 'aborted' })
  const name = nameOf(text)
  const course = drawCourse(world, name)
  world.trace(`${process.name} sends message ${name.messageNo} of ${name.jobId}: ${course}`)
  if (course === 'not_sent') return later(deps, () => ({ outcome: 'not_sent', cause: 'ECONNREFUSED' }))
  if (!listener.mayLeave() && world.bug !== 'leave_unasked')
    return Promise.resolve({ outcome: 'not_sent', cause: 'given up' })
  const { attempt } = watch.messageLeaves(process, { ...name, sessionId, baselineReadAtMs })
  process.touch('message leaves')
  return new Promise((resolve) => {
    const end = (result: SendResult): void => {
      process.touch('message ends')
      process.deliver(() => resolve(result))
    }
    const accept = () => deps.server.accept({ ...name, attempt, sessionId }, drawPlan(world, name, course))
    const message: Message = { ...deps, course, listener, signal, end, accept }
    carry(message)
  })
}

interface Message extends ChannelDeps {
  readonly course: Course
  readonly listener: Listener
  readonly signal: AbortSignal
  readonly end: (result: SendResult) => void
  readonly accept: () => Generation
}

const carry = (message: Message): void => {
  const { world, course, end, signal } = message
  const { scheduler, random } = world
  const outMs = random.between(1, 40)
  let isGivenUp = false
  const giveUp = (cause: string): void => {
    if (isGivenUp) return
    isGivenUp = true
    end({ outcome: 'unknown', cause })
  }
  world.onAbort(signal, () => giveUp('aborted'))
  switch (course) {
    case 'never_arrives':
      scheduler.at(random.between(10, 20_000), () => giveUp('ECONNRESET'))
      return
    case 'arrives_late':
      scheduler.at(random.between(10, 5_000), () => giveUp('ETIMEDOUT'))
      scheduler.at(random.between(1_000, 20_000), () => arrive(message, () => undefined))
      return
    default:
      scheduler.at(outMs, () =>
        arrive(
          message,
          (result) => {
            if (isGivenUp) return
            isGivenUp = true
            scheduler.at(random.between(1, 40), () => end(result))
          },
          () => {
            isGivenUp = true
          },
        ),
      )
      if (course === 'unanswered') scheduler.at(random.between(60, 20_000), () => giveUp('ECONNRESET'))
  }
}

/** The message is there: refused, failed, or taken up. `take` is told when the answer has begun. */
const arrive = (
  message: Message,
  answer: (result: SendResult) => void,
  take: () => void = () => undefined,
): void => {
  const { world, server, access, sessionId, course, process, watch } = message
  const { random, faults, scheduler } = world
  try {
    assertToken(server, access)
    assertSession(world, server, sessionId)
    if (scheduler.nowMs < faults.untilMs && random.chance(faults.provider.limitRate))
      throw rateLimited('message')
  } catch (error) {
    if (!(error instanceof ProviderError)) throw error
    if (course !== 'unanswered' && course !== 'arrives_late') answer({ outcome: 'rejected', error })
    return
  }
  if (course === 'fails_unread') {
    answer({ outcome: 'undecided', httpStatus: 503 })
    return
  }
  const generation = message.accept()
  watch.messageAccepted(generation)
  if (course === 'fails_after_all') answer({ outcome: 'undecided', httpStatus: 500 })
  if (course !== 'streams') return
  take()
  process.onDeath(() => server.drop(generation))
  if (process.isAlive) stream(message, generation)
  else server.drop(generation)
}

/** First frame → permit accepted → the stream's end, a cut, or the sender's own time-out. */
const stream = (message: Message, generation: Generation): void => {
  const { world, process, server, listener, signal, end } = message
  const { scheduler, random, faults } = world
  let isEnded = false
  const finish = (result: SendResult): void => {
    if (isEnded) return
    isEnded = true
    if (result.outcome === 'broken') server.drop(generation)
    end(result)
  }
  const breakOff = (cause: string): void => finish({ outcome: 'broken', cause, turn: turnOf('silent') })
  const strikes = (rate: number): boolean => scheduler.nowMs < faults.untilMs && random.chance(rate)

  const firstFrameMs = random.between(1, 500)
  world.onAbort(signal, () => {
    if (signal.reason === 'stopping' && !isEnded && faults.provider.cancelsOnDrop)
      world.violate('R6', 'a process that stops has cut a generation that it was paid for')
    breakOff('aborted')
  })
  scheduler.at(firstFrameMs, () =>
    process.deliver(() => {
      if (isEnded) return
      process.touch('first frame')
      listener.onAccepted()
      listener.onEvent({ type: 'tool_call', name: 'generate' })
      if (random.chance(0.3)) listener.onEvent({ type: 'text', text: 'I am at it.' })
    }),
  )
  const lengthMs = Math.max(generation.endsAtMs - scheduler.nowMs, firstFrameMs)
  if (strikes(faults.provider.cutStream))
    scheduler.at(random.between(1, lengthMs), () => breakOff('ECONNRESET'))
  if (strikes(faults.provider.holdStream)) {
    scheduler.at(lengthMs + 120_000, () => breakOff('nothing but heartbeats'))
    return
  }
  const kind = drawKind(world, generation)
  scheduler.at(lengthMs + 5, () =>
    process.deliver(() => {
      if (generation.isCanceled) breakOff('the run was canceled')
      else finish({ outcome: 'ended', turn: turnOf(kind) })
    }),
  )
}

const drawKind = ({ random }: World, { effect }: Generation): Turn['kind'] => {
  if (effect === null) return random.pick(['answered', 'answered', 'silent', 'empty'])
  return random.pick(['answered', 'answered', 'answered', 'silent', 'silent', 'empty', 'error'])
}

const drawCourse = ({ scheduler, random, faults, bug }: World, { jobId }: MessageName): Course => {
  // What may be taken for its effect comes after it; else that is seldom met.
  if (bug === 'later_adopted' && jobId === 'turn-1') return 'never_arrives'
  const strikes = (rate: number): boolean => scheduler.nowMs < faults.untilMs && random.chance(rate)
  if (strikes(faults.provider.refuse)) return 'not_sent'
  if (strikes(faults.provider.lose)) return 'never_arrives'
  if (strikes(faults.provider.late)) return 'arrives_late'
  if (strikes(faults.provider.failBefore)) return 'fails_unread'
  if (strikes(faults.provider.failAfter)) return 'fails_after_all'
  return strikes(faults.provider.loseAnswer) ? 'unanswered' : 'streams'
}

/**
 * What the message will do. An effect shows at the latest 2 s after the end of a stream, as the paper says; a turn
 * without any effect happens only where the stream tells so.
 */
const drawPlan = ({ random, faults }: World, { messageNo }: MessageName, course: Course): MessagePlan => {
  const hasEffect = course !== 'streams' || !random.chance(messageNo === 0 ? 0.03 : 0.1)
  const isSlow = random.chance(faults.provider.slowToShow)
  return {
    durationMs: random.between(500, 100_000),
    showsAfterMs: isSlow ? random.between(1, 1_900) : 0,
    rawMs: isSlow ? 0 : random.pick([0, 0, 1_000, 10_000, 60_000]),
    hasEffect,
    price: hasEffect ? random.between(20, 130) : random.between(1, 5),
  }
}

const nameOf = (text: string): MessageName => {
  const [, jobId, messageNo] = /⟨([\w-]+)\/(\d+)⟩/.exec(text) ?? []
  if (jobId === undefined) throw new Error(`the simulation cannot tell whose message this is: ${text}`)
  return { jobId, messageNo: Number(messageNo) }
}

const turnOf = (kind: Turn['kind']): Turn => ({
  kind,
  text: kind === 'answered' ? 'Done.' : '',
  toolNames: [],
  error: kind === 'error' ? 'it broke' : null,
})

const later = ({ world, process }: ChannelDeps, result: () => SendResult): Promise<SendResult> =>
  new Promise((resolve) => {
    world.scheduler.at(world.random.between(1, 2_000), () => process.deliver(() => resolve(result())))
  })
