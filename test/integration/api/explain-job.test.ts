import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { ExplanationOut } from '../../../src/api/schemas/explanation-out.ts'
import { seedJob } from '../../support/seed-job.ts'
import { type ApiKit, openApiKit, publicUrl } from './kit.ts'

describe('GET /v1/jobs/{id}/explain', () => {
  let kit: ApiKit
  beforeAll(async () => {
    kit = await openApiKit()
  })
  afterAll(() => kit.close())
  beforeEach(async () => {
    await kit.store.pool.query('TRUNCATE jobs, job_requests, workers, attempts, provider_accounts CASCADE')
    await kit.store.prisma.worker.create({ data: { id: 'wrk_1', slots: 100 } })
    await kit.store.prisma.providerAccount.create({
      data: { id: 'acc_shared', kind: 'token', identity: 'shared' },
    })
  })

  const inS = (seconds: number) => new Date(Date.now() + seconds * 1000)
  const seed = (job: Readonly<Record<string, unknown>> = {}) =>
    seedJob(kit.store.pool, {
      job: { tenant_id: kit.tenantId, ...job },
      request: { tenant_id: kit.tenantId },
    })
  const running = { state: 'running', lease_owner: 'w', lease_until: inS(600) }
  const explain = async (id: string) => {
    const response = await kit.send({ url: `/v1/jobs/${id}/explain` })
    expect(response.statusCode).toBe(200)
    return ExplanationOut.parse(response.json())
  }

  test('a queued job has a place in the line of its tenant and a guess of its start', async () => {
    await seed({ order_at: inS(-30) })
    await seed({ order_at: inS(-20) })
    await seed(running)
    const other = await kit.newTenant('other')
    await seed({ tenant_id: other, order_at: inS(-40) })
    const id = await seed({ order_at: inS(-10) })
    const explanation = await explain(id)
    expect(explanation).toMatchObject({
      state: 'queued',
      stage: 'auth',
      waiting_for: { kind: 'turn', until: null },
      ahead: 2,
      limits: [
        { name: 'tenant_concurrency', used: 1, max: 1000 },
        { name: 'account_concurrency', used: 1, max: 1000 },
        { name: 'worker_slots', used: 1, max: 100 },
      ],
      last_failure: null,
      suggestions: [],
    })
    expect(explanation.predicted_start_at).not.toBeNull()
    expect((await kit.send({ url: `/v1/jobs/${id}` })).json().links.explain).toBe(
      `${publicUrl}/v1/jobs/${id}/explain`,
    )
  })

  test('the budgets that limit a job stand among its limits, with what is spent and reserved of them', async () => {
    const tenantId = await kit.newTenant('thrifty', { maxCreditsPerDay: 900 })
    const authorization = `Bearer ${await kit.newKey({ tenantId })}`
    const day = new Date().toISOString().slice(0, 10)
    const budget = { tenantId, maxCredits: 500, reserved: 100, spent: 150 }
    await kit.store.prisma.budget.createMany({
      data: [
        { ...budget, id: 'bat_thrifty' },
        { ...budget, id: `${tenantId}:${day}`, spent: 300 },
      ],
    })
    const seedLimited = (job: object) =>
      seedJob(kit.store.pool, {
        job: { tenant_id: tenantId, batch_id: 'bat_thrifty', credits_spent: 50, ...job },
        request: { tenant_id: tenantId, max_credits: 250 },
      })
    const limitsOf = async (id: string) =>
      (await kit.send({ url: `/v1/jobs/${id}/explain`, headers: { authorization } })).json().limits
    const budgets = [
      { name: 'job_credits', used: 150, max: 250 },
      { name: 'batch_credits', used: 250, max: 500 },
      { name: 'day_credits', used: 400, max: 900 },
    ]
    const open = await seedLimited(running)
    await kit.store.pool.query(
      `INSERT INTO permits (id, job_id, message_no, attempt, try, epoch, account_id, provider_session_id, state,
         message_digest, baseline, credits_reserved)
       VALUES ('prm_thrifty', $1, 0, 1, 1, 1, 'acc_shared', 's', 'open', '', '{}', 100)`,
      [open],
    )
    expect((await limitsOf(open)).slice(3)).toEqual(budgets)
    const ended = { state: 'failed', finished_at: new Date(), credits_spent: 150 }
    const over = await seedLimited({ ...ended, failure_code: 'budget_exceeded' })
    expect(await limitsOf(over)).toEqual(budgets)
    expect(await limitsOf(await seedLimited({ ...ended, failure_code: 'internal' }))).toEqual([])
  })

  test('the guess rests on how long the last jobs held their slots, not on how long they waited', async () => {
    const tenantId = await kit.newTenant('slow', { maxConcurrency: 1 })
    const own = { tenant_id: tenantId }
    const past = await seed({ ...own, state: 'succeeded', finished_at: new Date() })
    for (const no of [0, 1])
      await kit.store.prisma.attempt.create({
        data: {
          jobId: past,
          attempt: 1,
          stage: 'render',
          messageNo: 0,
          try: no,
          epoch: 1,
          startedAt: inS(-1),
          outcome: 'wait',
          finishedAt: inS(59),
        },
      })
    await seed({ ...own, ...running })
    const id = await seed(own)
    const authorization = `Bearer ${await kit.newKey({ tenantId })}`
    const { waiting_for, predicted_start_at } = (
      await kit.send({ url: `/v1/jobs/${id}/explain`, headers: { authorization } })
    ).json()
    expect(waiting_for.kind).toBe('tenant_concurrency')
    const afterS = (Date.parse(predicted_start_at) - Date.now()) / 1000
    expect(Math.round(afterS / 60)).toBe(2)
  })

  test('a provider account that is full holds the jobs of all who share it, and nobody else', async () => {
    await kit.store.prisma.providerAccount.update({
      where: { id: 'acc_shared' },
      data: { maxConcurrency: 1 },
    })
    const other = await kit.newTenant('sharing')
    await seed({ ...running, tenant_id: other })
    const id = await seed()
    expect(await explain(id)).toMatchObject({
      waiting_for: { kind: 'account_concurrency' },
      limits: [{}, { name: 'account_concurrency', used: 1, max: 1 }, {}],
    })
    await kit.store.prisma.providerAccount.create({
      data: { id: 'acc_own', kind: 'token', identity: 'own', tenantId: kit.tenantId },
    })
    expect((await explain(id)).waiting_for?.kind).toBe('turn')
  })

  test('without a worker it says so', async () => {
    await kit.store.pool.query(`UPDATE workers SET seen_at = now() - interval '2 minutes'`)
    expect(await explain(await seed())).toMatchObject({
      waiting_for: { kind: 'workers' },
      predicted_start_at: null,
      suggestions: [expect.stringContaining('Start a worker')],
    })
  })

  test('a job of a batch that is open, of a session that is busy, or of a later time waits for that', async () => {
    const kindOf = async (job: Readonly<Record<string, unknown>>) =>
      (await explain(await seed(job))).waiting_for?.kind
    expect(await kindOf({ due_at: 'infinity', order_at: 'infinity' })).toBe('batch')
    expect(await kindOf({ due_at: inS(60) })).toBe('schedule')
    await seed({ ...running, session_id: 'ses_1', created_at: inS(-60) })
    expect(await kindOf({ session_id: 'ses_1' })).toBe('session')
  })

  test('a retry names the failure, and when it is due', async () => {
    const dueAt = inS(120)
    const id = await seed({
      state: 'waiting',
      stage: 'session',
      due_at: dueAt,
      notes: JSON.stringify({ waiting_for: 'retry' }),
    })
    const attempt = { jobId: id, attempt: 1, stage: 'session', messageNo: 0, epoch: 1, startedAt: new Date() }
    await kit.store.prisma.attempt.create({ data: { ...attempt, try: 0, outcome: 'done' } })
    await kit.store.prisma.attempt.create({
      data: {
        ...attempt,
        try: 0,
        outcome: 'fail',
        failureCode: 'provider_unavailable',
        detail: { note: 'no answer' },
      },
    })
    expect(await explain(id)).toMatchObject({
      waiting_for: { kind: 'retry', until: dueAt.toISOString() },
      next_attempt_at: dueAt.toISOString(),
      last_failure: { code: 'provider_unavailable', message: 'no answer', stage: 'session' },
      predicted_start_at: null,
    })
  })

  test('a breaker of the account says when its operation is probed', async () => {
    const probeAt = inS(300)
    await kit.store.prisma.providerAccount.create({
      data: {
        id: 'acc_1',
        kind: 'token',
        identity: 'x',
        breaker: { render: { openings: 2, probe_at: probeAt.toISOString() } },
      },
    })
    const id = await seed({
      state: 'waiting',
      stage: 'render',
      account_id: 'acc_1',
      due_at: inS(5),
      notes: JSON.stringify({ waiting_for: 'provider_down' }),
    })
    expect((await explain(id)).waiting_for).toMatchObject({ kind: 'provider', until: probeAt.toISOString() })
  })

  test('a failed job says why and what can be done', async () => {
    const id = await seed({
      state: 'failed',
      stage: 'render',
      failure_code: 'render_timeout',
      failure_message: 'too long',
      failure_stage: 'render',
      finished_at: new Date(),
    })
    expect(await explain(id)).toMatchObject({
      waiting_for: null,
      limits: [],
      next_attempt_at: null,
      last_failure: { code: 'render_timeout', message: 'too long', stage: 'render' },
      suggestions: [expect.stringContaining('free of charge')],
    })
  })

  test('a running job is at its stage, or waits for its rescue', async () => {
    const at = { ...running, stage: 'generate' }
    expect((await explain(await seed(at))).waiting_for).toMatchObject({ kind: 'work' })
    expect((await explain(await seed({ ...at, lease_until: inS(-1) }))).waiting_for?.kind).toBe('rescue')
  })

  test('a job of another tenant is not found', async () => {
    const authorization = `Bearer ${await kit.newKey({ tenantId: await kit.newTenant('stranger') })}`
    const url = `/v1/jobs/${await seed()}/explain`
    expect((await kit.send({ url, headers: { authorization } })).statusCode).toBe(404)
  })
})
