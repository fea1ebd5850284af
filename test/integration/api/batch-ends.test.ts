import { Webhook } from 'standardwebhooks'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { keepBatches } from '../../../src/actions/keep-batches.ts'
import { createBatchWorkStore } from '../../../src/store/batch-work.ts'
import { startReceiver } from '../../support/receiver.ts'
import { type BatchKit, openBatchKit } from './batch-kit.ts'
import { type DeliveryKit, openDeliveryKit } from './callback-kit.ts'
import { type ApiKit, openApiKit } from './kit.ts'

let kit: ApiKit
let batches: BatchKit
let deliveries: DeliveryKit
beforeAll(async () => {
  kit = await openApiKit()
  batches = openBatchKit(kit)
  deliveries = openDeliveryKit(kit)
})
afterAll(async () => {
  await deliveries.close()
  await kit.close()
})

const lines = (count: number, rest: object = {}) =>
  Array.from({ length: count }, (_, no) => ({ custom_id: `l${no}`, prompt: `number ${no}`, ...rest }))
const readJobs = (batchId: string) =>
  kit.store.prisma.job.findMany({ where: { batchId }, orderBy: { id: 'asc' } })
const completions = (batchId: string) =>
  kit.store.prisma.tenantEvent.findMany({
    where: { type: 'batch.completed', data: { path: ['batch_id'], equals: batchId } },
  })
/** A closed batch whose jobs may be worked on. */
const started = async (count: number, body: object = {}) => {
  const id = await batches.create(body)
  await batches.send(id, lines(count), '?close=true')
  await batches.keep()
  return { id, jobIds: await batches.jobIds(id) }
}

