/** Lets requests in: the key, its scope, its rate (api.md §0). */
import type { FastifyReply, FastifyRequest } from 'fastify'
import type { Actor } from '../actions/audit-entry.ts'
import type { Scope } from '../actions/scopes.ts'
import type { FailedKeys } from './failed-keys.ts'
import type { Keyring, Principal } from './keyring.ts'
import { limitRate, tellRates } from './limit-rate.ts'
import { sendProblem } from './problem.ts'
import type { RateLimiter, RateReading } from './rate-limit.ts'
import { byKey, tellSecurity } from './route-security.ts'

export type OnRequest = (request: FastifyRequest, reply: FastifyReply) => Promise<unknown>

export interface AuthDeps {
  readonly keyring: Keyring
  readonly limiter: RateLimiter
  readonly failedKeys: FailedKeys
  /** Per key; 0 is off. */
  readonly rateLimitPerMinute: number
}

/** A hook for routes: it lets through who holds a valid key, with one of the scopes where some are named. */
export type RequireKey = (...anyOf: readonly Scope[]) => OnRequest

const principalDecorator = 'principal'

/** Who asks. Only behind a hook of {@link createAuth}. */
export const principalOf = (request: FastifyRequest): Principal =>
  request.getDecorator<Principal>(principalDecorator)

/** The same, as the audit log names it. */
export const actorOf = (request: FastifyRequest): Actor => ({
  keyId: principalOf(request).keyId,
  requestId: request.id,
})

export const principalDecoratorName = principalDecorator

export const createAuth =
  (deps: AuthDeps): RequireKey =>
  (...anyOf) =>
    tellSecurity(createHook(deps, anyOf), byKey(anyOf))

const createHook =
  (deps: AuthDeps, anyOf: readonly Scope[]): OnRequest =>
  async (request, reply) => {
    const apiKey = bearerOf(request.headers.authorization)
    if (apiKey === null) return refuseKey(reply, 'Bearer realm="clipline"')
    const failures = deps.failedKeys.read(request.ip)
    if (failures !== null && !failures.isAllowed && !deps.keyring.isKnown(apiKey))
      return refuseStranger(reply, failures)
    const principal = await deps.keyring.findPrincipal(apiKey)
    if (principal !== null) return admit(deps, request, reply, principal, anyOf)
    const left = deps.failedKeys.count(request.ip)
    if (left !== null) tellRates(reply, [{ name: failedKeysRate, ...left }])
    return refuseKey(reply, 'Bearer realm="clipline", error="invalid_token"')
  }

const failedKeysRate = 'failed-keys'

/** Too many keys of this address were wrong: whoever has not been let in before waits, and no key is looked up. */
const refuseStranger = (reply: FastifyReply, failures: RateReading): unknown => {
  tellRates(reply, [{ name: failedKeysRate, ...failures }])
  return sendProblem(reply, 'rate_limited', {
    detail: 'Too many wrong API keys came from this address.',
    retryAfterS: failures.retryAfterS,
  })
}

const admit = (
  deps: AuthDeps,
  request: FastifyRequest,
  reply: FastifyReply,
  principal: Principal,
  anyOf: readonly Scope[],
): unknown => {
  request.setDecorator(principalDecorator, principal)
  const refusedAfterS = limitRate(deps.limiter, reply, [
    { name: 'key', bucket: principal.keyId, perMinute: deps.rateLimitPerMinute },
    { name: 'tenant', bucket: principal.tenantId, perMinute: principal.ratePerMinute ?? 0 },
  ])
  if (refusedAfterS > 0) return sendProblem(reply, 'rate_limited', { retryAfterS: refusedAfterS })
  if (anyOf.length === 0 || anyOf.some((scope) => principal.scopes.has(scope))) return undefined
  const [scope] = anyOf
  reply.header('www-authenticate', `Bearer realm="clipline", error="insufficient_scope", scope="${scope}"`)
  return sendProblem(reply, 'forbidden', { detail: `The API key lacks the scope ${anyOf.join(' or ')}.` })
}

const refuseKey = (reply: FastifyReply, challenge: string): unknown => {
  reply.header('www-authenticate', challenge)
  return sendProblem(reply, 'unauthorized')
}

const bearerShape = /^bearer +(\S+) *$/i

/** The token of an `Authorization: Bearer` header (RFC 6750 §2.1), or null. */
const bearerOf = (authorization: string | undefined): string | null =>
  authorization === undefined || authorization.length > 200
    ? null
    : (bearerShape.exec(authorization)?.[1] ?? null)
