import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { systemClock } from '../../../src/clock.ts'
import { newId } from '../../../src/job/ids.ts'
import { openStore, type Store } from '../../../src/store/client.ts'
import { createDispatchStore } from '../../../src/store/dispatch.ts'
import { createWriter, type Writer } from '../../../src/store/writer.ts'
import { createTestDatabase, type TestDatabase } from '../../support/database.ts'
import { seedJob, seedTenant } from '../../support/seed-job.ts'

describe('the jobs of a conversation', () => {
  let database: TestDatabase
  let store: Store
  let tenantId: string
  beforeAll(async () => {
    database = await createTestDatabase()
    store = openStore({ databaseUrl: database.url })
    tenantId = await seedTenant(store.pool)
    await dispatch().recordWorker({ id: 'worker-1', slots: 1_000 })
  })
  afterAll(async () => {
    await store.close()
    await database.drop()
  })

  const dispatch = () => createDispatchStore({ pool: store.jobPool })
  const openWriter = (): Writer =>
    createWriter({
      pool: store.jobPool,
      leasePool: store.leasePool,
      clock: systemClock,
      owner: 'worker-1',
      leaseMs: 30_000,
      patienceMs: 5_000,
    })

  const seedSession = async (columns: Readonly<Record<string, string>> = {}): Promise<string> => {
    const id = newId('session', Date.now())
    await store.pool.query(
      `INSERT INTO sessions (id, tenant_id, skill, metadata, account_id, provider_session_id, provider_task_id)
       VALUES ($1, $2, 'free-video-generation-api', '{}', $3, $4, $5)`,
      [id, tenantId, columns['account_id'], columns['provider_session_id'], columns['provider_task_id']],
    )
    return id
  }
  const createdAt = (secondsAgo: number) => new Date(Date.now() - secondsAgo * 1_000)
  const seed = (sessionId: string, secondsAgo: number, job: Readonly<Record<string, unknown>> = {}) =>
    seedJob(store.pool, { job: { session_id: sessionId, created_at: createdAt(secondsAgo), ...job } })
  const ring = async (): Promise<string[]> => {
    const rung = await dispatch().ringJobs({ most: 100, againAfterMs: 0, sharedAccountId: 'acc_shared' })
    return rung.map(({ id }) => id)
  }
  const end = (writer: Writer, jobId: string, epoch: number, verb: 'succeed' | 'fail' = 'succeed') =>
    writer.transitionJob({ verb, jobId, epoch, patch: {}, events: [] })

  it('are rung one at a time, in the order of their creation', async () => {
    const session = await seedSession()
    const second = await seed(session, 10)
    const first = await seed(session, 20)
    expect(await ring()).toEqual([first])
    const writer = openWriter()
    const claim = await writer.claimJob(first)
    expect(await ring()).not.toContain(second)
    await end(writer, first, claim?.job.epoch ?? 0)
    expect(await ring()).toContain(second)
  })

  it('are claimed one at a time, whichever bells are out', async () => {
    const session = await seedSession()
    const [one, other] = [await seed(session, 20), await seed(session, 10)]
    const writer = openWriter()
    const claim = await writer.claimJob(other)
    expect(claim?.job.id).toBe(other)
    expect(await writer.claimJob(one)).toBeNull()
    await end(writer, other, claim?.job.epoch ?? 0)
    expect((await writer.claimJob(one))?.job.id).toBe(one)
  })

  it('are claimed one at a time by workers that claim in the same moment', async () => {
    for (let round = 0; round < 10; round += 1) {
      const session = await seedSession()
      const jobs = [await seed(session, 20), await seed(session, 10), await seed(session, 5)]
      const claims = await Promise.all(jobs.map((id) => openWriter().claimJob(id)))
      expect(claims.filter((claim) => claim !== null)).toHaveLength(1)
    }
  })

  it('do not keep jobs of others from being claimed in the same statement', async () => {
    const session = await seedSession()
    const jobs = [await seed(session, 20), await seed(session, 10)]
    const others = [await seedJob(store.pool), await seedJob(store.pool)]
    const writer = openWriter()
    const claims = await Promise.all([...jobs, ...others].map((id) => writer.claimJob(id)))
    expect(claims.slice(0, 2).filter((claim) => claim !== null)).toHaveLength(1)
    expect(claims.slice(2).map((claim) => claim?.job.id)).toEqual(others)
  })

  it('leave a redriven one in the line while another one is at work, and let it go first afterwards', async () => {
    const session = await seedSession()
    const failed = await seed(session, 30)
    const writer = openWriter()
    const failing = await writer.claimJob(failed)
    await end(writer, failed, failing?.job.epoch ?? 0, 'fail')
    const [working, later] = [await seed(session, 20), await seed(session, 10)]
    const claim = await writer.claimJob(working)
    await writer.transitionJob({ verb: 'redrive', jobId: failed, patch: {}, events: [], dueInMs: 0 })
    expect(await ring()).not.toContain(failed)
    expect(await writer.claimJob(failed)).toBeNull()
    await writer.transitionJob({
      verb: 'park',
      jobId: working,
      epoch: claim?.job.epoch ?? 0,
      patch: {},
      events: [],
      dueInMs: 3_600_000,
    })
    expect(await writer.claimJob(failed)).toBeNull()
    await store.pool.query(`UPDATE jobs SET due_at = now() WHERE id = $1`, [working])
    const again = await writer.claimJob(working)
    await end(writer, working, again?.job.epoch ?? 0)
    const rung = await ring()
    expect(rung).toContain(failed)
    expect(rung).not.toContain(later)
  })

  it('do not wait for one that is to start later', async () => {
    const session = await seedSession()
    await seed(session, 20, { due_at: new Date(Date.now() + 3_600_000) })
    const now = await seed(session, 10)
    expect(await ring()).toContain(now)
    expect((await openWriter().claimJob(now))?.job.id).toBe(now)
  })

  it('go on where the conversation is at the provider, with its account', async () => {
    const place = { account_id: 'acc_1', provider_session_id: '77', provider_task_id: 'task_7' }
    const job = await seed(await seedSession(place), 10)
    const claim = await openWriter().claimJob(job)
    expect(claim?.job).toMatchObject({
      accountId: 'acc_1',
      providerSessionId: '77',
      providerTaskId: 'task_7',
    })
  })

  it('bring the conversation along where they go, and say when it is lost', async () => {
    const session = await seedSession()
    const find = async () =>
      (await store.pool.query('SELECT * FROM sessions WHERE id = $1', [session])).rows[0]
    const job = await seed(session, 10)
    const writer = openWriter()
    const claim = await writer.claimJob(job)
    const epoch = claim?.job.epoch ?? 0
    await writer.transitionJob({
      verb: 'advance',
      jobId: job,
      epoch,
      patch: { accountId: 'acc_2', providerSessionId: '88', providerTaskId: 'task_8' },
      events: [],
    })
    expect(await find()).toMatchObject({ account_id: 'acc_2', provider_session_id: '88', lost_at: null })
    await writer.transitionJob({
      verb: 'fail',
      jobId: job,
      epoch,
      patch: { failureCode: 'provider_session_lost' },
      events: [],
    })
    expect((await find()).lost_at).toBeInstanceOf(Date)
  })
})
