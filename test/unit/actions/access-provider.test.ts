import { randomBytes } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import { type AccountDeskDeps, createAccountDesk } from '../../../src/actions/access-provider.ts'
import { createSealer, sealedPlace } from '../../../src/crypto/seal.ts'
import type { Credits, IssuedToken } from '../../../src/providers/provider.ts'
import type { ProviderAccountRow, ProviderAccountStore } from '../../../src/store/provider-accounts.ts'
import { createManualClock, settled } from '../../support/clock.ts'
import {
  type Answers,
  createScriptedProvider,
  creditsOf,
  providerError,
} from '../../support/scripted-provider.ts'

const sealer = createSealer(randomBytes(32))
const job = { tenantId: 'ten_1', accountId: null }
const hour = 3_600_000
const day = 24 * hour

const refused = providerError('provider_auth_failed')

const sealFor = (account: Pick<ProviderAccountRow, 'id' | 'tenantId'>, text: string) =>
  sealer.seal(
    text,
    sealedPlace({ table: 'provider_accounts', rowId: account.id, tenantId: account.tenantId ?? '' }),
  )

const setup = (
  options: Partial<AccountDeskDeps> & {
    readonly tokens?: Answers<IssuedToken>
    /** What is answered to a token that is over; it is refused again, when left out. */
    readonly credits?: Answers<Credits>
    /** How often recording a token fails before it works. */
    readonly awayFor?: number
    /** For how long the process stands still right after it got the right to ask. */
    readonly frozenForMs?: number
    readonly own?: Partial<ProviderAccountRow>
    readonly shared?: Partial<ProviderAccountRow>
  } = {},
) => {
  const clock = createManualClock()
  const journal: string[] = []
  const facts: unknown[] = []
  const rows = new Map<string, ProviderAccountRow>()
  let refreshedBy: number | null = null
  let awayFor = options.awayFor ?? 0
  const put = (row: Partial<ProviderAccountRow> & { id: string }): ProviderAccountRow => {
    const account: ProviderAccountRow = {
      tenantId: null,
      kind: 'token',
      clientIdSealed: null,
      tokenSealed: null,
      userId: null,
      expiresInMs: null,
      isRenewalPostponed: false,
      claimEpoch: 0,
      claimedForMs: 0,
      ...rows.get(row.id),
      ...row,
    }
    rows.set(account.id, account)
    return account
  }
  const accounts: ProviderAccountStore = {
    ensure: ({ identity, kind }) => {
      journal.push(`ensure ${identity}`)
      return Promise.resolve(put({ id: 'acc_shared', kind, ...options.shared }))
    },
    findForTenant: (tenantId, sharedId) => {
      journal.push(`find for ${tenantId}`)
      return Promise.resolve(
        [...rows.values()].find((row) => row.tenantId === tenantId) ?? rows.get(sharedId) ?? null,
      )
    },
    find: (id) => Promise.resolve(rows.get(id) ?? null),
    setClientId: (id, clientIdSealed) => {
      const kept = rows.get(id)?.clientIdSealed ?? clientIdSealed
      put({ id, clientIdSealed: kept })
      return Promise.resolve(kept)
    },
    claimRefresh: (id, claimEpoch) => {
      if (refreshedBy !== null || rows.get(id)?.claimEpoch !== claimEpoch) return Promise.resolve(null)
      refreshedBy = claimEpoch + 1
      put({ id, claimEpoch: refreshedBy })
      clock.advance(options.frozenForMs ?? 0)
      return Promise.resolve(refreshedBy)
    },
    recordToken: (id, by, { tokenSealed, userId, expiresAtMs }) => {
      journal.push('record token')
      if (awayFor > 0) {
        awayFor -= 1
        return Promise.reject(new Error('away'))
      }
      expect(by).toBe(refreshedBy)
      refreshedBy = null
      put({ id, tokenSealed, userId, expiresInMs: expiresAtMs === null ? null : expiresAtMs - clock.nowMs() })
      return Promise.resolve()
    },
    failRefresh: (_id, _by, forMs) => {
      journal.push(`refused for ${forMs}`)
      return Promise.resolve()
    },
    postponeRenewal: (id, by, forMs) => {
      journal.push(`renewal refused for ${forMs}`)
      expect(by).toBe(refreshedBy)
      refreshedBy = null
      put({ id, isRenewalPostponed: true })
      return Promise.resolve()
    },
    endToken: (id, refused) => {
      journal.push('end token')
      if (rows.get(id)?.tokenSealed === refused) put({ id, expiresInMs: 0 })
      return Promise.resolve()
    },
  }
  if (options.own) put({ id: 'acc_own', tenantId: 'ten_1', ...options.own })
  const desk = createAccountDesk({
    accounts,
    provider: createScriptedProvider(
      { credits: options.credits ?? refused, ...(options.tokens && { token: options.tokens }) },
      journal,
    ),
    sealer,
    clock,
    telemetry: { state: (fact, details) => void facts.push({ fact, ...details }) },
    attribution: { source: 's', version: '1', platform: 'p' },
    configuredToken: null,
    configuredClientId: null,
    fingerprint: (secret) => `hash of ${secret}`,
    ...options,
  })
  return { desk, journal, facts, clock, put, claim: () => accounts.claimRefresh('acc_shared', 0, 1) }
}

