import type { SignedCall } from './call.ts'
import { findLiveSession, type Session } from './sessions.ts'
import type { World } from './world.ts'

/** The caller's own live session, or null for code 1002. A session that a fault expires stays expired. */
export const findSessionFor = (world: World, call: SignedCall, sessionId: string): Session | null => {
  const session = findLiveSession(world, sessionId, call.account.userId)
  if (session === null || call.faults.take('session.expired') === null) return session
  world.commit({ changes: [['sessions', session.id, { ...session, isExpired: true }]] })
  return null
}
