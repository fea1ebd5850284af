import { afterAll, beforeAll, expect, it } from 'vitest'
import { openStore, type Store } from '../../../src/store/client.ts'
import { createProviderAccountStore } from '../../../src/store/provider-accounts.ts'
import { createTestDatabase, type TestDatabase } from '../../support/database.ts'

let database: TestDatabase
let store: Store

beforeAll(async () => {
  database = await createTestDatabase()
  store = openStore({ databaseUrl: database.url })
})

afterAll(async () => {
  await store.close()
  await database.drop()
})

const makeAccount = async (id: string) => {
  const accounts = createProviderAccountStore({ pool: store.pool })
  await accounts.ensure({ id, tenantId: null, kind: 'anonymous', identity: id })
  const record = (epoch: number, tokenSealed: string) =>
    accounts.recordToken(id, epoch, { tokenSealed, userId: null, expiresAtMs: null })
  return { accounts, record, tokenNow: async () => (await accounts.find(id))?.tokenSealed }
}

it('lets one process of the fleet ask for a token at a time', async () => {
  const { accounts, record } = await makeAccount('acc_1')
  expect(await accounts.claimRefresh('acc_1', 60_000)).toBe(1)
  expect(await accounts.claimRefresh('acc_1', 60_000)).toBeNull()
  await record(1, 'first')
  expect(await accounts.claimRefresh('acc_1', 60_000)).toBe(2)
})

it('keeps a token that comes after its claim has run out, but never in place of a newer one', async () => {
  const { accounts, record, tokenNow } = await makeAccount('acc_2')
  await accounts.claimRefresh('acc_2', 60_000)
  await store.pool.query(
    `UPDATE provider_accounts SET refresh_until = now() - interval '1 s' WHERE id = 'acc_2'`,
  )
  expect(await accounts.claimRefresh('acc_2', 60_000)).toBe(2)
  await record(1, 'late')
  expect(await tokenNow()).toBe('late')
  await record(2, 'newer')
  await record(1, 'late again')
  expect(await tokenNow()).toBe('newer')
})

it('drops a refused token only while it is the one that is kept', async () => {
  const { accounts, record, tokenNow } = await makeAccount('acc_3')
  await accounts.claimRefresh('acc_3', 60_000)
  await record(1, 'kept')
  await accounts.dropToken('acc_3', 'another')
  expect(await tokenNow()).toBe('kept')
  await accounts.dropToken('acc_3', 'kept')
  expect(await tokenNow()).toBeNull()
})
