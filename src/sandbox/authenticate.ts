import type { Account } from './accounts.ts'
import { type Refusal, refuseByCode, refuseByStatus } from './answer.ts'
import type { Call } from './call.ts'
import type { Parts } from './parts.ts'
import { findGoodToken, hasScope, type Scope, type Token } from './tokens.ts'

interface Bearer {
  readonly kind: 'bearer'
  readonly token: Token
  readonly account: Account
}

/** Finds whom a call speaks for, by its bearer token or by the two headers of the first version. */
export const authenticate = (parts: Parts, call: Call, scope: Scope): Bearer | Refusal => {
  const nowMs = parts.clock.nowMs() + (call.faults.take('token.clockOffsetMs') ?? 0)
  const text = readToken(call)
  const token = text === null ? null : findGoodToken(parts.world, text, nowMs)
  if (token === null || !isNamedUser(call, token) || call.faults.take('token.expired') !== null) {
    return refuseByCode(1001)
  }
  const account = parts.world.get('accounts', token.userId)
  const named = call.params['user']
  if (named !== undefined && named !== 'me' && named !== account.userId) {
    return refuseByStatus(403, 'the path names another user')
  }
  if (!hasScope(token, scope) && !isAttributedExport(account, scope)) {
    return refuseByStatus(403, `the token lacks the scope ${scope}`)
  }
  return { kind: 'bearer', token, account }
}

/** Anonymous tokens have no `render` scope; their exports are judged by attribution instead. */
const isAttributedExport = (account: Account, scope: Scope): boolean =>
  account.isAnonymous && scope === 'render'

const readToken = ({ request }: Call): string | null => {
  const bearer = /^Bearer +(\S+)$/i.exec(request.headers.authorization ?? '')?.[1]
  const legacy = request.headers['x-api-key']
  return bearer ?? (typeof legacy === 'string' ? legacy : null)
}

/** The first version's API key goes together with the id of its user. */
const isNamedUser = ({ request }: Call, token: Token): boolean =>
  request.headers['x-api-key'] === undefined || request.headers['x-user-id'] === token.userId
