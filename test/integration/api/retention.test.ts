import { createHash } from 'node:crypto'
import { utimes } from 'node:fs/promises'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { afterAll, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest'
import { createOrphanSweep } from '../../../src/actions/sweep-orphans.ts'
import { type SweepDeps, sweepRetention } from '../../../src/actions/sweep-retention.ts'
import { createClient } from '../../../src/client/index.ts'
import type { FeedGap } from '../../../src/client/shapes.ts'
import { newId } from '../../../src/job/ids.ts'
import { createRetentionStore } from '../../../src/store/retention.ts'
import { seedJob } from '../../support/seed-job.ts'
import { openStream } from './event-stream.ts'
import { holdRow } from './held-row.ts'
import { type ApiKit, openApiKit } from './kit.ts'
import { png } from './media.ts'

const dayMs = 86_400_000
const daysAgo = (days: number) => new Date(Date.now() - days * dayMs)

describe('retention', () => {
  let kit: ApiKit
  let deps: SweepDeps
  let facts: unknown[] = []
  beforeAll(async () => {
    kit = await openApiKit()
    deps = {
      retention: createRetentionStore(kit.store),
      storage: kit.deps.storage,
      telemetry: { state: (fact, details) => facts.push([fact, details]) },
    }
  })
  afterAll(() => kit.close())
  beforeEach(async () => {
    facts = []
    const { prisma } = kit.store
    await prisma.$transaction([
      prisma.uploadUse.deleteMany(),
      prisma.upload.deleteMany(),
      prisma.artifact.deleteMany(),
      prisma.resumableUpload.deleteMany(),
      prisma.idempotencyKey.deleteMany(),
      prisma.callbackDelivery.deleteMany(),
      prisma.jobEvent.deleteMany(),
      prisma.job.deleteMany(),
    ])
    for (const key of await kit.listFiles()) await kit.deps.storage.delete(key)
  })

  const { signal } = new AbortController()
  const sweep = (now = new Date(), most = 100) => sweepRetention(deps, { now, most, signal })

  const upload = async (): Promise<{ id: string; key: string }> => {
    const response = await kit.send({
      method: 'POST',
      url: '/v1/uploads',
      payload: png,
      headers: { 'content-type': 'image/png' },
    })
    const { id } = response.json()
    return { id, key: `uploads/${kit.tenantId}/${id}.png` }
  }

  const seedEnded = async (finishedAt: Date, columns: Record<string, unknown> = {}): Promise<string> => {
    const id = await seedJob(kit.store.pool, {
      job: {
        tenant_id: kit.tenantId,
        state: 'succeeded',
        stage: 'deliver',
        seq: 3,
        finished_at: finishedAt,
        ...columns,
      },
    })
    await kit.store.prisma.jobEvent.createMany({
      data: [
        { seq: 2, type: 'job.started' },
        { seq: 3, type: 'job.succeeded' },
      ].map((event) => ({
        ...event,
        jobId: id,
        id: newId('event', Date.now()),
        tenantId: kit.tenantId,
        epoch: 1,
        data: {},
      })),
    })
    return id
  }

  const deliver = async (jobId: string | null, columns: Record<string, unknown>) => {
    const id = newId('callbackDelivery', Date.now())
    await kit.store.prisma.callbackDelivery.create({
      data: {
        id,
        tenantId: kit.tenantId,
        jobId,
        eventSeq: 3,
        eventId: newId('event', Date.now()),
        eventType: 'job.succeeded',
        state: 'delivered',
        dueAt: daysAgo(40),
        body: '{}',
        ...columns,
        attempts: { create: { no: 1, startedAt: daysAgo(40), durationMs: 5, outcome: 'delivered' } },
      },
    })
    return id
  }

  const seqsOf = async (jobId: string) =>
    (await kit.store.prisma.jobEvent.findMany({ where: { jobId }, orderBy: { seq: 'asc' } })).map(
      ({ seq }) => seq,
    )

  describe('of files', () => {
    test('an upload that no job took goes after its 24 hours, with its file', async () => {
      const { id, key } = await upload()
      await sweep(new Date(Date.now() + dayMs - 60_000))
      expect(await kit.listFiles()).toEqual([key])
      await sweep(new Date(Date.now() + dayMs + 660_000))
      expect(await kit.listFiles()).toEqual([])
      expect((await kit.send({ url: `/v1/uploads/${id}` })).statusCode).toBe(404)
      expect(facts).toEqual([['sweep.removed', { what: 'uploads', rows: 1, files: 1 }]])
    })

    test('an upload that a job took stays, also when its time looked over', async () => {
      const { id, key } = await upload()
      const submitted = await kit.send({
        method: 'POST',
        url: '/v1/jobs',
        payload: { prompt: 'a fox', inputs: [{ upload_id: id }] },
      })
      expect(submitted.statusCode).toBe(202)
      await kit.store.prisma.upload.update({ where: { id }, data: { expiresAt: daysAgo(1) } })
      await sweep(new Date(Date.now() + 100 * dayMs))
      expect(await kit.listFiles()).toEqual([key])
      expect(await kit.store.prisma.upload.count()).toBe(1)
    })

    test('an upload goes with the history of the last job that took it', async () => {
      const { id, key } = await upload()
      const [old, young] = [await seedEnded(daysAgo(31)), await seedEnded(daysAgo(29))]
      await kit.store.prisma.uploadUse.createMany({
        data: [old, young].map((jobId) => ({ uploadId: id, jobId })),
      })
      await kit.store.prisma.upload.update({
        where: { id },
        data: { usedAt: daysAgo(31), expiresAt: null },
      })
      await sweep()
      await sweep(new Date(Date.now() + 660_000))
      expect(await kit.listFiles()).toEqual([key])
      await sweep(new Date(Date.now() + 2 * dayMs))
      await sweep(new Date(Date.now() + 2 * dayMs + 660_000))
      expect(await kit.listFiles()).toEqual([])
      expect(await kit.store.prisma.upload.count()).toBe(0)
    })

    test('an upload of an old job stays when a new one takes it in that moment', async () => {
      const { id, key } = await upload()
      const old = await seedEnded(daysAgo(31))
      await kit.store.prisma.uploadUse.create({ data: { uploadId: id, jobId: old } })
      await kit.store.prisma.upload.update({ where: { id }, data: { usedAt: daysAgo(31), expiresAt: null } })
      const held = await holdRow(kit, 'uploads', id)
      const submitting = kit.send({
        method: 'POST',
        url: '/v1/jobs',
        payload: { prompt: 'a fox', inputs: [{ upload_id: id }] },
      })
      await held.isAwaitedBy(1)
      const sweeping = sweep()
      await held.isAwaitedBy(2)
      await held.letGo()
      expect((await submitting).statusCode).toBe(202)
      await sweeping
      expect(facts).toEqual([['sweep.removed', { what: 'job_histories', rows: 1, files: 0 }]])
      expect((await kit.send({ url: `/v1/uploads/${id}` })).json().expires_at).toBeNull()
      expect(await kit.listFiles()).toEqual([key])
    })

    test('an artifact goes when its retention ends; its job stays, without a file', async () => {
      const jobId = await seedEnded(daysAgo(5))
      const id = newId('artifact', Date.now())
      const storageKey = `artifacts/${kit.tenantId}/${id}.mp4`
      const bytes = Buffer.from('a film')
      await kit.deps.storage.put(storageKey, Readable.from([bytes]), { contentType: 'video/mp4' })
      await kit.store.prisma.artifact.create({
        data: {
          id,
          jobId,
          tenantId: kit.tenantId,
          storageKey,
          contentType: 'video/mp4',
          sizeBytes: bytes.length,
          sha256: createHash('sha256').update(bytes).digest('hex'),
          durationS: 5,
          expiresAt: new Date(Date.now() + 60_000),
        },
      })
      await kit.store.prisma.job.update({ where: { id: jobId }, data: { artifactId: id } })
      await sweep()
      expect((await kit.send({ url: `/v1/artifacts/${id}/content` })).statusCode).toBe(200)
      await kit.store.prisma.artifact.update({ where: { id }, data: { expiresAt: daysAgo(0.001) } })
      expect((await kit.send({ url: `/v1/artifacts/${id}/content` })).statusCode).toBe(404)
      await sweep()
      expect(await kit.listFiles()).toEqual([])
      const job = await kit.send({ url: `/v1/jobs/${jobId}` })
      expect(job.json()).toMatchObject({ state: 'succeeded', artifact: null })
    })

    test('a resumable upload that was never finished goes with its pieces', async () => {
      const created = await kit.send({
        method: 'POST',
        url: '/v1/uploads/resumable',
        payload: png.subarray(0, 20),
        headers: {
          'tus-resumable': '1.0.0',
          'upload-length': '1000',
          'content-type': 'application/offset+octet-stream',
        },
      })
      expect(created.statusCode).toBe(201)
      await sweep()
      expect(await kit.listFiles()).toHaveLength(1)
      await sweep(new Date(Date.now() + dayMs + 660_000))
      expect(await kit.listFiles()).toEqual([])
      expect(await kit.store.prisma.resumableUpload.count()).toBe(0)
    })
  })

  describe('of a job’s history', () => {
    test('begins when the retention of its tenant is over, and leaves its last event', async () => {
      const [old, young] = [await seedEnded(daysAgo(31)), await seedEnded(daysAgo(29))]
      await kit.store.prisma.attempt.create({
        data: {
          jobId: old,
          attempt: 1,
          stage: 'auth',
          messageNo: 0,
          try: 0,
          epoch: 1,
          startedAt: daysAgo(31),
          outcome: 'done',
        },
      })
      const delivered = await deliver(old, {})
      await sweep()
      expect(await seqsOf(old)).toEqual([3])
      expect(await seqsOf(young)).toEqual([1, 2, 3])
      expect(await kit.store.prisma.attempt.count({ where: { jobId: old } })).toBe(0)
      expect(await kit.store.prisma.callbackAttempt.count({ where: { deliveryId: delivered } })).toBe(0)
      const job = await kit.send({ url: `/v1/jobs/${old}` })
      expect(job.json()).toMatchObject({ state: 'succeeded', prompt: 'a fox in the snow' })
    })

    test('a stream of it says what is missing, how the job ended, and ends', async () => {
      const id = await seedEnded(daysAgo(31))
      await sweep()
      const stream = await kit.send({
        url: `/v1/jobs/${id}/events`,
        headers: { accept: 'text/event-stream' },
      })
      expect(stream.body).toContain(
        'id: 2\nevent: gap\ndata: {"from":1,"to":2}\n\nid: 3\nevent: job.succeeded',
      )
    })

    test('waits for callbacks that are still to be tried, but not for those of a disabled endpoint', async () => {
      const [pending, disabled] = [await seedEnded(daysAgo(31)), await seedEnded(daysAgo(31))]
      const waiting = await deliver(pending, { state: 'waiting' })
      const parked = await deliver(disabled, { state: 'waiting' })
      await kit.store.pool.query("UPDATE callback_deliveries SET due_at = 'infinity' WHERE id = $1", [parked])
      await sweep()
      expect(await seqsOf(pending)).toEqual([1, 2, 3])
      expect(await seqsOf(disabled)).toEqual([3])
      const left = await kit.store.prisma.callbackDelivery.findMany()
      expect(left.map(({ id }) => id)).toEqual([waiting])
    })

    test('never touches a job that has not ended', async () => {
      const id = await seedJob(kit.store.pool, {
        job: { tenant_id: kit.tenantId, created_at: daysAgo(400) },
      })
      await sweep()
      expect(await seqsOf(id)).toEqual([1])
    })

    test('begins again for a job that was redriven and ended once more', async () => {
      const id = await seedEnded(daysAgo(40), { trimmed_at: daysAgo(35) })
      await sweep()
      expect(await seqsOf(id)).toEqual([1, 2, 3])
      await kit.store.prisma.job.update({ where: { id }, data: { finishedAt: daysAgo(32) } })
      await sweep()
      expect(await seqsOf(id)).toEqual([3])
    })

    test('is as long as the tenant wishes', async () => {
      await kit.store.prisma.tenant.update({ where: { id: kit.tenantId }, data: { retentionDays: 365 } })
      const id = await seedEnded(daysAgo(300))
      await sweep()
      expect(await seqsOf(id)).toEqual([1, 2, 3])
      await kit.store.prisma.tenant.update({ where: { id: kit.tenantId }, data: { retentionDays: 30 } })
      await sweep()
      expect(await seqsOf(id)).toEqual([3])
    })
  })

  describe('in the feed of the tenant', () => {
    const page = async (query: string) => (await kit.send({ url: `/v1/events${query}` })).json()
    /** A transaction that anybody has open on the server holds the feed back. */
    const settled = (query: string, events: number) =>
      vi.waitFor(
        async () => {
          const read = await page(query)
          expect(read.data).toHaveLength(events)
          return read
        },
        { timeout: 10_000 },
      )

    /** The cursor of what comes, once all that was is settled. */
    const present = () =>
      vi.waitFor(
        async () => {
          const { gap, next_cursor } = await page('?after=now')
          expect(gap).toBeNull()
          return next_cursor
        },
        { timeout: 10_000 },
      )

    test('is told to a reader with an older cursor, before what is left, and to nobody else', async () => {
      const before = await present()
      await seedEnded(daysAgo(31))
      await settled(`?after=${before}`, 3)
      await sweep()

      const { data, gap } = await settled(`?after=${before}`, 1)
      expect(data).toMatchObject([{ type: 'job.succeeded', seq: 3 }])
      expect(gap).toEqual({ from: before, to: expect.any(String) })
      expect((await page('')).gap).toEqual({ from: null, to: gap.to })
      expect((await page(`?after=${before}&type=batch.completed`)).gap).toEqual(gap)
      expect((await page(`?after=${gap.to}`)).gap).toBeNull()
      await present()
    })

    test('is told on its stream, once, with an id that skips nothing, and to the client', async () => {
      const before = await present()
      await seedEnded(daysAgo(31))
      await settled(`?after=${before}`, 3)
      await sweep()
      const { gap } = await settled(`?after=${before}`, 1)
      const baseUrl = await kit.app.listen({ host: '127.0.0.1', port: 0 })
      const stream = await openStream(`${baseUrl}/v1/events?after=${before}`, {
        authorization: `Bearer ${kit.apiKey}`,
      })
      expect(await stream.next()).toMatchObject({ id: before, event: 'gap', data: JSON.stringify(gap) })
      expect(await stream.next()).toMatchObject({ event: 'job.succeeded' })
      stream.disconnect()

      const gaps: FeedGap[] = []
      const client = createClient({ baseUrl, apiKey: kit.apiKey })
      for await (const event of client.events({ after: before, onGap: (told) => gaps.push(told) })) {
        expect([event.type, gaps]).toEqual(['job.succeeded', [gap]])
        break
      }
    })

    test('is told of what was none of a job, too', async () => {
      const before = await present()
      await kit.store.prisma.tenantEvent.create({
        data: { id: 'evt_x', tenantId: kit.tenantId, type: 'batch.completed', at: daysAgo(31), data: {} },
      })
      await settled(`?after=${before}`, 1)
      await sweep()
      expect((await page(`?after=${before}`)).gap).toMatchObject({ from: before })
    })
  })

  test('stored answers go after 24 hours', async () => {
    const keyOf = (key: string, createdAt: Date) => ({
      tenantId: kit.tenantId,
      route: 'POST /v1/jobs',
      key,
      fingerprint: '',
      resourceId: '',
      status: 202,
      body: {},
      createdAt,
    })
    await kit.store.prisma.idempotencyKey.createMany({
      data: [keyOf('old', daysAgo(1.01)), keyOf('young', daysAgo(0.9))],
    })
    await sweep()
    expect((await kit.store.prisma.idempotencyKey.findMany()).map(({ key }) => key)).toEqual(['young'])
  })

  test('deliveries that are of no job go by their own age', async () => {
    await deliver(null, { createdAt: daysAgo(31) })
    const young = await deliver(null, { createdAt: daysAgo(29) })
    await sweep()
    expect((await kit.store.prisma.callbackDelivery.findMany()).map(({ id }) => id)).toEqual([young])
  })

  test('a batch that was never closed is canceled once its last line is too old', async () => {
    const { prisma } = kit.store
    const { tenantId } = kit
    const batch = (id: string, days: number) => ({ id, tenantId, createdAt: daysAgo(days) })
    await prisma.batch.createMany({
      data: [
        batch('bat_forgotten', 31),
        batch('bat_filled', 31),
        batch('bat_new', 29),
        batch('bat_lines', 60),
      ],
    })
    const seedLine = (id: string, days: number) =>
      seedJob(kit.store.pool, {
        job: { tenant_id: tenantId, batch_id: id, due_at: 'infinity', created_at: daysAgo(days) },
      })
    await Promise.all([seedLine('bat_filled', 29), seedLine('bat_lines', 31)])
    await prisma.lineStream.createMany({
      data: [3, 1].map((days) => ({ batchId: 'bat_new', key: `${days}`, createdAt: daysAgo(days) })),
    })
    await sweep()
    const left = await prisma.batch.findMany({
      where: { id: { startsWith: 'bat_' } },
      orderBy: { id: 'asc' },
    })
    expect(left.map(({ id, state, ending }) => [id, state, ending])).toEqual([
      ['bat_filled', 'open', null],
      ['bat_forgotten', 'canceling', 'canceled'],
      ['bat_lines', 'canceling', 'canceled'],
      ['bat_new', 'open', null],
    ])
    expect(facts).toContainEqual(['sweep.removed', { what: 'forgotten_batches', rows: 2, files: 0 }])
    expect(await prisma.lineStream.findMany({ select: { key: true } })).toEqual([{ key: '1' }])
    await prisma.batch.deleteMany()
  })

  test('what a batch refused, what an intake took and what the tenant was told go by their ages', async () => {
    const { prisma } = kit.store
    const tenantId = kit.tenantId
    const batch = (id: string, finishedAt: Date | null) => ({
      id,
      tenantId,
      state: finishedAt === null ? 'open' : 'completed',
      finishedAt,
      rejected: 1,
    })
    const rejection = { line: 1, digest: '', isMalformed: false, faults: [] }
    await prisma.batch.createMany({
      data: [batch('bat_old', daysAgo(31)), batch('bat_young', daysAgo(29)), batch('bat_open', null)],
    })
    await prisma.batchRejection.createMany({
      data: ['bat_old', 'bat_young', 'bat_open'].map((batchId) => ({ ...rejection, batchId })),
    })
    await prisma.intake.create({
      data: { id: 'int_1', tenantId, name: 'orders', verifier: {}, mapping: '$', defaults: {} },
    })
    const failure = {
      intakeId: 'int_1',
      tenantId,
      problem: {},
      contentType: 'application/json',
      payload: Buffer.from('{}'),
    }
    await prisma.intakeEvent.createMany({
      data: [31, 29].map((days) => ({
        intakeId: 'int_1',
        eventId: `${days} days`,
        jobId: 'job_1',
        receivedAt: daysAgo(days),
      })),
    })
    await prisma.intakeFailure.createMany({
      data: [-1, 1].map((days) => ({
        ...failure,
        id: `ifl_${days}`,
        eventId: `${days}`,
        expiresAt: daysAgo(-days),
      })),
    })
    await prisma.tenantEvent.createMany({
      data: [31, 29].map((days) => ({
        id: `evt_${days}`,
        tenantId,
        type: 'batch.completed',
        at: daysAgo(days),
        data: {},
      })),
    })
    await sweep()
    const batches = await prisma.batchRejection.findMany({ orderBy: { batchId: 'asc' } })
    expect(batches.map(({ batchId }) => batchId)).toEqual(['bat_open', 'bat_young'])
    expect((await prisma.intakeEvent.findMany()).map(({ eventId }) => eventId)).toEqual(['29 days'])
    expect((await prisma.intakeFailure.findMany()).map(({ id }) => id)).toEqual(['ifl_1'])
    expect((await prisma.tenantEvent.findMany()).map(({ id }) => id)).toEqual(['evt_29'])
  })

  test('figures of tags go after 400 days, those of days and skills stay', async () => {
    const row = (dimension: string, day: Date) => ({
      ...{ tenantId: kit.tenantId, dimension, day, key: dimension, succeeded: 1, failed: 0, canceled: 0 },
      ...{ creditsSpent: 1, creditsAtRisk: 0, renderSeconds: 0, sizeBytes: 0 },
    })
    const [old, young] = [daysAgo(402), daysAgo(398)]
    await kit.store.prisma.usageDay.createMany({
      data: [row('tag', old), row('tag', young), row('skill', old), row('total', old)],
    })
    await sweep()
    const left = await kit.store.prisma.usageDay.findMany({ orderBy: { dimension: 'asc' } })
    expect(left.map(({ dimension }) => dimension)).toEqual(['skill', 'tag', 'total'])
    expect(left[1]?.day.getTime()).toBeGreaterThan(daysAgo(400).getTime())
  })

  test('lines that became no jobs go round by round, and their batch is looked at no more', async () => {
    const { prisma } = kit.store
    const batch = { tenantId: kit.tenantId, state: 'completed', finishedAt: daysAgo(31), rejected: 3 }
    await prisma.batch.createMany({ data: ['bat_a', 'bat_b'].map((id) => ({ ...batch, id })) })
    await prisma.batchRejection.createMany({
      data: ['bat_a', 'bat_b'].flatMap((batchId) =>
        [1, 2, 3].map((line) => ({ batchId, line, digest: '', isMalformed: false, faults: [] })),
      ),
    })
    const look = async () => ({
      rejections: await prisma.batchRejection.count({ where: { batchId: { in: ['bat_a', 'bat_b'] } } }),
      trimmed: await prisma.batch.count({
        where: { id: { in: ['bat_a', 'bat_b'] }, trimmedAt: { not: null } },
      }),
    })
    expect(await sweep(new Date(), 4)).toEqual({ hasMore: true })
    expect(await look()).toEqual({ rejections: 2, trimmed: 1 })
    expect(await sweep(new Date(), 4)).toEqual({ hasMore: false })
    expect(await look()).toEqual({ rejections: 0, trimmed: 2 })
    facts = []
    await sweep()
    expect(facts).toEqual([])
  })

  test('budgets of days go after a year, those of batches stay', async () => {
    const { prisma } = kit.store
    const { tenantId } = kit
    const dayBudget = (days: number) => `${tenantId}:${daysAgo(days).toISOString().slice(0, 10)}`
    const ids = [dayBudget(0), dayBudget(365), dayBudget(368), dayBudget(2_000), 'bat_01']
    await prisma.budget.createMany({ data: ids.map((id) => ({ id, tenantId, maxCredits: 100 })) })
    await sweep()
    const left = await prisma.budget.findMany({ where: { tenantId } })
    expect(left.map(({ id }) => id).sort()).toEqual(['bat_01', dayBudget(0), dayBudget(365)].sort())
  })

  test('a round takes no more than it may, and says when there is more', async () => {
    await Promise.all([1, 2, 3].map(() => seedEnded(daysAgo(31))))
    expect(await sweep(new Date(), 2)).toEqual({ hasMore: true })
    expect(await sweep(new Date(), 2)).toEqual({ hasMore: false })
    expect(await kit.store.prisma.jobEvent.count()).toBe(3)
  })

  test('one process sweeps at a time, and the next one after it', async () => {
    const { retention } = deps
    const others: boolean[] = []
    const led = await retention.lead(async (now) => {
      expect(Math.abs(now.getTime() - Date.now())).toBeLessThan(60_000)
      others.push(await retention.lead(async () => undefined))
    })
    expect([led, ...others]).toEqual([true, false])
    await expect(retention.lead(() => Promise.reject(new Error('the disk is away')))).rejects.toThrow('disk')
    // The lock ends with the connection, and the server takes a moment to notice that.
    await expect.poll(() => retention.lead(async () => undefined)).toBe(true)
  })

  describe('of files without a row', () => {
    const put = async (key: string, ageHours: number) => {
      await kit.deps.storage.put(key, Readable.from([Buffer.from('x')]), { contentType: 'video/mp4' })
      const at = new Date(Date.now() - ageHours * 3_600_000)
      await utimes(join(kit.storageDir, key), at, at)
      return key
    }
    const sweepOrphans = async (most = 100) => {
      const orphans = createOrphanSweep(deps)
      for (let rounds = 1; rounds < 100; rounds += 1)
        if (await orphans.step({ now: new Date(), most, signal })) return rounds
      throw new Error('it never ends')
    }
    const ids = () => ({
      upload: newId('upload', Date.now()),
      artifact: newId('artifact', Date.now()),
      resumable: newId('resumableUpload', Date.now()),
    })

    test('removes them once they are a day old', async () => {
      const { upload: upl, artifact, resumable } = ids()
      const ended = await seedEnded(daysAgo(2))
      const orphans = [
        `uploads/${kit.tenantId}/${upl}.png`,
        `artifacts/${kit.tenantId}/${artifact}.mp4`,
        `resumable/${kit.tenantId}/${resumable}/${'0'.repeat(24)}`,
        `inputs/${ended}/photo.jpg`,
        `checks/${'0'.repeat(32)}`,
      ]
      for (const key of orphans) await put(key, 23)
      await sweepOrphans()
      expect(await kit.listFiles()).toEqual(orphans.toSorted())
      for (const key of orphans) await put(key, 25)
      await sweepOrphans()
      expect(await kit.listFiles()).toEqual([])
    })

    test('removes what an erasing that broke off has left, of a job that failed, too', async () => {
      const failed = { state: 'failed', failure_code: 'render_failed' }
      const kept = await put(`inputs/${await seedEnded(daysAgo(2), failed)}/photo.jpg`, 25)
      await put(`inputs/${await seedEnded(daysAgo(2), { ...failed, erased_at: daysAgo(1) })}/photo.jpg`, 25)
      await sweepOrphans()
      expect(await kit.listFiles()).toEqual([kept])
    })

    test('leaves every file that a row uses, however old', async () => {
      const { key } = await upload()
      await put(key, 1_000)
      const running = await seedJob(kit.store.pool, { job: { tenant_id: kit.tenantId } })
      const input = await put(`inputs/${running}/photo.jpg`, 1_000)
      const resumable = newId('resumableUpload', Date.now())
      const piece = await put(`resumable/${kit.tenantId}/${resumable}/${'a'.repeat(24)}`, 1_000)
      await kit.store.prisma.resumableUpload.create({
        data: {
          id: resumable,
          tenantId: kit.tenantId,
          filename: '',
          metadata: '',
          receivedBytes: 1,
          pieces: [{ key: piece, sizeBytes: 1 }],
          expiresAt: new Date(Date.now() + dayMs),
        },
      })
      await sweepOrphans()
      expect(await kit.listFiles()).toEqual([input, piece, key].toSorted())
    })

    test('leaves what it does not know: other people’s files, and those of another installation', async () => {
      const { upload: upl } = ids()
      const foreign = [
        await put('holiday.mp4', 1_000),
        await put(`uploads/${newId('tenant', Date.now())}/${upl}.png`, 1_000),
        await put(`inputs/${newId('job', Date.now())}/photo.jpg`, 1_000),
        await put('uploads/notes.txt', 1_000),
      ]
      await sweepOrphans()
      expect(await kit.listFiles()).toEqual(foreign.toSorted())
    })

    test('goes through many files a few at a time', async () => {
      for (let no = 0; no < 7; no += 1)
        await put(`uploads/${kit.tenantId}/${newId('upload', Date.now())}.png`, 25)
      expect(await sweepOrphans(2)).toBe(4)
      expect(await kit.listFiles()).toEqual([])
    })
  })
})
