import { z } from 'zod'
import { refuseByStatus, success } from '../answer.ts'
import type { Route } from '../call.ts'
import type { Parts } from '../parts.ts'
import { newToken, scopes, type Token } from '../tokens.ts'

const TokenIn = z.object({
  name: z.string().min(1).max(200),
  scopes: z.array(z.enum(scopes)).min(1),
  expires_in_days: z.number().int().min(1).max(3650).optional(),
})

const dayMs = 86_400_000

/** `POST /api/tokens`, `GET /api/tokens`, `POST /api/tokens/<id>/revoke` (§2.14). */
export const tokenManagementRoutes = ({ world, clock }: Parts): readonly Route[] => [
  {
    method: 'POST',
    path: '/api/tokens',
    endpoint: 'create_token',
    scope: '*',
    answer: ({ body, account }) => {
      const wanted = TokenIn.safeParse(body)
      if (!wanted.success) return refuseByStatus(400, z.prettifyError(wanted.error))
      const { name, scopes: wantedScopes, expires_in_days: days } = wanted.data
      const token = newToken({
        userId: account.userId,
        name,
        scopes: wantedScopes,
        createdAtMs: clock.nowMs(),
        expiresAtMs: days === undefined ? null : clock.nowMs() + days * dayMs,
      })
      world.commit({ changes: [['tokens', token.token, token]] })
      return success({ ...toTokenOut(token), token: token.token })
    },
  },
  {
    method: 'GET',
    path: '/api/tokens',
    endpoint: 'list_tokens',
    scope: '*',
    answer: ({ account }) => success({ tokens: tokensOf(world, account.userId).map(toTokenOut) }),
  },
  {
    method: 'POST',
    path: '/api/tokens/:token_id/revoke',
    endpoint: 'revoke_token',
    scope: '*',
    answer: ({ params, account }) => {
      const token = tokensOf(world, account.userId).find(({ id }) => id === params['token_id'])
      if (token === undefined) return refuseByStatus(404, 'there is no such token')
      const revoked: Token = { ...token, isRevoked: true }
      world.commit({ changes: [['tokens', token.token, revoked]] })
      return success(toTokenOut(revoked))
    },
  },
]

const tokensOf = (world: Parts['world'], userId: string): readonly Token[] =>
  [...world.list('tokens')].filter((token) => token.userId === userId)

const toTokenOut = (token: Token) => ({
  id: token.id,
  name: token.name,
  scopes: token.scopes,
  created_at: new Date(token.createdAtMs).toISOString(),
  expires_at: token.expiresAtMs === null ? null : new Date(token.expiresAtMs).toISOString(),
  revoked: token.isRevoked,
})