describe('closing a batch', () => {
  test('starts it: its jobs are let go of, in the order of its lines, with their times counted from then', async () => {
    const id = await batches.create()
    await batches.send(id, [
      { prompt: 'now', start_deadline_s: 60, deadline_s: 120 },
      { prompt: 'first', priority: 'high' },
      { prompt: 'later', run_at: new Date(Date.now() + 3_600_000).toISOString() },
    ])
    kit.wakes.length = 0
    const response = await batches.post(id, 'close')
    expect([response.statusCode, response.json().state]).toEqual([202, 'running'])
    expect(response.headers['retry-after']).toBe('5')
    expect(kit.wakes).toEqual(['batches'])
    const closedAt = Date.now()
    await batches.keep()
    const [now, first, later] = await readJobs(id)
    expect(now?.startDeadlineAt?.getTime()).toBeGreaterThan(closedAt + 50_000)
    expect(now?.deadlineAt?.getTime()).toBeGreaterThan(closedAt + 110_000)
    expect(first?.orderAt.getTime()).toBeLessThan(now?.orderAt.getTime() ?? 0)
    expect(later?.dueAt.getTime()).toBeGreaterThan(closedAt + 3_000_000)
    expect(await batches.read(id)).toMatchObject({ jobs: { held: 0, queued: 3 }, eta: null })
    expect(await kit.writer.claimJob(now?.id ?? '')).not.toBeNull()
  })

  test('twice changes nothing', async () => {
    const { id } = await started(1)
    const before = await batches.read(id)
    expect((await batches.post(id, 'close')).json()).toMatchObject({
      closed_at: before['closed_at'],
      state: 'running',
    })
  })

  test('lets go of no more than the queue of the tenant has room for, and of the rest as it empties', async () => {
    const small = openBatchKit(kit, { queueBound: 2 })
    const tenantId = await kit.newTenant('small')
    const authorization = `Bearer ${await kit.newKey({ tenantId })}`
    const made = await kit.send({
      method: 'POST',
      url: '/v1/batches',
      headers: { authorization, 'content-type': 'application/x-ndjson' },
      payload: lines(5)
        .map((line) => JSON.stringify(line))
        .join('\n'),
    })
    const { id } = made.json()
    await small.keep()
    const countReleased = async () => {
      const sql = `SELECT FROM jobs WHERE batch_id = $1 AND due_at < 'infinity'`
      return (await kit.store.pool.query(sql, [id])).rowCount
    }
    expect(await countReleased()).toBe(2)
    const [first = ''] = await batches.jobIds(id)
    await batches.finish(first, 'succeed')
    await openBatchKit(kit, { queueBound: 2 }).keep()
    expect(await countReleased()).toBe(3)
  })

  test('held lines do not fill the queue', async () => {
    const id = await batches.create()
    await batches.send(id, lines(3))
    const before = await kit.deps.tenants.countQueued(kit.tenantId, 1_000)
    await batches.post(id, 'close')
    await batches.keep()
    expect(await kit.deps.tenants.countQueued(kit.tenantId, 1_000)).toBe(before + 3)
  })

  test('goes on where it was cut off, and lets go of no job twice', async () => {
    const id = await batches.create()
    await batches.send(id, lines(5), '?close=true')
    const work = createBatchWorkStore({ pool: kit.store.pool })
    expect(await work.release(id, 2)).toMatchObject({ released: 2 })
    expect(await kit.store.prisma.batch.findUniqueOrThrow({ where: { id } })).toMatchObject({
      released: 2,
      releasedAt: null,
    })
    await batches.keep()
    expect(await kit.store.prisma.batch.findUniqueOrThrow({ where: { id } })).toMatchObject({ released: 5 })
    expect(await work.release(id, 2)).toEqual({ released: 0, isProgress: false })
  })

  test('survives the loss of the connection that holds the lead', async () => {
    const work = createBatchWorkStore({ pool: kit.store.pool })
    const leading = work.lead(async () => {
      await kit.store.leasePool.query(
        `SELECT pg_terminate_backend(pid) FROM pg_stat_activity
         WHERE datname = current_database() AND pid <> pg_backend_pid() AND query LIKE '%pg_try_advisory_lock%'`,
      )
    })
    await expect(leading).rejects.toThrow()
    // The server tells of the end before it lets go of the locks.
    await expect.poll(() => work.lead(async () => undefined), { interval: 5 }).toBe(true)
  })

  test('is done by one process at a time', async () => {
    const { id } = await started(3)
    await batches.post(id, 'cancel')
    const inside: string[] = []
    const work = createBatchWorkStore({ pool: kit.store.pool })
    const led = await work.lead(async () => {
      expect(await work.lead(async () => void inside.push('another'))).toBe(false)
      expect(await keepBatches(batches.deps, new AbortController().signal)).toBe(false)
    })
    expect([led, inside]).toEqual([true, []])
    expect(await batches.read(id)).toMatchObject({ state: 'canceling', jobs: { queued: 3 } })
    await batches.keep()
    expect(await batches.read(id)).toMatchObject({ state: 'canceled' })
  })
})

