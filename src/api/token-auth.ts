/** Lets in who holds a token for one thing where no header can be sent: `?token=` (api.md §0). */
import type { FastifyReply, FastifyRequest } from 'fastify'
import { z } from 'zod'
import { type TokenClaims, type TokenPurpose, verifyToken } from '../crypto/signed-link.ts'
import { type OnRequest, principalDecoratorName } from './auth.ts'
import { shareWithPages } from './cross-origin.ts'
import type { Principal } from './keyring.ts'
import { sendProblem } from './problem.ts'
import { createRateLimiter } from './rate-limit.ts'
import type { RouteContext } from './route-context.ts'
import { byKey, byToken, tellSecurity } from './route-security.ts'
import { tokenOf } from './token-of.ts'

export interface TokenUse {
  readonly purpose: TokenPurpose
  /** The claim that must name the `id` in the path. */
  readonly claim: string
}

export const tokenQuery = z
  .string()
  .max(2_048)
  .optional()
  .describe('A token for this one thing, instead of an API key.')

/**
 * A hook for routes that read one thing: a request with `?token=` is judged by that alone, any other needs a key with
 * the scope `jobs:read`.
 */
export const requireKeyOrToken = (context: RouteContext, use: TokenUse): OnRequest => {
  const requireKey = context.requireKey('jobs:read')
  const limiter = createRateLimiter(context.deps.clock)
  const { rateLimitPerMinute } = context.deps.settings
  const requireEither: OnRequest = async (request, reply) => {
    const token = tokenOf(request)
    if (token === undefined) return requireKey(request, reply)
    shareWithPages(reply)
    const claims = readClaims(context, request, token, use)
    if (claims === null) return sendProblem(reply, 'invalid_token')
    const { retryAfterS } =
      rateLimitPerMinute === 0 ? { retryAfterS: 0 } : limiter.take(String(token), rateLimitPerMinute)
    if (retryAfterS > 0) return sendProblem(reply, 'rate_limited', { retryAfterS })
    if (!(await isBacked(context, claims, use))) return sendProblem(reply, 'invalid_token')
    return admit(request, reply, claims)
  }
  return tellSecurity(requireEither, [...byKey(['jobs:read']), ...byToken])
}

const readClaims = (
  { deps: { keys, clock } }: RouteContext,
  request: FastifyRequest,
  token: unknown,
  { purpose, claim }: TokenUse,
): TokenClaims | null => {
  const verified = typeof token === 'string' ? verifyToken(keys.links, purpose, token, clock.nowMs()) : null
  if (verified?.outcome !== 'valid') return null
  const { id } = request.params as { readonly id?: string }
  return verified.claims[claim] === id ? verified.claims : null
}

/**
 * Does the key that made the token still stand for it? A stream is its holder's own, so it ends with the key; a link was
 * given to others, and a key may well expire before it. Revoking the key ends both.
 */
const isBacked = async (
  { keyring }: RouteContext,
  claims: TokenClaims,
  { purpose }: TokenUse,
): Promise<boolean> => {
  const standing = await keyring.readStanding(String(claims['key_id']))
  return standing === 'good' || (standing === 'expired' && purpose === 'artifact')
}

/** The URL is as good as a key, so it goes nowhere else. */
const admit = (request: FastifyRequest, reply: FastifyReply, claims: TokenClaims): undefined => {
  const principal: Principal = {
    keyId: String(claims['key_id']),
    tenantId: String(claims['tenant_id']),
    expiresAt: null,
    scopes: new Set(['jobs:read']),
    ratePerMinute: null,
    queueBound: null,
    maxCreditsPerDay: null,
  }
  request.setDecorator(principalDecoratorName, principal)
  reply.header('referrer-policy', 'no-referrer')
  return undefined
}
