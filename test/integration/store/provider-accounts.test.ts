import { randomBytes } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createAccountDesk } from '../../../src/actions/access-provider.ts'
import { createSealer } from '../../../src/crypto/seal.ts'
import type { IssuedToken } from '../../../src/providers/provider.ts'
import { openStore, type Store } from '../../../src/store/client.ts'
import { createProviderAccountStore } from '../../../src/store/provider-accounts.ts'
import { createManualClock } from '../../support/clock.ts'
import { createTestDatabase, type TestDatabase } from '../../support/database.ts'
import { createScriptedProvider, providerError } from '../../support/scripted-provider.ts'

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
  const record = (epoch: number, tokenSealed: string, expiresAtMs: number | null = null) =>
    accounts.recordToken(id, epoch, { tokenSealed, userId: null, expiresAtMs })
  const look = async () => (await accounts.find(id))?.claimEpoch ?? null
  const claim = async (claimEpoch?: number | null) => {
    const epoch = claimEpoch === undefined ? await look() : claimEpoch
    return epoch === null ? null : accounts.claimRefresh(id, epoch, 60_000)
  }
  return { accounts, record, look, claim, tokenNow: async () => (await accounts.find(id))?.tokenSealed }
}

/** As if the time of the claim had passed. */
const endClaim = (id: string) =>
  store.pool.query(`UPDATE provider_accounts SET refresh_until = now() - interval '1 s' WHERE id = $1`, [id])

it('lets one process of the fleet ask for a token at a time', async () => {
  const { record, claim } = await makeAccount('acc_1')
  expect(await claim()).toBe(1)
  expect(await claim()).toBeNull()
  await record(1, 'first')
  expect(await claim()).toBe(2)
})

it('lets nobody ask for a token who looked before another one was asked for', async () => {
  const { record, look, claim } = await makeAccount('acc_4')
  const before = await look()
  expect(await claim()).toBe(1)
  const meanwhile = await look()
  expect(await claim(before)).toBeNull()
  await record(1, 'first')
  expect([await claim(before), await claim(meanwhile)]).toEqual([null, null])
})

it('keeps a token that comes late and lives longer than the one that is kept, but none that ends sooner', async () => {
  const { record, claim, tokenNow } = await makeAccount('acc_5')
  await claim()
  await record(1, 'old', Date.now() + 3_600_000)
  await claim()
  await endClaim('acc_5')
  expect(await claim()).toBe(3)
  await record(2, 'late', Date.now() + 7_200_000)
  expect(await tokenNow()).toBe('late')
  await record(1, 'sooner', Date.now() + 60_000)
  expect(await tokenNow()).toBe('late')
})

it('keeps a token that comes after its claim has run out, but never in place of a newer one', async () => {
  const { record, claim, tokenNow } = await makeAccount('acc_2')
  await claim()
  await endClaim('acc_2')
  expect(await claim()).toBe(2)
  await record(1, 'late')
  expect(await tokenNow()).toBe('late')
  await record(2, 'newer')
  await record(1, 'late again')
  expect(await tokenNow()).toBe('newer')
})

it('takes a refused token for over only while it is the one that is kept', async () => {
  const { accounts, record, claim, tokenNow } = await makeAccount('acc_3')
  await claim()
  await record(1, 'kept')
  await accounts.endToken('acc_3', 'another')
  expect(await accounts.find('acc_3')).toMatchObject({ tokenSealed: 'kept', expiresInMs: null })
  await accounts.endToken('acc_3', 'kept')
  const over = await accounts.find('acc_3')
  expect(over?.tokenSealed).toBe('kept')
  expect(over?.expiresInMs).toBeLessThan(0)
  await claim()
  await record(1, 'late')
  expect(await tokenNow()).toBe('late')
})

/** As if half of the life of its token had passed. */
const passHalf = (id: string) =>
  store.pool.query('UPDATE provider_accounts SET renew_after = now() WHERE id = $1', [id])