describe('the end of a batch', () => {
  test('is completed when every line has succeeded', async () => {
    const { id, jobIds } = await started(2)
    await batches.finish(jobIds[0] ?? '', 'succeed')
    await batches.keep()
    const half = await batches.read(id)
    expect(half).toMatchObject({ state: 'running', progress: 0.5, jobs: { succeeded: 1, queued: 1 } })
    expect(half['eta']).not.toBeNull()
    await batches.finish(jobIds[1] ?? '', 'succeed')
    await batches.keep()
    const response = await kit.send({ method: 'GET', url: `/v1/batches/${id}` })
    expect(response.statusCode).toBe(200)
    expect(response.json()).toMatchObject({
      state: 'completed',
      progress: 1,
      eta: null,
      jobs: { succeeded: 2 },
    })
    expect(response.json().finished_at).not.toBeNull()
    const readFeed = async (): Promise<{ data: { batch_id: string } }[]> =>
      (await kit.send({ method: 'GET', url: '/v1/events?type=batch.completed&limit=100' })).json().data
    await expect
      .poll(async () => (await readFeed()).filter(({ data }) => data.batch_id === id))
      .toMatchObject([
        { type: 'batch.completed', job_id: null, data: { state: 'completed', jobs: { succeeded: 2 } } },
      ])
  })

  test('is completed_with_errors when some line was bad, failed or was canceled', async () => {
    const failed = await started(2)
    await batches.finish(failed.jobIds[0] ?? '', 'succeed')
    await batches.finish(failed.jobIds[1] ?? '', 'fail')
    const rejected = await batches.create()
    await batches.send(rejected, [{ prompt: 'x' }, { prompt: 7 }], '?close=true')
    await batches.keep()
    await batches.finish((await batches.jobIds(rejected))[0] ?? '', 'succeed')
    await batches.keep()
    expect(await batches.read(failed.id)).toMatchObject({
      state: 'completed_with_errors',
      jobs: { failed: 1 },
    })
    expect(await batches.read(rejected)).toMatchObject({ state: 'completed_with_errors' })
  })

  test('is failed when no line has succeeded, and completed when there was none', async () => {
    const { id, jobIds } = await started(1)
    await batches.finish(jobIds[0] ?? '', 'fail')
    const empty = await batches.create()
    await batches.post(empty, 'close')
    await batches.keep()
    expect(await batches.read(id)).toMatchObject({ state: 'failed' })
    expect(await batches.read(empty)).toMatchObject({ state: 'completed', lines: { total: 0 } })
  })

  test('comes once, whoever looks at the same time', async () => {
    const { id, jobIds } = await started(1)
    await batches.finish(jobIds[0] ?? '', 'succeed')
    const batch = await kit.deps.batches.find(kit.tenantId, id)
    const ending = (no: number) => ({
      batchId: id,
      state: 'completed',
      seq: batch?.seq ?? 0,
      at: new Date(),
      event: { id: `evt_${id}_${no}`, type: 'batch.completed', data: { batch_id: id }, body: '{}' },
    })
    const work = createBatchWorkStore({ pool: kit.store.pool })
    const ends = await Promise.all([1, 2, 3, 4].map((no) => work.end(ending(no))))
    expect(ends.filter((isEnded) => isEnded)).toHaveLength(1)
    expect(await completions(id)).toHaveLength(1)
  })

  test('does not come while a job has not ended', async () => {
    const { id, jobIds } = await started(2)
    await batches.finish(jobIds[0] ?? '', 'succeed')
    const work = createBatchWorkStore({ pool: kit.store.pool })
    const at = new Date()
    const event = { id: `evt_${id}`, type: 'batch.completed', data: {}, body: '{}' }
    expect(await work.end({ batchId: id, state: 'completed', seq: 0, at, event })).toBe(false)
  })

  test('is told to the callback of the batch and to endpoints that asked, signed each with its own secret', async () => {
    const receiver = await startReceiver()
    try {
      const secret = `whsec_${Buffer.alloc(32, 9).toString('base64')}`
      const endpoint = await kit.send({
        method: 'POST',
        url: '/v1/callback-endpoints',
        payload: { url: receiver.url, events: ['batch.completed'] },
      })
      expect(endpoint.statusCode).toBe(201)
      const { id, jobIds } = await started(1, {
        callback: { url: receiver.url, secret, headers: { 'x-team': 'ads' } },
      })
      await batches.finish(jobIds[0] ?? '', 'succeed')
      await batches.keep()
      await deliveries.deliverDue()
      const bodies = receiver.calls.map(({ body }) => JSON.parse(body.toString()))
      expect(bodies).toHaveLength(2)
      expect(bodies[0]).toEqual(bodies[1])
      expect(bodies[0]).toMatchObject({
        type: 'batch.completed',
        data: { sequence: 1, batch: { id, state: 'completed', jobs: { succeeded: 1 }, lines: { total: 1 } } },
      })
      expect(bodies[0].data.batch).toEqual(await batches.read(id))
      const own = receiver.calls.find(({ headers }) => headers['x-team'] === 'ads')
      expect(() =>
        new Webhook(secret).verify(own?.body.toString() ?? '', own?.headers as Record<string, string>),
      ).not.toThrow()
      const log = (await kit.send({ method: 'GET', url: '/v1/callback-deliveries?state=delivered' })).json()
        .data
      expect(log).toEqual(
        expect.arrayContaining([
          expect.objectContaining({ job_id: null, batch_id: id, endpoint_id: null, url: receiver.url }),
        ]),
      )
      await kit.send({ method: 'DELETE', url: `/v1/callback-endpoints/${endpoint.json().id}` })
    } finally {
      await receiver.close()
    }
  })
})

