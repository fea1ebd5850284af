import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { type AccountBookStore, createAccountBookStore } from '../../../src/store/account-books.ts'
import { openStore, type Store } from '../../../src/store/client.ts'
import { createTestDatabase, type TestDatabase } from '../../support/database.ts'

let database: TestDatabase
let store: Store
let books: AccountBookStore

beforeAll(async () => {
  database = await createTestDatabase()
  store = openStore({ databaseUrl: database.url })
  books = createAccountBookStore({ pool: store.pool })
})

afterAll(async () => {
  await store.close()
  await database.drop()
})

beforeEach(async () => {
  await store.pool.query('TRUNCATE provider_accounts, account_books, permits')
  await store.pool.query(
    `INSERT INTO provider_accounts (id, tenant_id, kind, identity) VALUES ('acc_1', NULL, 'token', 'one')`,
  )
})

interface SeededPermit {
  /** Minutes ago. */
  readonly opened: number
  /** Minutes ago; null while it is open. */
  readonly closed?: number | null
  readonly credits?: number
  readonly balance?: number
  readonly messageNo?: number
  readonly state?: string
  readonly isEstimated?: boolean
}

let permitNo = 0

const seedPermit = async (permit: SeededPermit): Promise<void> => {
  permitNo += 1
  const { opened, closed = opened - 0.1, credits = 100, balance = 1_000 } = permit
  await store.pool.query(
    `INSERT INTO permits (id, job_id, message_no, attempt, try, epoch, account_id, provider_session_id, state,
       message_digest, baseline, credits_reserved, credits_settled, is_estimated, created_at, closed_at)
     VALUES ($1, $1, $2, 1, 1, 1, 'acc_1', $1, $3, '', $4, 100, $5, $6, now() - $7 * interval '1 minute',
       now() - $8::float8 * interval '1 minute')`,
    [
      `prm_${permitNo}`,
      permit.messageNo ?? 0,
      permit.state ?? (closed === null ? 'accepted' : 'settled'),
      JSON.stringify({ fingerprint: 'f', available: balance - 10, frozen: 10 }),
      closed === null ? null : credits,
      permit.isEstimated ?? false,
      opened,
      closed,
    ],
  )
}

const seedPermits = async (count: number, permit: (index: number) => SeededPermit): Promise<void> => {
  for (let index = 0; index < count; index += 1) await seedPermit(permit(index))
}

/** As if the books had last been kept so many minutes ago. */
const keep = async (minutesAgo = 60) => {
  await store.pool.query(`UPDATE account_books SET booked_at = now() - $1 * interval '1 minute'`, [
    minutesAgo,
  ])
  return books.keep({ most: 100, freshMs: 60_000 })
}

const learned = async () => {
  const [account] = await books.listLearned()
  return { generation: account?.generation, edit: account?.edit }
}

describe('what an account has charged', () => {
  test('is not known before fifty of its messages were settled exactly', async () => {
    await seedPermits(49, (index) => ({ opened: 200 - index }))
    await seedPermits(20, (index) => ({ opened: 100 - index, isEstimated: true }))
    await keep()
    expect(await learned()).toEqual({ generation: null, edit: null })
    await seedPermit({ opened: 2 })
    await keep()
    expect(await learned()).toEqual({ generation: 100, edit: null })
  })

  test('is what nine of ten messages have cost at most, generations and edits apart', async () => {
    await seedPermits(50, (index) => ({ opened: 200 - index, credits: index + 1 }))
    await seedPermits(50, (index) => ({ opened: 100 - index, credits: index < 44 ? 20 : 90, messageNo: 2 }))
    await keep()
    expect(await learned()).toEqual({ generation: 45, edit: 90 })
  })

  test('is never nothing, and is forgotten after a month', async () => {
    await seedPermits(50, (index) => ({ opened: 200 - index, credits: 0 }))
    await seedPermits(50, (index) => ({ opened: 31 * 1_440 + index, messageNo: 1 }))
    await keep()
    expect(await learned()).toEqual({ generation: 1, edit: null })
  })

  test('does not hold for another token', async () => {
    await seedPermits(50, (index) => ({ opened: 200 - index, credits: 30 }))
    await keep()
    await store.pool.query(`UPDATE provider_accounts SET token_set_at = now()`)
    expect(await learned()).toEqual({ generation: null, edit: null })
    await seedPermit({ opened: -0.01, closed: -0.02 })
    await keep()
    expect(await learned()).toEqual({ generation: null, edit: null })
  })

  test('is looked at again only where something was closed since, and no oftener than asked for', async () => {
    await seedPermit({ opened: 40 })
    await keep()
    const bookedAt = async () => (await store.prisma.accountBook.findFirstOrThrow()).bookedAt.getTime()
    const first = await bookedAt()
    await books.keep({ most: 100, freshMs: 60_000 })
    expect(await bookedAt()).toBe(first)
    await keep(10)
    expect(await bookedAt()).toBeLessThan(first)
    await keep(45)
    expect(await bookedAt()).toBeGreaterThan(first)
  })
})

describe('what became of a balance', () => {
  test('is told in whole credits, also where it has fractions', async () => {
    await seedPermit({ opened: 30, balance: 1_000.4, credits: 100 })
    expect(await keep()).toEqual([])
    await seedPermit({ opened: 5, balance: 890.2 })
    expect(await keep()).toMatchObject([{ credits: 10 }])
  })

  test('is explained where the messages between two quiet readings add up to it', async () => {
    await seedPermit({ opened: 30, balance: 1_000, credits: 100 })
    expect(await keep()).toEqual([])
    expect((await store.prisma.accountBook.findFirstOrThrow()).balance).toBe(1_000n)
    await seedPermit({ opened: 20, closed: 15, balance: 900, credits: 150 })
    await seedPermit({ opened: 19, closed: 15, balance: 900, credits: 50, isEstimated: true })
    await seedPermit({ opened: 5, closed: null, balance: 700 })
    expect(await keep()).toEqual([])
    expect((await store.prisma.accountBook.findFirstOrThrow()).balance).toBe(700n)
  })

  test('is told where more was taken than they cost, and less', async () => {
    await seedPermit({ opened: 30, balance: 1_000 })
    await keep()
    await seedPermit({ opened: 20, balance: 870 })
    expect(await keep()).toEqual([
      { accountId: 'acc_1', credits: 30, since: expect.any(Date), until: expect.any(Date) },
    ])
    await seedPermit({ opened: 10, balance: 1_270 })
    expect(await keep()).toMatchObject([{ credits: -500 }])
    expect(await keep()).toEqual([])
    expect((await store.prisma.accountBook.findFirstOrThrow()).unexplained).toBe(-470n)
  })

  test('is not judged by a reading that another message may have changed', async () => {
    await seedPermit({ opened: 30, balance: 1_000 })
    await keep()
    await seedPermit({ opened: 20, closed: 10, balance: 900 })
    await keep()
    await seedPermit({ opened: 15, closed: 5, balance: 850 })
    await seedPermit({ opened: 4.8, closed: 4, balance: 777 })
    expect(await keep()).toEqual([])
    await seedPermit({ opened: 3, state: 'unknown', balance: 600, credits: 100 })
    await seedPermit({ opened: 1, balance: 555 })
    expect(await keep()).toEqual([])
  })

  test('begins anew with another token', async () => {
    await seedPermit({ opened: 30, balance: 1_000 })
    await keep()
    await store.pool.query(`UPDATE provider_accounts SET token_set_at = now() - interval '25 minutes'`)
    await seedPermit({ opened: 20, balance: 5 })
    expect(await keep()).toEqual([])
  })
})
