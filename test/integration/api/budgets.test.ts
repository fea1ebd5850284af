import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { startTestBed, type TestBed } from '../../support/app.ts'
import { type ApiKit, openApiKit } from './kit.ts'

describe('a job that could not be paid for', () => {
  let kit: ApiKit
  beforeAll(async () => {
    kit = await openApiKit()
  })
  afterAll(() => kit.close())

  /** A key of a tenant with that limit, which has spent and reserved so much today. */
  const limited = async (maxCreditsPerDay: number, { spent = 0, reserved = 0 } = {}): Promise<string> => {
    const tenantId = await kit.newTenant(`limited ${Math.random()}`, { maxCreditsPerDay })
    const id = `${tenantId}:${new Date().toISOString().slice(0, 10)}`
    await kit.store.prisma.budget.create({
      data: { id, tenantId, maxCredits: maxCreditsPerDay, spent, reserved },
    })
    return kit.newKey({ tenantId })
  }

  const submit = (body: object, key: string = kit.apiKey) =>
    kit.send({
      method: 'POST',
      url: '/v1/jobs',
      payload: { prompt: 'a fox', ...body },
      headers: { authorization: `Bearer ${key}` },
    })

  test.each([{}, { dry_run: true }])(
    'is refused with its own max_credits, and stores nothing: %o',
    async (body) => {
      const before = await kit.store.prisma.job.count()
      const response = await submit({ ...body, max_credits: 99 })
      expect(response.statusCode).toBe(422)
      expect(response.json()).toMatchObject({
        code: 'budget_exceeded',
        errors: [{ pointer: '/max_credits', detail: expect.stringContaining('at least 100') }],
      })
      expect(await kit.store.prisma.job.count()).toBe(before)
    },
  )

  test('is refused when the day of its tenant is spent, and told when that is renewed', async () => {
    const key = await limited(300, { spent: 201 })
    const response = await submit({}, key)
    expect(response.statusCode).toBe(422)
    expect(response.json()).toMatchObject({ code: 'budget_exceeded', retryable: true })
    const [{ detail }] = response.json().errors
    expect(detail).toContain('99 are left')
    expect(detail).toMatch(/run_at from \d{4}-\d\d-\d\dT00:00:00\.000Z on/)
    expect((await submit({ dry_run: true }, key)).statusCode).toBe(422)
  })

  test('may be for tomorrow', async () => {
    const key = await limited(300, { spent: 300 })
    const tomorrow = new Date(Date.now() + 86_400_000).toISOString()
    expect((await submit({ run_at: tomorrow }, key)).statusCode).toBe(202)
    const never = await limited(99)
    expect((await submit({ run_at: tomorrow }, never)).statusCode).toBe(422)
  })

  test('is taken where it may still fit, and a dry run says that it is tight', async () => {
    const key = await limited(300, { spent: 100, reserved: 100 })
    const dry = await submit({ steps: ['slower'], dry_run: true }, key)
    expect(dry.json()).toMatchObject({
      valid: true,
      estimate: { credits: 150 },
      warnings: [{ code: 'estimate_over_budget', message: expect.stringContaining('leaves 100') }],
    })
    expect((await submit({ steps: ['slower'] }, key)).statusCode).toBe(202)
  })

  test('is found out without asking the database where nothing is limited', async () => {
    expect((await submit({ dry_run: true })).json().warnings).toEqual([])
    expect(await kit.store.prisma.budget.findMany({ where: { tenantId: kit.tenantId } })).toEqual([])
  })
})

