import { randomBytes } from 'node:crypto'

/** Opens one project in a browser for seven days; it has no rights at the API. */
export interface ClaimToken {
  readonly claimToken: string
  readonly taskId: string
  readonly sessionId: string
  readonly expiresAtMs: number
}

export const claimTokenLifeS = 604_800

export const newClaimToken = (taskId: string, sessionId: string, nowMs: number): ClaimToken => ({
  claimToken: `clm_${randomBytes(18).toString('base64url')}`,
  taskId,
  sessionId,
  expiresAtMs: nowMs + claimTokenLifeS * 1000,
})
