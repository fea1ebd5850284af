import { Readable } from 'node:stream'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { systemClock } from '../../../src/clock.ts'
import { newId } from '../../../src/job/ids.ts'
import { openStorage } from '../../../src/media/open-storage.ts'
import type { Storage } from '../../../src/media/storage.ts'
import { seedJob } from '../../support/seed-job.ts'
import { holdRow } from './held-row.ts'
import { type ApiKit, openApiKit } from './kit.ts'

describe('DELETE /v1/jobs/{id}', () => {
  let kit: ApiKit
  let storage: Storage
  beforeAll(async () => {
    kit = await openApiKit()
    storage = await openStorage(`file:${kit.storageDir}`, { clock: systemClock })
  })
  afterAll(async () => {
    await storage.close()
    await kit.close()
  })

  const secret = 'the words of the client'
  const ended = { state: 'failed', stage: 'render', failure_code: 'render_failed', finished_at: new Date() }
  const seed = (
    job: Readonly<Record<string, unknown>> = {},
    request: Readonly<Record<string, unknown>> = {},
  ) =>
    seedJob(kit.store.pool, {
      job: { tenant_id: kit.tenantId, ...ended, ...job },
      request: { tenant_id: kit.tenantId, prompt: secret, ...request },
    })
  const erase = (id: string, headers: Record<string, string> = {}) =>
    kit.send({ method: 'DELETE', url: `/v1/jobs/${id}`, headers })
  const put = (key: string) =>
    storage.put(key, Readable.from([Buffer.from('bytes')]), { contentType: 'video/mp4' })

  const seedArtifact = async (jobId: string): Promise<string> => {
    const id = newId('artifact', Date.now())
    const storageKey = `artifacts/${kit.tenantId}/${id}.mp4`
    await put(storageKey)
    const facts = { contentType: 'video/mp4', sizeBytes: 5, sha256: 'ab'.repeat(32), durationS: 5 }
    await kit.store.prisma.artifact.create({
      data: { id, jobId, tenantId: kit.tenantId, storageKey, ...facts },
    })
    await kit.store.prisma.job.update({ where: { id: jobId }, data: { artifactId: id } })
    return storageKey
  }

  const seedUpload = async (...jobIds: string[]): Promise<{ id: string; storageKey: string }> => {
    const id = newId('upload', Date.now())
    const storageKey = `uploads/${kit.tenantId}/${id}.png`
    await put(storageKey)
    const facts = { filename: 'a.png', kind: 'image', contentType: 'image/png', sizeBytes: 5, sha256: 'x' }
    await kit.store.prisma.upload.create({ data: { id, tenantId: kit.tenantId, storageKey, ...facts } })
    for (const jobId of jobIds) await kit.store.prisma.uploadUse.create({ data: { uploadId: id, jobId } })
    return { id, storageKey }
  }

  test('nothing of the client is left, in any table or file', async () => {
    const callback = { url: `https://x.example/${secret}`, events: [], headers: {}, secret_sealed: null }
    const id = await seed(
      {
        message: secret,
        timeline: secret,
        failure_message: secret,
        notes: JSON.stringify({ cause: secret }),
        warnings: JSON.stringify([{ code: 'x', message: secret }]),
        credits_spent: 90,
      },
      {
        steps: [secret],
        metadata: JSON.stringify({ order: secret }),
        tags: [secret],
        callback: JSON.stringify(callback),
      },
    )
    const { prisma } = kit.store
    const storageKey = await seedArtifact(id)
    await put(`inputs/${id}/left-over`)
    await prisma.jobEvent.createMany({
      data: [
        {
          jobId: id,
          seq: 2,
          id: newId('event', 1),
          tenantId: kit.tenantId,
          type: 'job.message',
          epoch: 1,
          data: { text: secret, stage: 'generate' },
        },
        {
          jobId: id,
          seq: 3,
          id: newId('event', 2),
          tenantId: kit.tenantId,
          type: 'job.failed',
          epoch: 1,
          data: { message: secret, code: 'render_failed' },
        },
      ],
    })
    await prisma.attempt.create({
      data: {
        jobId: id,
        attempt: 1,
        stage: 'render',
        messageNo: 0,
        try: 1,
        epoch: 1,
        startedAt: new Date(),
        outcome: 'fail',
        detail: { note: secret },
      },
    })
    await prisma.jobInput.create({
      data: { jobId: id, no: 0, providerSessionId: '99', state: 'started', filename: secret },
    })
    const delivery = {
      tenantId: kit.tenantId,
      jobId: id,
      eventSeq: 3,
      eventId: 'evt_1',
      eventType: 'job.failed',
      dueAt: new Date(),
    }
    await prisma.callbackDelivery.create({
      data: {
        ...delivery,
        id: newId('callbackDelivery', 1),
        state: 'waiting',
        body: secret,
        attempts: {
          create: { no: 1, startedAt: new Date(), durationMs: 1, outcome: 'retry', responseHead: secret },
        },
      },
    })
    await prisma.callbackDelivery.create({
      data: { ...delivery, id: newId('callbackDelivery', 2), state: 'delivered', body: secret },
    })

    const response = await erase(id)
    expect(response.statusCode).toBe(204)
    expect(response.body).toBe('')

    for (const table of [
      'jobs',
      'job_requests',
      'job_events',
      'attempts',
      'job_inputs',
      'callback_deliveries',
      'callback_attempts',
      'artifacts',
    ]) {
      const { rows } = await kit.store.pool.query(`SELECT to_jsonb(t)::text AS row FROM ${table} t`)
      expect([table, rows.filter(({ row }) => row.includes(secret))]).toEqual([table, []])
    }
    expect(await kit.listFiles()).not.toContain(storageKey)
    expect((await kit.listFiles()).filter((key) => key.includes(id))).toEqual([])
    const states = await prisma.callbackDelivery.findMany({ where: { jobId: id }, orderBy: { id: 'asc' } })
    expect(states.map(({ state }) => state)).toEqual(['failed', 'delivered'])
    expect(await prisma.job.findUniqueOrThrow({ where: { id } })).toMatchObject({
      state: 'failed',
      failureCode: 'render_failed',
      creditsSpent: 90,
      artifactId: null,
      erasedAt: expect.any(Date),
    })
    expect(await prisma.auditEntry.findMany({ where: { subjectId: id } })).toMatchObject([
      { action: 'job.erased', tenantId: kit.tenantId, requestId: response.headers['x-request-id'] },
    ])
  })

  test('the job, its events and its file are not found any more, nor in any list', async () => {
    const id = await seed({ state: 'succeeded', failure_code: null })
    await seedArtifact(id)
    const { artifactId } = await kit.store.prisma.job.findUniqueOrThrow({ where: { id } })
    await erase(id)
    const paths = ['', '/events', '/attempts'].map((path) => `/v1/jobs/${id}${path}`)
    for (const url of [...paths, `/v1/artifacts/${artifactId}`, `/v1/artifacts/${artifactId}/content`])
      expect([url, (await kit.send({ url })).statusCode]).toEqual([url, 404])
    expect((await kit.send({ method: 'POST', url: `/v1/jobs/${id}/redrive` })).statusCode).toBe(404)
    expect((await kit.send({ method: 'POST', url: `/v1/jobs/${id}/cancel` })).statusCode).toBe(404)
    expect((await kit.send({ url: '/v1/jobs?limit=100' })).body).not.toContain(id)
    expect((await erase(id)).statusCode).toBe(404)
  })

  test('an upload goes with its last job', async () => {
    const [first, second] = [await seed(), await seed()]
    const shared = await seedUpload(first, second)
    const own = await seedUpload(first)
    await erase(first)
    expect(await kit.listFiles()).toContain(shared.storageKey)
    expect(await kit.listFiles()).not.toContain(own.storageKey)
    expect((await kit.send({ url: `/v1/uploads/${own.id}` })).statusCode).toBe(404)
    await erase(second)
    expect(await kit.listFiles()).not.toContain(shared.storageKey)
  })

  test('the answer that is stored under an idempotency key is the same job without its words', async () => {
    const submit = () =>
      kit.send({
        method: 'POST',
        url: '/v1/jobs',
        headers: { 'idempotency-key': 'to-be-erased' },
        payload: { prompt: secret, metadata: { a: secret } },
      })
    const { id } = (await submit()).json()
    await kit.send({ method: 'POST', url: `/v1/jobs/${id}/cancel` })
    await erase(id)
    const replayed = await submit()
    expect(replayed.headers['idempotency-replayed']).toBe('true')
    expect(replayed.json()).toMatchObject({ id, prompt: '', metadata: {} })
  })

  test('an erased job moves no more, whoever has read it before', async () => {
    const id = await seed({ seq: 1 })
    await erase(id)
    const patch = { attempt: 2, stage: 'render' } as const
    const result = await kit.writer.transitionJob({ verb: 'redrive', jobId: id, seq: 1, patch, dueInMs: 0 })
    expect(result).toEqual({ outcome: 'stale' })
  })

  test.each(['queued', 'waiting'])('a job that is %s is left alone', async (state) => {
    const id = await seed({ state, finished_at: null, failure_code: null })
    const response = await erase(id)
    expect(response.statusCode).toBe(409)
    expect(response.json().code).toBe('not_finished')
    expect((await kit.send({ url: `/v1/jobs/${id}` })).json().prompt).toBe(secret)
  })

  test('of many at once, one erases', async () => {
    const id = await seed()
    const statuses = (await Promise.all(Array.from({ length: 5 }, () => erase(id)))).map((r) => r.statusCode)
    expect(statuses.filter((status) => status === 204)).toHaveLength(1)
    expect(await kit.store.prisma.auditEntry.count({ where: { subjectId: id } })).toBe(1)
  })

  test('a job that is redriven in that moment keeps its files, and is not erased', async () => {
    const id = await seed()
    const artifact = await seedArtifact(id)
    const input = `inputs/${id}/kept`
    await put(input)
    const held = await holdRow(kit, 'jobs', id)
    const erasing = erase(id)
    await held.isAwaitedBy(1)
    await held.query(`UPDATE jobs SET state = 'queued', finished_at = NULL WHERE id = $1`, [id])
    await held.letGo()
    expect((await erasing).json().code).toBe('not_finished')
    expect(await kit.listFiles()).toEqual(expect.arrayContaining([artifact, input]))
  })

  test('an upload that a new job takes in that moment stays', async () => {
    const id = await seed()
    const { id: uploadId, storageKey } = await seedUpload(id)
    const held = await holdRow(kit, 'uploads', uploadId)
    const inputs = [{ upload_id: uploadId }]
    const submitting = kit.send({ method: 'POST', url: '/v1/jobs', payload: { prompt: 'a fox', inputs } })
    await held.isAwaitedBy(1)
    const erasing = erase(id)
    await held.isAwaitedBy(2)
    await held.letGo()
    expect([(await submitting).statusCode, (await erasing).statusCode]).toEqual([202, 204])
    expect(await kit.store.prisma.upload.count({ where: { id: uploadId } })).toBe(1)
    expect(await kit.listFiles()).toContain(storageKey)
  })

  test('an upload goes with its last jobs also where they are erased at once', async () => {
    const ids = [await seed(), await seed()]
    const { id: uploadId, storageKey } = await seedUpload(...ids)
    const held = await holdRow(kit, 'uploads', uploadId)
    const erasing = ids.map((id) => erase(id))
    await held.isAwaitedBy(2)
    await held.letGo()
    expect((await Promise.all(erasing)).map(({ statusCode }) => statusCode)).toEqual([204, 204])
    expect(await kit.store.prisma.upload.count({ where: { id: uploadId } })).toBe(0)
    expect(await kit.listFiles()).not.toContain(storageKey)
  })

  test('a job of another tenant is not found, and a key that only reads may not erase', async () => {
    const id = await seed()
    const stranger = `Bearer ${await kit.newKey({ tenantId: await kit.newTenant('stranger') })}`
    expect((await erase(id, { authorization: stranger })).statusCode).toBe(404)
    const reader = `Bearer ${await kit.newKey({ scopes: ['jobs:read'] })}`
    expect((await erase(id, { authorization: reader })).statusCode).toBe(403)
    expect((await kit.send({ url: `/v1/jobs/${id}` })).statusCode).toBe(200)
  })
})