const issued = (token: string, expiresAtMs: number | null = null): IssuedToken => ({
  token,
  userId: 'anon_1',
  credits: 100,
  expiresAtMs,
})

/** An anonymous account whose token is good for that long. */
const endingIn = (expiresInMs: number): Partial<ProviderAccountRow> => ({
  kind: 'anonymous',
  tokenSealed: sealFor({ id: 'acc_shared', tenantId: null }, 'nmv_1'),
  expiresInMs,
})

describe('a configured token', () => {
  test('is used for every tenant without an account of its own, and is kept nowhere', async () => {
    const { desk, journal } = setup({ configuredToken: 'secret' })
    expect(await desk.find(job)).toMatchObject({ outcome: 'ready', accountId: 'acc_shared', token: 'secret' })
    expect(journal).toEqual(['ensure token:hash of secret', 'find for ten_1'])
  })

  test('is not used for a tenant that has one', async () => {
    const own = { id: 'acc_own', tenantId: 'ten_1' }
    const { desk } = setup({ configuredToken: 'secret', own: { tokenSealed: sealFor(own, 'its own') } })
    expect(await desk.find(job)).toMatchObject({ accountId: 'acc_own', token: 'its own' })
  })

  test('cannot be renewed', async () => {
    const { desk } = setup({ configuredToken: 'secret' })
    await desk.find(job)
    expect(await desk.renounce('acc_shared', 'secret')).toBe(false)
    expect(await desk.renounce('acc_gone', 'secret')).toBe(false)
  })

  test('is tried again where it was changed since it was refused, or is taken after all', async () => {
    const { desk } = setup({ configuredToken: 'secret', credits: [refused, creditsOf(60)] })
    await desk.find(job)
    expect(await desk.renounce('acc_shared', 'its predecessor')).toBe(true)
    expect(await desk.renounce('acc_shared', 'secret')).toBe(false)
    expect(await desk.renounce('acc_shared', 'secret')).toBe(true)
  })

  test('that is gone fails the job that was done with it', async () => {
    const { desk } = setup({ own: { kind: 'token' } })
    expect(await desk.find(job)).toMatchObject({ outcome: 'failed', error: { code: 'provider_auth_failed' } })
    expect(await desk.find({ ...job, accountId: 'acc_gone' })).toMatchObject({ outcome: 'failed' })
  })
})

