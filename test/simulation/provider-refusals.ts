import { type ProviderAccess, ProviderError } from '../../src/providers/provider.ts'
import type { ProviderServer } from './provider-server.ts'
import type { World } from './world.ts'

export const unavailable = (
  name: string,
  evidence: 'not_sent' | 'answered' | 'unknown',
  why: string,
): ProviderError => new ProviderError('provider_unavailable', `${name}: ${why}`, { evidence })

export const rateLimited = (name: string): ProviderError =>
  new ProviderError('provider_rate_limited', `${name}: slow down`, {
    evidence: 'rejected',
    retryAfterMs: 5_000,
  })

export const assertToken = (server: ProviderServer, { token }: ProviderAccess): void => {
  if (token !== server.token)
    throw new ProviderError('provider_auth_failed', 'the token has expired', {
      evidence: 'rejected',
      providerCode: 1001,
    })
}

/** A session without anything generated in it may be forgotten at any time. */
export const assertSession = (world: World, server: ProviderServer, sessionId: string): void => {
  const { scheduler, random, faults } = world
  const session = server.sessions.get(sessionId)
  const isUnused = !server.ledger.some((generation) => generation.sessionId === sessionId)
  if (session && isUnused && scheduler.nowMs < faults.untilMs && random.chance(faults.provider.loseSession))
    session.isLost = true
  if (session === undefined || session.isLost)
    throw new ProviderError('provider_session_lost', 'the session does not exist', {
      evidence: 'rejected',
      providerCode: 1002,
    })
}
