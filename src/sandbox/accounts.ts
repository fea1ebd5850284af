import { createHash, randomBytes } from 'node:crypto'
import type { LedgerEntry } from './ledger-entry.ts'
import type { Change } from './world.ts'

/** Whose credits are spent. `available + frozen` is what the provider calls `total`. */
export interface Account {
  readonly userId: string
  readonly plan: 'free' | 'paid'
  readonly isAnonymous: boolean
  readonly available: number
  /** Held for turns under way. */
  readonly frozen: number
  readonly spent: number
}

export const anonymousCredits = 100

export const newAnonymousAccount = (): Account => ({
  userId: `anon_${randomBytes(6).toString('hex')}`,
  plan: 'free',
  isAnonymous: true,
  available: anonymousCredits,
  frozen: 0,
  spent: 0,
})

/** The registered account of a configured token; its user id follows from the token, so that it is found again. */
export const seededAccount = (token: string, credits: number, plan: 'free' | 'paid'): Account => ({
  userId: `user_${createHash('sha256').update(token).digest('hex').slice(0, 12)}`,
  plan,
  isAnonymous: false,
  available: credits,
  frozen: 0,
  spent: 0,
})

/** A movement of credits, ready to be committed together with its cause. */
interface Charge {
  readonly changes: readonly Change[]
  readonly ledger: readonly LedgerEntry[]
}

interface ChargedTurn {
  readonly id: string
  readonly sessionId: string
  readonly cost: number
}

const movements = {
  freeze: { available: -1, frozen: 1, spent: 0 },
  settle: { available: 0, frozen: -1, spent: 1 },
  refund: { available: 1, frozen: -1, spent: 0 },
} as const

/** Moves the cost of a turn: `freeze` at its start, then `settle` or `refund`, once. A free turn moves nothing. */
export const charge = (account: Account, turn: ChargedTurn, action: keyof typeof movements): Charge => {
  if (turn.cost === 0) return { changes: [], ledger: [] }
  const movement = movements[action]
  const moved: Account = {
    ...account,
    available: account.available + movement.available * turn.cost,
    frozen: account.frozen + movement.frozen * turn.cost,
    spent: account.spent + movement.spent * turn.cost,
  }
  return {
    changes: [['accounts', account.userId, moved]],
    ledger: [
      {
        kind: 'charge',
        action,
        user_id: account.userId,
        session_id: turn.sessionId,
        turn_id: turn.id,
        credits: turn.cost,
        available: moved.available,
        frozen: moved.frozen,
      },
    ],
  }
}
