import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { seedJob } from '../../support/seed-job.ts'
import { type ApiKit, openApiKit, publicUrl } from './kit.ts'

describe('POST /v1/jobs/{id}/cancel', () => {
  let kit: ApiKit
  beforeAll(async () => {
    kit = await openApiKit()
  })
  afterAll(() => kit.close())

  const seed = (job: Readonly<Record<string, unknown>>) =>
    seedJob(kit.store.pool, {
      job: { tenant_id: kit.tenantId, ...job },
      request: { tenant_id: kit.tenantId },
    })
  const cancel = (id: string) => kit.send({ method: 'POST', url: `/v1/jobs/${id}/cancel` })
  const readJob = (id: string) => kit.store.prisma.job.findUniqueOrThrow({ where: { id } })
  const typesOf = async (jobId: string) =>
    (await kit.store.prisma.jobEvent.findMany({ where: { jobId }, orderBy: { seq: 'asc' } })).map(
      ({ type }) => type,
    )

  const later = new Date(Date.now() + 3_600_000)

  test('a queued job is canceled at once', async () => {
    const id = await seed({})
    const response = await cancel(id)
    expect(response.statusCode).toBe(200)
    expect(response.json()).toMatchObject({
      outcome: 'canceled',
      credits_spent: 0,
      job: { id, state: 'canceled' },
    })
    expect(await typesOf(id)).toEqual(['job.queued', 'job.canceled'])
  })

  test('a waiting job with nothing open at the provider is canceled at once', async () => {
    const id = await seed({ state: 'waiting', stage: 'session', due_at: later, credits_spent: 0 })
    expect((await cancel(id)).json()).toMatchObject({ outcome: 'canceled', job: { state: 'canceled' } })
  })

  test('a waiting job with a render under way is made due, for its next holder to end it', async () => {
    const id = await seed({
      state: 'waiting',
      stage: 'render',
      render_id: 'render_1',
      due_at: later,
      credits_spent: 100,
    })
    kit.wakes.length = 0
    const response = await cancel(id)
    expect(response.statusCode).toBe(202)
    expect(response.headers).toMatchObject({ location: `${publicUrl}/v1/jobs/${id}`, 'retry-after': '2' })
    expect(response.json()).toMatchObject({
      outcome: 'canceling',
      credits_spent: 100,
      job: { state: 'waiting' },
    })
    const job = await readJob(id)
    expect(job.cancelRequestedAt).not.toBeNull()
    expect(job.dueAt.getTime()).toBeLessThanOrEqual(Date.now() + 1_000)
    expect(kit.wakes).toEqual(['cancel', 'dispatch'])
  })

  test('a waiting job with a message of unknown fate is not canceled behind its back', async () => {
    const id = await seed({ state: 'waiting', stage: 'confirm', due_at: later })
    await kit.store.prisma.permit.create({
      data: {
        id: `prm_${id}`,
        jobId: id,
        messageNo: 0,
        attempt: 1,
        try: 0,
        epoch: 1,
        accountId: 'acc_1',
        providerSessionId: '1',
        state: 'accepted',
        messageDigest: 'x',
        baseline: {},
        creditsReserved: 100,
      },
    })
    expect((await cancel(id)).json().outcome).toBe('canceling')
  })

  test('a running job is asked of its holder', async () => {
    const id = await seed({
      state: 'running',
      stage: 'generate',
      epoch: 1,
      lease_owner: 'w',
      lease_until: later,
    })
    const response = await cancel(id)
    expect(response.statusCode).toBe(202)
    expect((await readJob(id)).cancelRequestedAt).not.toBeNull()
    expect((await cancel(id)).statusCode).toBe(202)
  })

  test('a job that has ended stays as it is', async () => {
    const id = await seed({ state: 'succeeded', finished_at: new Date() })
    const response = await cancel(id)
    expect(response.statusCode).toBe(409)
    expect(response.json().code).toBe('already_finished')
    expect((await readJob(id)).cancelRequestedAt).toBeNull()
    const endings = { succeeded: 'has succeeded', failed: 'has failed', canceled: 'was canceled' }
    for (const [state, words] of Object.entries(endings)) {
      const ended = await cancel(await seed({ state, finished_at: new Date() }))
      expect(ended.json().detail).toBe(`The job ${words}.`)
    }
  })

  test('a job of another tenant cannot be canceled', async () => {
    const authorization = `Bearer ${await kit.newKey({ tenantId: await kit.newTenant('stranger') })}`
    const id = await seed({})
    const response = await kit.send({
      method: 'POST',
      url: `/v1/jobs/${id}/cancel`,
      headers: { authorization },
    })
    expect(response.statusCode).toBe(404)
    expect((await readJob(id)).state).toBe('queued')
  })

  test('of many cancels at once each has an answer, and there is one ending', async () => {
    const id = await seed({})
    const statuses = (await Promise.all(Array.from({ length: 10 }, () => cancel(id)))).map(
      (r) => r.statusCode,
    )
    expect(statuses.filter((status) => status === 200)).toHaveLength(1)
    expect(statuses.every((status) => status === 200 || status === 409)).toBe(true)
    expect(await typesOf(id)).toEqual(['job.queued', 'job.canceled'])
  })
})