describe('a fleet with an anonymous account', () => {
  const hour = 3_600_000
  const sealer = createSealer(randomBytes(32))
  const job = { tenantId: 'ten_1', accountId: null }
  const quota = providerError('provider_rate_limited', { retryAfterMs: 24 * hour })

  /** Processes that share an account and a provider with a quota of one token, beside the one that they may have. */
  const startFleet = async (name: string) => {
    const journal: string[] = []
    const startProcess = (answer: () => Promise<IssuedToken>) =>
      createAccountDesk({
        accounts: createProviderAccountStore({ pool: store.pool }),
        provider: {
          ...createScriptedProvider({ credits: providerError('provider_auth_failed') }, []),
          requestToken: (clientId) => {
            journal.push(`request token for ${clientId}`)
            return answer()
          },
        },
        sealer,
        clock: createManualClock(Date.now()),
        telemetry: { state: (fact) => void journal.push(fact) },
        attribution: { source: 's', version: '1', platform: 'p' },
        configuredToken: null,
        configuredClientId: name,
        fingerprint: (secret) => secret,
      })
    const issue = (token: string, lifeMs: number) => () =>
      Promise.resolve({ token, userId: null, credits: 100, expiresAtMs: Date.now() + lifeMs })
    return { journal, startProcess, issue, accountId: await startProcess(issue('', 0)).sharedAccountId() }
  }

  const request = (name: string) => `request token for ${name}`
  const refuse = () => Promise.reject(quota)

  it('asks for its token once, however many processes begin with it', async () => {
    const { journal, startProcess, issue } = await startFleet('many')
    const fleet = Array.from({ length: 8 }, () => startProcess(issue('nmv_1', 168 * hour)))
    const found = await Promise.all(fleet.map((desk) => desk.find(job)))
    expect(new Set(found.map(({ outcome }) => outcome))).toContain('ready')
    expect(await Promise.all(fleet.map((desk) => desk.find(job)))).toMatchObject(
      fleet.map(() => ({ outcome: 'ready', token: 'nmv_1' })),
    )
    expect(journal).toEqual([request('many')])
  })

  it('asks once when the renewal of a token that lives is refused, and goes on with it', async () => {
    const { journal, startProcess, issue, accountId } = await startFleet('refused')
    await startProcess(issue('nmv_1', 20 * hour)).find(job)
    await passHalf(accountId)
    const fleet = Array.from({ length: 8 }, () => startProcess(refuse))
    const found = await Promise.all(fleet.map((desk) => desk.find(job)))
    expect(found).toMatchObject(fleet.map(() => ({ outcome: 'ready', token: 'nmv_1' })))
    expect(await startProcess(refuse).find(job)).toMatchObject({ outcome: 'ready', token: 'nmv_1' })
    expect(journal).toEqual([request('refused'), request('refused'), 'token.renewal_refused'])
  })

  it('asks at once for another token when the one whose renewal was refused is refused itself', async () => {
    const { startProcess, issue, accountId } = await startFleet('dropped')
    await startProcess(issue('nmv_1', 20 * hour)).find(job)
    await passHalf(accountId)
    const desk = startProcess(refuse)
    await desk.find(job)
    await desk.renounce(accountId, 'nmv_1')
    const next = startProcess(issue('nmv_2', 168 * hour))
    expect(await next.find(job)).toMatchObject({ outcome: 'ready', token: 'nmv_2' })
  })

  it('asks for no other token in the first half of the life of one, however short that is', async () => {
    const { journal, startProcess, issue, accountId } = await startFleet('short')
    await startProcess(issue('nmv_1', hour)).find(job)
    expect(await startProcess(issue('nmv_2', hour)).find(job)).toMatchObject({ token: 'nmv_1' })
    await passHalf(accountId)
    expect(await startProcess(issue('nmv_2', hour)).find(job)).toMatchObject({ token: 'nmv_2' })
    expect(journal).toHaveLength(2)
  })

  it('renews a token again when the time after a refusal is over', async () => {
    const { startProcess, issue, accountId } = await startFleet('again')
    await startProcess(issue('nmv_1', 20 * hour)).find(job)
    await passHalf(accountId)
    await startProcess(refuse).find(job)
    await store.pool.query(
      `UPDATE provider_accounts SET renew_after = renew_after - interval '10 hours' WHERE id = $1`,
      [accountId],
    )
    const next = startProcess(issue('nmv_2', 168 * hour))
    expect(await next.find(job)).toMatchObject({ outcome: 'ready', token: 'nmv_2' })
  })

  /** It dies after its request and before anything of the answer is kept. */
  const dying = () => new Promise<never>(() => undefined)

  it('loses nothing when a process dies while it renews: the old token does, and one more is asked for', async () => {
    const { journal, startProcess, issue, accountId } = await startFleet('dies')
    await startProcess(issue('nmv_1', 20 * hour)).find(job)
    await passHalf(accountId)
    void startProcess(dying).find(job)
    await expect.poll(() => journal).toHaveLength(2)
    const another = startProcess(refuse)
    expect(await another.find(job)).toMatchObject({ outcome: 'ready', token: 'nmv_1' })
    expect(journal).toHaveLength(2)
    await endClaim(accountId)
    another.forget()
    for (const desk of [another, startProcess(refuse)])
      expect(await desk.find(job)).toMatchObject({ outcome: 'ready', token: 'nmv_1' })
    expect(journal.slice(2)).toEqual([request('dies'), 'token.renewal_refused'])
  })

  it('makes no storm when a process dies with its first token: one more request, then it waits', async () => {
    const { journal, startProcess, accountId } = await startFleet('first')
    void startProcess(dying).find(job)
    await expect.poll(() => journal).toHaveLength(1)
    const fleet = Array.from({ length: 8 }, () => startProcess(refuse))
    const findAll = async () => {
      const found = await Promise.all(fleet.map((desk) => desk.find(job)))
      return found.map(({ outcome }) => outcome).sort()
    }
    expect(new Set(await findAll())).toEqual(new Set(['busy']))
    expect(journal).toHaveLength(1)
    await endClaim(accountId)
    expect(await findAll()).toEqual([...Array(7).fill('busy'), 'failed'])
    expect(new Set(await findAll())).toEqual(new Set(['busy']))
    expect(journal).toEqual([request('first'), request('first')])
  })
})