describe('all_or_nothing', () => {
  test('starts nothing when a line is bad, and ends as failed', async () => {
    const id = await batches.create({ all_or_nothing: true })
    await batches.send(id, [...lines(3), { prompt: 7 }])
    expect((await batches.post(id, 'close')).json()).toMatchObject({ state: 'canceling' })
    await batches.keep()
    expect(await batches.read(id)).toMatchObject({
      state: 'failed',
      jobs: { canceled: 3, held: 0 },
      links: { redrive: null, cancel: null },
    })
    expect((await readJobs(id)).every(({ startedAt }) => startedAt === null)).toBe(true)
    expect(await completions(id)).toMatchObject([{ data: { state: 'failed' } }])
  })

  test('starts everything when all lines are good', async () => {
    const { id } = await started(2, { all_or_nothing: true })
    expect(await batches.read(id)).toMatchObject({ state: 'running', jobs: { queued: 2 } })
  })
})

describe('canceling a batch', () => {
  test('ends held and queued jobs at once, asks the running ones, and keeps what has succeeded', async () => {
    const { id, jobIds } = await started(4)
    await batches.finish(jobIds[0] ?? '', 'succeed')
    const claim = await kit.writer.claimJob(jobIds[1] ?? '')
    const response = await batches.post(id, 'cancel')
    expect([response.statusCode, response.json().state]).toEqual([202, 'canceling'])
    await batches.keep()
    expect(await batches.read(id)).toMatchObject({
      state: 'canceling',
      jobs: { succeeded: 1, running: 1, canceled: 2 },
    })
    const asked = await kit.store.prisma.job.findUniqueOrThrow({ where: { id: jobIds[1] ?? '' } })
    expect(asked.cancelRequestedAt).not.toBeNull()
    const { epoch = 0, seq = 0 } = claim?.job ?? {}
    await kit.writer.transitionJob({
      verb: 'cancel',
      jobId: asked.id,
      epoch,
      seq,
      patch: {},
      events: [{ type: 'job.canceled', data: { stage: 'auth' } }],
    })
    await batches.keep()
    expect(await batches.read(id)).toMatchObject({ state: 'canceled', jobs: { succeeded: 1, canceled: 3 } })
    expect(await completions(id)).toMatchObject([{ data: { state: 'canceled' } }])
    expect((await batches.post(id, 'cancel')).json()).toMatchObject({
      code: 'already_finished',
      detail: 'The batch was canceled.',
    })
  })

  test('works on an open batch too, of more jobs than one step takes', async () => {
    const id = await batches.create()
    await batches.send(id, lines(1_100))
    await batches.post(id, 'cancel')
    expect((await batches.send(id, [{ prompt: 'late' }])).json().code).toBe('batch_not_open')
    await batches.keep()
    expect(await batches.read(id)).toMatchObject({ state: 'canceled', jobs: { canceled: 1_100, held: 0 } })
  })
})

