import { anonymousCredits, newAnonymousAccount } from '../accounts.ts'
import { refuseByStatus, success } from '../answer.ts'
import type { Call, Route } from '../call.ts'
import type { Parts } from '../parts.ts'
import { hourlyLimits, takeFromQuotas, weeklyLimits } from '../quotas.ts'
import { anonymousScopes, anonymousTokenLifeMs, newToken } from '../tokens.ts'

const longestClientId = 64

/** `POST /api/auth/anonymous-token` (§2.2): a new user with 100 credits, as far as the quotas allow. */
export const anonymousTokenRoute = ({ world, clock }: Parts): Route => ({
  method: 'POST',
  path: '/api/auth/anonymous-token',
  endpoint: 'anonymous_token',
  scope: null,
  describe: (call, outcome) => ({ kind: 'token', client_id: readClientId(call), ip: call.ip, ...outcome }),
  answer: (call) => {
    const clientId = readClientId(call)
    if (clientId === null) return refuseByStatus(400, 'X-Client-Id is missing or longer than 64 characters')
    const nowMs = clock.nowMs() + (call.faults.take('token.clockOffsetMs') ?? 0)
    const isHourly = call.faults.take('token.hourlyIpLimit') !== null
    const taken = takeFromQuotas(
      world,
      isHourly ? hourlyLimits(call.ip) : weeklyLimits(clientId, call.ip),
      nowMs,
    )
    if (taken === null) return refuseByStatus(429, 'too many anonymous tokens were issued')

    const account = newAnonymousAccount()
    const expiresAtMs = call.faults.take('token.neverExpires') === null ? nowMs + anonymousTokenLifeMs : null
    const token = newToken({
      userId: account.userId,
      name: 'anonymous',
      scopes: anonymousScopes,
      createdAtMs: nowMs,
      expiresAtMs,
    })
    world.commit({
      changes: [...taken, ['accounts', account.userId, account], ['tokens', token.token, token]],
      ledger: [
        { kind: 'token', verdict: 'accepted', client_id: clientId, ip: call.ip, user_id: account.userId },
      ],
    })
    return success({
      token: token.token,
      user_id: account.userId,
      credits: anonymousCredits,
      ...(expiresAtMs !== null && { expires_at: new Date(expiresAtMs).toISOString() }),
    })
  },
})

const readClientId = ({ request }: Call): string | null => {
  const header = request.headers['x-client-id']
  return typeof header === 'string' && header !== '' && header.length <= longestClientId ? header : null
}