describe('what a job is estimated at', () => {
  let kit: ApiKit
  beforeAll(async () => {
    kit = await openApiKit()
  })
  afterAll(() => kit.close())

  const learn = async (id: string, tenantId: string | null, known: object | null) => {
    await kit.store.prisma.providerAccount.create({ data: { id, tenantId, kind: 'token', identity: id } })
    if (known !== null) await kit.store.prisma.accountBook.create({ data: { accountId: id, ...known } })
    await kit.estimates.refresh()
  }

  const estimate = async (key: string = kit.apiKey, body: object = {}): Promise<number> => {
    const response = await kit.send({
      method: 'POST',
      url: '/v1/jobs',
      payload: { prompt: 'a fox', steps: ['slower', 'red'], dry_run: true, ...body },
      headers: { authorization: `Bearer ${key}` },
    })
    return response.json().estimate?.credits
  }

  test('is what its skill says, until the account is known better', async () => {
    expect(await estimate()).toBe(200)
    await learn('acc_shared', null, { generationCredits: 70 })
    expect(await estimate()).toBe(170)
    expect(await estimate(kit.apiKey, { max_credits: 70 })).toBe(170)
    expect(await estimate(kit.apiKey, { max_credits: 69 })).toBeUndefined()
  })

  test('is what its own account charges a tenant that has one', async () => {
    const [known, unknown] = [await kit.newTenant('known'), await kit.newTenant('unknown')]
    await learn('acc_known', known, { generationCredits: 10, editCredits: 5 })
    await learn('acc_unknown', unknown, null)
    expect(await estimate(await kit.newKey({ tenantId: known }))).toBe(20)
    expect(await estimate(await kit.newKey({ tenantId: unknown }))).toBe(200)
  })
})

describe('fifty jobs with credits for three', () => {
  let bed: TestBed
  beforeAll(async () => {
    bed = await startTestBed({ config: { WORKER_CONCURRENCY: 50 } })
  })
  afterAll(() => bed?.stop())

  const call = async <T>(method: string, path: string, body?: object): Promise<T> => {
    const response = await bed.fetch(path, {
      method,
      ...(body && { body: JSON.stringify(body), headers: { 'content-type': 'application/json' } }),
    })
    expect(response.ok).toBe(true)
    return (await response.json()) as T
  }

  interface JobAnswer {
    readonly id: string
    readonly state: string
    readonly failure: { readonly code: string; readonly message: string } | null
    readonly credits: object
  }

  test('send three messages, fail the others with the reason, and leave nothing reserved', async () => {
    const { data } = await call<{ data: { id: string }[] }>('GET', '/v1/admin/tenants?name=default')
    const tenant = `/v1/admin/tenants/${data[0]!.id}`
    await call('PATCH', tenant, { max_concurrency: 0, max_credits_per_day: 350 })
    const submitted = await Promise.all(
      Array.from({ length: 50 }, (_, no) => call<JobAnswer>('POST', '/v1/jobs', { prompt: `fox ${no}` })),
    )
    await call('PATCH', tenant, { max_concurrency: 1_000 })
    const jobs = await Promise.all(
      submitted.map(({ id }) =>
        bed.fetch(`/v1/jobs/${id}`, { headers: { prefer: 'wait=30' } }).then(async (response) => {
          expect(response.status).toBe(200)
          return (await response.json()) as JobAnswer
        }),
      ),
    )
    const refused = jobs.filter(({ state }) => state === 'failed')
    expect([jobs.length, refused.length]).toEqual([50, 47])
    for (const { failure, credits } of refused) {
      expect(failure).toMatchObject({ code: 'budget_exceeded' })
      expect(failure?.message).toMatch(/max_credits_per_day of 350 has 50 left; it is renewed at .+T00:00/)
      expect(credits).toMatchObject({ spent: 0, at_risk: 0 })
    }
    const sent = await bed.ledger('message')
    expect(sent.filter(({ verdict }) => verdict === 'accepted')).toHaveLength(3)
    const usage = await call<{ total: object }>('GET', '/v1/usage')
    expect(usage.total).toMatchObject({
      jobs: { succeeded: 3, failed: 47, canceled: 0 },
      credits: { reserved: 0, spent: 300 },
    })
  })

  test('could not be paid with an account whose token the provider refuses, and that is said', async () => {
    await call('PUT', '/v1/provider-account', { token: 'no-token-of-anybody' })
    const response = await bed.fetch('/v1/credits')
    expect([response.status, response.headers.get('retry-after')]).toEqual([502, null])
    expect(await response.json()).toMatchObject({
      code: 'provider_unavailable',
      title: 'The provider gave no answer that can be used',
      detail: expect.stringMatching(/^The provider refused the token of the account\..*code 1001/),
      retryable: false,
    })
    expect((await bed.fetch('/v1/provider-account', { method: 'DELETE' })).status).toBe(204)
    expect((await bed.fetch('/v1/credits')).status).toBe(200)
  })
})