describe('redriving a batch', () => {
  test('puts its failed jobs back in the queue, and the batch ends again', async () => {
    const { id, jobIds } = await started(3)
    const [first = '', second = '', third = ''] = jobIds
    await batches.finish(first, 'succeed')
    await batches.finish(second, 'fail', 'render_timeout')
    await batches.finish(third, 'fail', 'generation_failed')
    await batches.keep()
    expect(await batches.read(id)).toMatchObject({ state: 'completed_with_errors' })
    const none = await batches.post(id, 'redrive', { failure_codes: ['out_of_credits'] })
    expect([none.statusCode, none.json().code]).toEqual([409, 'batch_not_redrivable'])
    const response = await batches.post(id, 'redrive', { failure_codes: ['render_timeout'] })
    expect(response.statusCode).toBe(202)
    expect(response.json()).toMatchObject({ state: 'running', finished_at: null, redrive: { done: false } })
    await batches.keep()
    expect(await batches.read(id)).toMatchObject({
      state: 'running',
      jobs: { queued: 1, failed: 1, succeeded: 1 },
      redrive: { failure_codes: ['render_timeout'], redriven: 1, skipped: 0, done: true },
    })
    await batches.finish(second, 'succeed')
    await batches.keep()
    await batches.post(id, 'redrive')
    await batches.keep()
    await batches.finish(third, 'succeed')
    await batches.keep()
    expect(await batches.read(id)).toMatchObject({ state: 'completed', jobs: { succeeded: 3, failed: 0 } })
    expect(await completions(id)).toHaveLength(3)
  })

  test('skips what would cost again, unless that is accepted', async () => {
    const { id, jobIds } = await started(1)
    const [jobId = ''] = jobIds
    await batches.finish(jobId, 'fail', 'generation_outcome_unknown')
    await kit.store.prisma.job.update({
      where: { id: jobId },
      data: { stage: 'generate', failureStage: 'generate' },
    })
    await kit.store.prisma.permit.create({
      data: {
        id: `prm_${jobId}`,
        jobId,
        messageNo: 0,
        attempt: 1,
        try: 1,
        epoch: 1,
        accountId: 'acc_1',
        providerSessionId: jobId,
        state: 'settled',
        closedAt: new Date(),
        messageDigest: 'x',
        baseline: { fingerprint: 'before' },
        creditsReserved: 100,
      },
    })
    await batches.keep()
    await batches.post(id, 'redrive')
    await batches.keep()
    expect(await batches.read(id)).toMatchObject({ state: 'failed', redrive: { redriven: 0, skipped: 1 } })
    await batches.post(id, 'redrive', { accept_cost: true })
    await batches.keep()
    expect(await batches.read(id)).toMatchObject({ state: 'running', redrive: { redriven: 1, skipped: 0 } })
  })

  test('skips a job that cannot be redriven, and goes on with the others', async () => {
    const { id, jobIds } = await started(2)
    for (const jobId of jobIds) await batches.finish(jobId, 'fail', 'render_timeout')
    await kit.store.prisma.job.update({ where: { id: jobIds[0] ?? '' }, data: { skill: 'gone' } })
    await batches.keep()
    await batches.post(id, 'redrive')
    await batches.keep()
    expect(await batches.read(id)).toMatchObject({
      redrive: { redriven: 1, skipped: 1, done: true },
      jobs: { queued: 1, failed: 1 },
    })
  })

  test('skips a job whose upload is gone', async () => {
    const { id, jobIds } = await started(2)
    for (const jobId of jobIds) await batches.finish(jobId, 'fail', 'invalid_input')
    await kit.store.prisma.job.updateMany({ where: { batchId: id }, data: { stage: 'upload' } })
    await kit.store.prisma.jobRequest.updateMany({
      where: { jobId: { in: [...jobIds] } },
      data: { inputs: [{ url: 'https://x.example/a.png', fetch: 'provider' }] },
    })
    await kit.store.prisma.jobRequest.update({
      where: { jobId: jobIds[0] ?? '' },
      data: { inputs: [{ upload_id: 'upl_gone' }] },
    })
    await batches.keep()
    await batches.post(id, 'redrive')
    await batches.keep()
    expect(await batches.read(id)).toMatchObject({ redrive: { redriven: 1, skipped: 1, done: true } })
  })

  test('waits for room in the queue, and skips nothing for want of it', async () => {
    const { id, jobIds } = await started(3)
    for (const jobId of jobIds) await batches.finish(jobId, 'fail', 'render_timeout')
    await batches.keep()
    await batches.post(id, 'redrive')
    const queued = await kit.deps.tenants.countQueued(kit.tenantId, 1_000)
    await openBatchKit(kit, { queueBound: queued + 1 }).keep()
    expect(await batches.read(id)).toMatchObject({ redrive: { redriven: 1, skipped: 0, done: false } })
    await batches.keep()
    expect(await batches.read(id)).toMatchObject({ redrive: { redriven: 3, skipped: 0, done: true } })
  })

  test('is refused for a batch that is open or canceled', async () => {
    const open = await batches.create()
    expect((await batches.post(open, 'redrive')).json()).toMatchObject({
      code: 'batch_not_redrivable',
      detail: 'It has not been closed.',
    })
    await batches.post(open, 'cancel')
    expect((await batches.post(open, 'redrive')).statusCode).toBe(409)
    expect((await batches.post(open, 'redrive', { failure_codes: ['nope'] })).statusCode).toBe(400)
  })
})
