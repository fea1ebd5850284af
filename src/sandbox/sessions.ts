import { randomBytes } from 'node:crypto'
import type { World } from './world.ts'

/** One project of one user: a task with the conversation that edits it. */
export interface Session {
  readonly id: string
  readonly taskId: string
  readonly taskName: string
  readonly language: string | null
  readonly userId: string
  /** Its number among all sessions; with the seed it decides what happens by chance. */
  readonly serial: number
  readonly createdAtMs: number
  readonly isExpired: boolean
  /** The turn under way; the next message is refused until it has ended. */
  readonly turnId: string | null
  readonly messageCount: number
  /** The first edit that changes something pays for all edits of the session. */
  readonly hasPaidForEdits: boolean
  /** Uploads that no message has used yet. */
  readonly unusedMediaIds: readonly string[]
  /** What the last generated clip was asked to show. */
  readonly prompt: string
}

const lowestId = 5_000_000_000_000_000_000n
const idSpan = 4_000_000_000_000_000_000n

/** 19 decimal digits, above 2^53: a client that lets it pass through a number loses it. */
const newSessionId = (): string => String(lowestId + (randomBytes(8).readBigUInt64BE() % idSpan))

export const newSession = (
  options: Pick<Session, 'taskName' | 'language' | 'userId' | 'serial' | 'createdAtMs'>,
): Session => ({
  ...options,
  id: newSessionId(),
  taskId: `task_${randomBytes(6).toString('hex')}`,
  isExpired: false,
  turnId: null,
  messageCount: 0,
  hasPaidForEdits: false,
  unusedMediaIds: [],
  prompt: '',
})

/** The session if it is this user's and still alive; null means code 1002. */
export const findLiveSession = (world: World, sessionId: string, userId: string): Session | null => {
  const session = world.find('sessions', sessionId)
  return session !== null && session.userId === userId && !session.isExpired ? session : null
}

export const isChinese = (session: Session, text: string): boolean =>
  session.language === null ? /\p{Script=Han}/u.test(text) : session.language.toLowerCase().startsWith('zh')
