import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { seedJob } from '../../support/seed-job.ts'
import { holdRow } from './held-row.ts'
import { type ApiKit, openApiKit, publicUrl } from './kit.ts'

describe('POST /v1/jobs/{id}/redrive', () => {
  let kit: ApiKit
  beforeAll(async () => {
    kit = await openApiKit()
  })
  afterAll(() => kit.close())

  const failed = {
    state: 'failed',
    stage: 'render',
    failure_code: 'render_timeout',
    failure_message: 'too long',
    failure_stage: 'render',
    provider_session_id: '99',
    render_id: 'render_1',
    progress: 0.9,
    finished_at: new Date(),
    deadline_at: new Date(0),
  }
  const seed = (
    job: Readonly<Record<string, unknown>> = {},
    request: Readonly<Record<string, unknown>> = {},
  ) =>
    seedJob(kit.store.pool, {
      job: { tenant_id: kit.tenantId, ...failed, ...job },
      request: { tenant_id: kit.tenantId, ...request },
    })
  const seedPermit = (jobId: string, columns: { state: string; creditsSettled?: number; attempt?: number }) =>
    kit.store.prisma.permit.create({
      data: {
        id: `prm_${jobId}_${columns.attempt ?? 1}`,
        jobId,
        messageNo: 0,
        attempt: 1,
        try: 1,
        epoch: 1,
        accountId: 'acc_1',
        providerSessionId: '99',
        messageDigest: 'x',
        baseline: { fingerprint: 'before', available: 1000, frozen: 0 },
        creditsReserved: 100,
        closedAt: new Date(),
        ...columns,
      },
    })
  const redrive = (id: string, payload?: object, headers: Record<string, string> = {}) =>
    kit.send({
      method: 'POST',
      url: `/v1/jobs/${id}/redrive`,
      headers,
      ...(payload === undefined ? {} : { payload }),
    })
  const readJob = (id: string) => kit.store.prisma.job.findUniqueOrThrow({ where: { id } })

  test('a failed job is queued again from where it failed, with what it has', async () => {
    const id = await seed()
    await seedPermit(id, { state: 'settled', creditsSettled: 100 })
    kit.wakes.length = 0
    const response = await redrive(id)
    expect(response.statusCode).toBe(202)
    expect(response.headers).toMatchObject({ location: `${publicUrl}/v1/jobs/${id}`, 'retry-after': '2' })
    expect(response.json()).toMatchObject({
      job: {
        id,
        state: 'queued',
        stage: 'render',
        attempt: 2,
        failure: null,
        finished_at: null,
        provider: { session_id: '99', render_id: 'render_1' },
        links: { redrive: null, cancel: `${publicUrl}/v1/jobs/${id}/cancel` },
      },
      from_stage: 'render',
      reused: ['session', 'messages', 'render'],
      rerun: ['render', 'deliver'],
      estimated_credits: 0,
    })
    expect(kit.wakes).toEqual(['dispatch'])
    const job = await readJob(id)
    expect(job).toMatchObject({ deadlineAt: null, startDeadlineAt: null, failureMessage: null })
    expect(job.dueAt.getTime()).toBeLessThanOrEqual(Date.now() + 1_000)
    const events = await kit.store.prisma.jobEvent.findMany({ where: { jobId: id }, orderBy: { seq: 'asc' } })
    expect(events.map(({ type }) => type)).toEqual(['job.queued', 'job.redriven'])
    expect(events[1]?.data).toMatchObject({ stage: 'render', message_no: 0, attempt: 2 })
  })

  test('the same idempotency key redrives once, and answers the same again', async () => {
    const id = await seed()
    const key = { 'idempotency-key': `once-${id}` }
    const first = await redrive(id, undefined, key)
    const second = await redrive(id, undefined, key)
    expect(first.headers['idempotency-replayed']).toBeUndefined()
    expect(second.headers['idempotency-replayed']).toBe('true')
    expect([second.statusCode, second.json()]).toEqual([202, first.json()])
    // It failed again meanwhile: the key stands for the redrive that was, not for another one.
    await kit.store.prisma.job.update({ where: { id }, data: { state: 'failed', finishedAt: new Date() } })
    expect((await redrive(id, undefined, key)).json().job).toMatchObject({ state: 'failed', attempt: 2 })
    const reused = await redrive(id, { accept_cost: true }, key)
    expect([reused.statusCode, reused.json().code]).toEqual([422, 'idempotency_key_reused'])
    expect((await redrive(id, undefined, { 'idempotency-key': 'two words' })).statusCode).toBe(400)
  })

  test('a redrive that broke off behind its key is carried out by the next request', async () => {
    const id = await seed()
    const key = `broken-${id}`
    await redrive(id, undefined, { 'idempotency-key': key })
    const columns = { state: 'failed', attempt: 1, finishedAt: new Date() }
    await kit.store.prisma.job.update({ where: { id }, data: columns })
    const again = await redrive(id, undefined, { 'idempotency-key': key })
    expect(again.headers['idempotency-replayed']).toBeUndefined()
    expect(again.json().job).toMatchObject({ state: 'queued', attempt: 2 })
  })

  test('redrives of one key at once make one attempt', async () => {
    const id = await seed()
    const key = { 'idempotency-key': `crowd-${id}` }
    const answers = await Promise.all([1, 2, 3, 4].map(() => redrive(id, undefined, key)))
    expect(new Set(answers.map(({ statusCode }) => statusCode))).toEqual(new Set([202, 409]))
    expect((await readJob(id)).attempt).toBe(2)
  })

  test('a redrive that is refused leaves its key free', async () => {
    const id = await seed({ stage: 'confirm', failure_code: 'awaiting_input' })
    await seedPermit(id, { state: 'settled', creditsSettled: 80 })
    const key = { 'idempotency-key': `free-${id}` }
    expect((await redrive(id, undefined, key)).json().code).toBe('cost_not_accepted')
    expect((await redrive(id, { accept_cost: true }, key)).statusCode).toBe(202)
  })

  test('a message that was paid for is generated again only where its cost is accepted', async () => {
    const id = await seed({ stage: 'confirm', failure_code: 'awaiting_input' })
    await seedPermit(id, { state: 'settled', creditsSettled: 80 })
    const refused = await redrive(id, {})
    expect(refused.statusCode).toBe(409)
    expect(refused.json()).toMatchObject({
      code: 'cost_not_accepted',
      detail: expect.stringContaining('100'),
    })
    expect((await readJob(id)).state).toBe('failed')
    const accepted = await redrive(id, { accept_cost: true })
    expect(accepted.statusCode).toBe(202)
    expect(accepted.json()).toMatchObject({ from_stage: 'generate', estimated_credits: 100 })
  })

  test('a message of unknown outcome is looked for from its permit', async () => {
    const id = await seed({
      stage: 'confirm',
      failure_code: 'generation_outcome_unknown',
      credits_spent: 100,
      credits_at_risk: 100,
    })
    await seedPermit(id, { state: 'unknown', creditsSettled: 100 })
    expect((await redrive(id)).json()).toMatchObject({
      from_stage: 'confirm',
      estimated_credits: 0,
      job: { credits: { spent: 100, at_risk: 100 } },
    })
    expect((await readJob(id)).notes).toMatchObject({
      permit_id: `prm_${id}_1`,
      fingerprint: 'before',
      reserved: 100,
      counted_at_risk: 100,
      may_resend: false,
    })
  })

  test('the newest permit of all attempts is the one that counts', async () => {
    const id = await seed({ stage: 'generate', failure_code: 'out_of_credits', attempt: 2 })
    await seedPermit(id, { state: 'settled', creditsSettled: 100 })
    await seedPermit(id, { state: 'rejected', attempt: 2 })
    expect((await redrive(id)).json().code).toBe('cost_not_accepted')
  })

  test('from_stage begins earlier, here in another session', async () => {
    const id = await seed(
      {},
      { inputs: JSON.stringify([{ url: 'https://x.example/a.png', fetch: 'provider' }]) },
    )
    const response = await redrive(id, { from_stage: 'session' })
    expect(response.json()).toMatchObject({
      from_stage: 'session',
      reused: [],
      rerun: ['session', 'upload', 'generate', 'confirm', 'export', 'render', 'deliver'],
      job: { provider: { session_id: null, render_id: null } },
    })
  })

  test('a stage that the job cannot go on from is refused, with those that it can', async () => {
    const response = await redrive(await seed(), { from_stage: 'deliver' })
    expect(response.statusCode).toBe(422)
    expect(response.json()).toMatchObject({
      code: 'out_of_range',
      errors: [
        {
          pointer: '/from_stage',
          detail: expect.stringContaining('auth, session, generate, export, render'),
        },
      ],
    })
  })

  test.each([{ from_stage: 'dream' }, { accept_cost: 'yes' }, { from: 'render' }])(
    'a body that does not fit is refused: %j',
    async (payload) => {
      expect((await redrive(await seed(), payload)).statusCode).toBe(400)
    },
  )

  test.each(['queued', 'succeeded', 'canceled'])('a job that is %s is not redriven', async (state) => {
    const id = await seed({ state, finished_at: state === 'queued' ? null : new Date() })
    const response = await redrive(id)
    expect(response.statusCode).toBe(409)
    expect(response.json().code).toBe('not_failed')
  })

  test('of many redrives at once, one counts', async () => {
    const id = await seed()
    const responses = await Promise.all(Array.from({ length: 8 }, () => redrive(id)))
    expect(responses.map(({ statusCode }) => statusCode).sort()).toEqual([202, ...Array(7).fill(409)])
    expect((await readJob(id)).attempt).toBe(2)
  })

  test('an upload that is gone is named where the job still needs it, and no reason to refuse elsewhere', async () => {
    const upload = async (content: string): Promise<string> =>
      (
        await kit.send({
          method: 'POST',
          url: '/v1/uploads',
          payload: content,
          headers: { 'content-type': 'text/plain' },
        })
      ).json().id
    const [kept, deleted, expired] = [await upload('a fox'), await upload('in snow'), await upload('at dusk')]
    await kit.send({ method: 'DELETE', url: `/v1/uploads/${deleted}` })
    await kit.store.prisma.upload.update({ where: { id: expired }, data: { expiresAt: new Date(0) } })
    const inputs = [kept, deleted, { url: 'https://x.example/a.png', fetch: 'provider' }, expired].map(
      (input) => (typeof input === 'string' ? { upload_id: input } : input),
    )
    const id = await seed({}, { inputs: JSON.stringify(inputs) })
    const refused = await redrive(id, { from_stage: 'generate' })
    expect([refused.statusCode, refused.json().code]).toEqual([422, 'unknown_upload'])
    expect(refused.json().errors).toMatchObject([
      { pointer: '/inputs/1/upload_id', code: 'unknown_upload' },
      { pointer: '/inputs/3/upload_id', code: 'unknown_upload' },
    ])
    expect(refused.json().detail).toContain(deleted)
    // What the session of the job has already is asked for again by `upload` alone.
    await kit.store.prisma.jobInput.createMany({
      data: [1, 3].map((no) => ({ jobId: id, no, providerSessionId: '99', state: 'acknowledged' })),
    })
    expect((await redrive(id, { from_stage: 'upload' })).json().errors).toHaveLength(2)
    expect((await readJob(id)).state).toBe('failed')
    expect((await redrive(id, { from_stage: 'generate' })).statusCode).toBe(202)
    expect((await redrive(await seed({}, { inputs: JSON.stringify(inputs) }))).json()).toMatchObject({
      from_stage: 'render',
    })
  })

  describe('together with its uploads', () => {
    const seedWithUpload = async () => {
      const uploaded = await kit.send({
        method: 'POST',
        url: '/v1/uploads',
        payload: 'a fox',
        headers: { 'content-type': 'text/plain' },
      })
      const uploadId: string = uploaded.json().id
      const inputs = JSON.stringify([{ upload_id: uploadId }])
      const id = await seed({ stage: 'upload', render_id: null }, { inputs })
      return { id, uploadId }
    }
    const remove = (uploadId: string) => kit.send({ method: 'DELETE', url: `/v1/uploads/${uploadId}` })

    test('takes them again, also where retention has let go of them', async () => {
      const { id, uploadId } = await seedWithUpload()
      expect((await redrive(id)).statusCode).toBe(202)
      const upload = await kit.store.prisma.upload.findUniqueOrThrow({ where: { id: uploadId } })
      expect(upload.expiresAt).toBeNull()
      expect((await remove(uploadId)).json().code).toBe('upload_in_use')
    })

    test('is refused where one of them is deleted a moment before', async () => {
      const { id, uploadId } = await seedWithUpload()
      const held = await holdRow(kit, 'uploads', uploadId)
      const removing = remove(uploadId)
      await held.isAwaitedBy(1)
      const redriving = redrive(id)
      await held.isAwaitedBy(2)
      await held.letGo()
      expect((await removing).statusCode).toBe(204)
      expect((await redriving).json()).toMatchObject({ status: 422, code: 'unknown_upload' })
      expect(await readJob(id)).toMatchObject({ state: 'failed', attempt: 1 })
    })

    test('keeps those that are to be deleted a moment later', async () => {
      const { id, uploadId } = await seedWithUpload()
      const held = await holdRow(kit, 'uploads', uploadId)
      const redriving = redrive(id)
      await held.isAwaitedBy(1)
      const removing = remove(uploadId)
      await held.isAwaitedBy(2)
      await held.letGo()
      expect((await redriving).statusCode).toBe(202)
      expect((await removing).statusCode).toBe(409)
      expect(await kit.store.prisma.upload.count({ where: { id: uploadId } })).toBe(1)
    })
  })

  test('a queue that is full takes none back', async () => {
    const tenantId = await kit.newTenant('small', { queueBound: 1 })
    const authorization = `Bearer ${await kit.newKey({ tenantId })}`
    await seed(
      { ...failed, tenant_id: tenantId, state: 'queued', finished_at: null },
      { tenant_id: tenantId },
    )
    const id = await seed({ tenant_id: tenantId }, { tenant_id: tenantId })
    const response = await redrive(id, {}, { authorization })
    expect(response.statusCode).toBe(429)
    expect(response.json().code).toBe('queue_full')
  })

  test('a job of another tenant is not found, and a key that only reads may not redrive', async () => {
    const id = await seed()
    const stranger = `Bearer ${await kit.newKey({ tenantId: await kit.newTenant('stranger') })}`
    expect((await redrive(id, {}, { authorization: stranger })).statusCode).toBe(404)
    const reader = `Bearer ${await kit.newKey({ scopes: ['jobs:read'] })}`
    expect((await redrive(id, {}, { authorization: reader })).statusCode).toBe(403)
    expect((await readJob(id)).state).toBe('failed')
  })
})