describe('an anonymous token', () => {
  test('is asked for once and recorded as the very next thing', async () => {
    const { desk, journal } = setup({ tokens: issued('nmv_1'), configuredClientId: 'client-1' })
    const results = await Promise.all([desk.find(job), desk.find(job), desk.find(job)])
    expect(results).toMatchObject(Array.from({ length: 3 }, () => ({ outcome: 'ready', token: 'nmv_1' })))
    expect(journal).toEqual([
      'ensure anonymous:hash of client-1',
      'find for ten_1',
      'request token for client-1',
      'record token',
    ])
  })

  test('is asked for under a client id that is made once and kept', async () => {
    const { desk, journal, put, clock } = setup({ tokens: issued('nmv_1') })
    await desk.find(job)
    put({ id: 'acc_shared', tokenSealed: null })
    clock.advance(15_001)
    await desk.find(job)
    const clients = journal.filter((words) => words.startsWith('request token'))
    expect(clients).toHaveLength(2)
    expect(new Set(clients).size).toBe(1)
  })

  test('is read from its row again after a while, or at once when it was refused', async () => {
    const { desk, journal, clock } = setup({ tokens: [issued('nmv_1'), issued('nmv_2')] })
    await desk.find(job)
    await desk.find(job)
    expect(journal.filter((words) => words === 'find for ten_1')).toHaveLength(1)
    clock.advance(15_001)
    expect(await desk.find(job)).toMatchObject({ token: 'nmv_1' })
    expect(await desk.renounce('acc_shared', 'nmv_1')).toBe(true)
    expect(await desk.find(job)).toMatchObject({ token: 'nmv_2' })
  })

  test('that somebody has renewed meanwhile is not taken for over', async () => {
    const { desk, journal } = setup({ tokens: issued('nmv_2') })
    await desk.find(job)
    expect(await desk.renounce('acc_shared', 'nmv_1')).toBe(true)
    expect(journal).not.toContain('end token')
  })

  test('that was looked up before it was refused is not kept', async () => {
    const { desk } = setup({ tokens: [issued('nmv_1'), issued('nmv_2')] })
    await desk.find(job)
    const renouncing = desk.renounce('acc_shared', 'nmv_1')
    const early = desk.find(job)
    await Promise.all([renouncing, early])
    await settled()
    expect(await desk.find(job)).toMatchObject({ token: 'nmv_2' })
  })

  test('is renewed a day before it ends', async () => {
    const { desk, clock } = setup({
      tokens: [issued('nmv_1', createManualClock().nowMs() + day), issued('nmv_2')],
    })
    await desk.find(job)
    clock.advance(15_001)
    expect(await desk.find(job)).toMatchObject({ token: 'nmv_2' })
  })

  test('does while somebody else renews it, and is waited for when there is none', async () => {
    const ending = setup({ shared: endingIn(day / 2) })
    await ending.desk.sharedAccountId()
    await ending.claim()
    expect(await ending.desk.find(job)).toMatchObject({ outcome: 'ready', token: 'nmv_1' })
    const none = setup()
    await none.desk.sharedAccountId()
    await none.claim()
    expect(await none.desk.find(job)).toEqual({ outcome: 'busy', retryInMs: 1_000 })
  })

  test('that is refused for quota is not asked for again soon', async () => {
    const quota = providerError('provider_rate_limited', { retryAfterMs: 7 * day })
    const { desk, journal } = setup({ tokens: quota })
    expect(await desk.find(job)).toMatchObject({ outcome: 'failed', error: quota })
    expect(journal).toContain(`refused for ${7 * day}`)
    const plain = setup({ tokens: providerError('provider_unavailable') })
    await plain.desk.find(job)
    expect(plain.journal).toContain('refused for 30000')
  })

  test.each([
    'provider_rate_limited',
    'provider_unavailable',
    'provider_rejected',
    'provider_auth_failed',
  ] as const)(
    'that lives goes on doing when its renewal is refused (%s), which is told once',
    async (code) => {
      const { desk, journal, facts, clock } = setup({ tokens: providerError(code), shared: endingIn(day) })
      const goesOn = { outcome: 'ready', token: 'nmv_1', expiresAt: new Date(clock.nowMs() + day) }
      expect(await desk.find(job)).toMatchObject(goesOn)
      clock.advance(15_001)
      expect(await desk.find(job)).toMatchObject({ outcome: 'ready', token: 'nmv_1' })
      expect(journal.filter((words) => words.startsWith('request token'))).toHaveLength(1)
      expect(facts).toMatchObject([{ fact: 'token.renewal_refused', failureCode: code, retryInMs: 6 * hour }])
    },
  )

  test.each([
    { lifeMs: 24 * hour, retryAfterMs: 8 * hour, pauseMs: 8 * hour, what: 'as long as the provider wants' },
    { lifeMs: 23 * hour, retryAfterMs: day, pauseMs: 11.5 * hour, what: 'for half of its life at most' },
    { lifeMs: 8 * hour, retryAfterMs: null, pauseMs: 4 * hour, what: 'for less than hours near its end' },
    { lifeMs: hour, retryAfterMs: null, pauseMs: hour, what: 'until its end in its last hour' },
  ])('whose renewal is refused is not renewed $what', async ({ lifeMs, retryAfterMs, pauseMs }) => {
    const quota = providerError('provider_rate_limited', retryAfterMs === null ? {} : { retryAfterMs })
    const { desk, journal } = setup({ tokens: quota, shared: endingIn(lifeMs) })
    expect(await desk.find(job)).toMatchObject({ outcome: 'ready', token: 'nmv_1' })
    expect(journal).toContain(`renewal refused for ${pauseMs}`)
  })

  test('whose renewal is refused fails the job when it is about to end, or was refused meanwhile', async () => {
    const quota = providerError('provider_rate_limited', { retryAfterMs: day })
    const ending = setup({ tokens: quota, shared: endingIn(60_000) })
    expect(await ending.desk.find(job)).toMatchObject({ outcome: 'failed', error: quota })
    const dropped = setup({
      shared: endingIn(day),
      provider: {
        ...createScriptedProvider({ credits: refused }, []),
        requestToken: async () => {
          await dropped.desk.renounce('acc_shared', 'nmv_1')
          throw quota
        },
      },
    })
    expect(await dropped.desk.find(job)).toMatchObject({ outcome: 'failed', error: quota })
    expect([...ending.facts, ...dropped.facts]).toEqual([])
  })

  test('whose renewal was refused is asked for at once when the provider no longer takes it', async () => {
    const tokens = [providerError('provider_rate_limited'), issued('nmv_2')]
    const { desk } = setup({ tokens, shared: endingIn(day) })
    expect(await desk.find(job)).toMatchObject({ token: 'nmv_1' })
    expect(await desk.renounce('acc_shared', 'nmv_1')).toBe(true)
    expect(await desk.find(job)).toMatchObject({ token: 'nmv_2' })
  })

  describe('that was refused', () => {
    test('goes on doing when the provider takes it again, and no other one is asked for', async () => {
      const shared = { ...endingIn(7 * day), userId: 'anon_1' }
      const { desk, journal } = setup({ shared, credits: creditsOf(60) })
      await desk.find(job)
      expect(await desk.renounce('acc_shared', 'nmv_1')).toBe(true)
      expect(await desk.find(job)).toMatchObject({ outcome: 'ready', token: 'nmv_1', userId: 'anon_1' })
      expect(journal.filter((words) => words.startsWith('request token'))).toEqual([])
    })

    test('is not given up while nobody can say whether it does', async () => {
      const away = providerError('provider_unavailable')
      const { desk, journal } = setup({ shared: endingIn(0), credits: away })
      expect(await desk.find(job)).toMatchObject({ outcome: 'failed', error: away })
      expect(journal).toEqual([
        'ensure anonymous:installation',
        'find for ten_1',
        'read credits',
        'refused for 30000',
      ])
    })

    test('is tried again before long, however long there is no other', async () => {
      const quota = providerError('provider_rate_limited', { retryAfterMs: 7 * day })
      const { desk, journal } = setup({ shared: endingIn(0), tokens: quota })
      expect(await desk.find(job)).toMatchObject({ outcome: 'failed', error: quota })
      expect(journal).toContain('refused for 600000')
    })
  })

  test('is not asked for by a process that stood still until others may ask', async () => {
    const { desk, journal } = setup({ tokens: issued('nmv_1'), frozenForMs: 30_001 })
    expect(await desk.find(job)).toEqual({ outcome: 'busy', retryInMs: 1_000 })
    expect(journal.filter((words) => words.startsWith('request token'))).toEqual([])
  })

  test('that could not be recorded is not lost: it is recorded as soon as the database is back', async () => {
    const { desk, journal, clock } = setup({ tokens: issued('nmv_1'), awayFor: 3 })
    const found = desk.find(job)
    for (let second = 0; second < 3; second += 1) {
      await settled()
      clock.advance(1_000)
    }
    expect(await found).toMatchObject({ outcome: 'ready', token: 'nmv_1' })
    expect(journal.filter((words) => words.startsWith('request token'))).toHaveLength(1)
    expect(journal.filter((words) => words === 'record token')).toHaveLength(4)
  })

  test('that is being recorded is waited for when the process stops, but not for ever', async () => {
    const { desk, clock } = setup({ tokens: issued('nmv_1'), awayFor: 1 })
    const found = desk.find(job)
    await settled()
    const closed = desk.close(10_000)
    clock.advance(1_000)
    await closed
    expect(await found).toMatchObject({ outcome: 'ready' })

    const hopeless = setup({ tokens: issued('nmv_1'), awayFor: 1_000 })
    const lost = expect(hopeless.desk.find(job)).rejects.toThrow('away')
    await settled()
    const givenUp = hopeless.desk.close(10_000)
    for (let second = 0; second < 10; second += 1) {
      await settled()
      hopeless.clock.advance(1_000)
    }
    await givenUp
    await lost
  })

  test.each([
    [day, 60_000],
    [90_000, 30_000],
    [59_000, 1_000],
  ])('that was refused for %i ms yet is looked for again after %i ms', async (claimedForMs, retryInMs) => {
    const { desk, claim } = setup({ shared: { kind: 'anonymous', claimedForMs } })
    await desk.sharedAccountId()
    await claim()
    expect(await desk.find(job)).toEqual({ outcome: 'busy', retryInMs })
  })

  test('fails as a surprise when asking for it is one, and the next job asks again', async () => {
    const { desk } = setup({ tokens: [new TypeError('odd')] })
    await expect(desk.find(job)).rejects.toThrow('odd')
    expect(await desk.find(job)).toMatchObject({ outcome: 'busy' })
  })
})

test('a database that is away when the service starts is asked again', async () => {
  const { desk } = setup({ configuredToken: 'secret', shared: {} })
  const away = setup({ configuredToken: 'secret' })
  const failing = createAccountDesk({
    accounts: { ensure: () => Promise.reject(new Error('away')) } as unknown as ProviderAccountStore,
    provider: createScriptedProvider({}, []),
    sealer,
    clock: away.clock,
    telemetry: { state: () => undefined },
    attribution: { source: 's', version: '1', platform: 'p' },
    configuredToken: 'secret',
    configuredClientId: null,
    fingerprint: (secret) => secret,
  })
  await expect(failing.find(job)).rejects.toThrow('away')
  await expect(failing.find(job)).rejects.toThrow('away')
  expect(await desk.find(job)).toMatchObject({ outcome: 'ready' })
})
