import { expect, test } from 'vitest'
import { type Account, charge, newAnonymousAccount, seededAccount } from '../../../src/sandbox/accounts.ts'
import type { Change } from '../../../src/sandbox/world.ts'

const account: Account = {
  userId: 'user_1',
  plan: 'free',
  isAnonymous: false,
  available: 150,
  frozen: 0,
  spent: 0,
}
const turn = { id: 'turn_1', sessionId: '1', cost: 100 }

const accountIn = (changes: readonly Change[]): Account => {
  const [change] = changes
  if (change?.[0] !== 'accounts' || change[2] === null) throw new Error('no account was changed')
  return change[2]
}

test('a freeze holds, a settlement spends, a refund gives back', () => {
  const frozen = charge(account, turn, 'freeze')
  expect(accountIn(frozen.changes)).toMatchObject({ available: 50, frozen: 100, spent: 0 })
  expect(frozen.ledger).toMatchObject([{ action: 'freeze', credits: 100, available: 50, frozen: 100 }])
  const held = accountIn(frozen.changes)
  expect(accountIn(charge(held, turn, 'settle').changes)).toMatchObject({
    available: 50,
    frozen: 0,
    spent: 100,
  })
  expect(accountIn(charge(held, turn, 'refund').changes)).toEqual(account)
})

test('a free turn moves nothing and leaves no row', () => {
  expect(charge(account, { ...turn, cost: 0 }, 'freeze')).toEqual({ changes: [], ledger: [] })
})

test('a seeded token always belongs to the same user, every anonymous one to a new user', () => {
  expect(seededAccount('t', 5, 'paid')).toEqual(seededAccount('t', 5, 'paid'))
  expect(newAnonymousAccount().userId).toMatch(/^anon_[0-9a-f]{12}$/)
  expect(newAnonymousAccount().userId).not.toBe(newAnonymousAccount().userId)
})
