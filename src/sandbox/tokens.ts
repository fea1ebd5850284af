import { randomBytes } from 'node:crypto'
import type { World } from './world.ts'

export const scopes = ['read', 'write', 'upload', 'render', '*'] as const
export type Scope = (typeof scopes)[number]

/** A bearer token, kept under its own text: this is a sandbox. */
export interface Token {
  readonly id: string
  readonly token: string
  readonly userId: string
  readonly name: string
  readonly scopes: readonly Scope[]
  readonly createdAtMs: number
  readonly expiresAtMs: number | null
  readonly isRevoked: boolean
}

export const anonymousTokenLifeMs = 7 * 86_400_000

/** What skills say of anonymous tokens since 1.8: no `render`, though attributed exports work all the same. */
export const anonymousScopes: readonly Scope[] = ['read', 'write', 'upload']

export const newToken = (
  options: Omit<Token, 'id' | 'token' | 'isRevoked'> & { readonly token?: string },
): Token => ({
  token: `nmv_usr_${randomBytes(24).toString('base64url')}`,
  ...options,
  id: `tok_${randomBytes(8).toString('hex')}`,
  isRevoked: false,
})

/** The token of this text if it is good at that time; null means code 1001, whatever the reason. */
export const findGoodToken = (world: World, text: string, atMs: number): Token | null => {
  const token = world.find('tokens', text)
  if (token === null || token.isRevoked) return null
  return token.expiresAtMs !== null && token.expiresAtMs <= atMs ? null : token
}

export const hasScope = (token: Token, scope: Scope): boolean =>
  token.scopes.includes('*') || token.scopes.includes(scope)
