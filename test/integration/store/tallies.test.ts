import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { systemClock } from '../../../src/clock.ts'
import { openStore, type Store } from '../../../src/store/client.ts'
import { createQueueDepthStore } from '../../../src/store/queue-depths.ts'
import { createTallyStore, type TallyStore } from '../../../src/store/tallies.ts'
import { createWriter, type TransitionInput, type Writer } from '../../../src/store/writer.ts'
import { createTestDatabase, type TestDatabase } from '../../support/database.ts'
import { seedJob, seedTenant } from '../../support/seed-job.ts'

let database: TestDatabase
let store: Store
let tallies: TallyStore
let writer: Writer

beforeAll(async () => {
  database = await createTestDatabase()
  store = openStore({ databaseUrl: database.url })
  tallies = createTallyStore({ pool: store.pool })
  writer = createWriter({
    pool: store.jobPool,
    leasePool: store.leasePool,
    clock: systemClock,
    owner: 'worker-1',
    leaseMs: 30_000,
    patienceMs: 5_000,
  })
  await seedTenant(store.pool)
})

afterAll(async () => {
  await store.close()
  await database.drop()
})

beforeEach(async () => {
  await store.pool.query('TRUNCATE tallies, usage_days, batch_counts')
})

const write = async (verb: TransitionInput['verb'], jobId: string, patch: TransitionInput['patch'] = {}) => {
  const { rows } = await store.pool.query<{ epoch: number }>('SELECT epoch FROM jobs WHERE id = $1', [jobId])
  const result = await writer.transitionJob({ verb, jobId, epoch: rows[0]!.epoch, patch, dueInMs: 0 })
  expect(result.outcome).toBe('applied')
}

const listTallies = async () => {
  const { rows } = await store.pool.query<Record<string, unknown>>(
    `SELECT batch_id, skill, tags, from_state, to_state, jobs, credits_spent, credits_at_risk, render_seconds,
       size_bytes FROM tallies ORDER BY id`,
  )
  return rows
}

const listDays = async () => {
  const { rows } = await store.pool.query<Record<string, unknown>>(
    `SELECT dimension, key, day = current_date AS is_today, succeeded, failed, canceled, credits_spent,
       render_seconds, size_bytes FROM usage_days ORDER BY dimension, key, day DESC`,
  )
  return rows
}

const artifact = {
  kind: 'artifact',
  id: 'art_1',
  storage_key: 'k',
  content_type: 'video/mp4',
  size_bytes: 5_000,
  sha256: 's',
  width: 1,
  height: 1,
  duration_s: 2.5,
  video_codec: null,
  audio_codec: null,
} as const

describe('what the writer tallies', () => {
  it('is nothing for a job of no batch until it spends or ends', async () => {
    const jobId = await seedJob(store.pool)
    await writer.claimJob(jobId)
    await write('advance', jobId, { stage: 'session' })
    await write('park', jobId)
    expect(await listTallies()).toEqual([])
  })

  it('is what a job has spent, when that is known, and its end with the file', async () => {
    const jobId = await seedJob(store.pool, { request: { tags: ['autumn', 'ads'] } })
    await writer.claimJob(jobId)
    await write('advance', jobId, { creditsSpent: 100, creditsAtRisk: 100 })
    await write('advance', jobId, { creditsSpent: 180, creditsAtRisk: 0 })
    await write('succeed', jobId, { rows: [{ ...artifact, id: `art_${jobId}` }] })
    expect(await listTallies()).toMatchObject([
      { from_state: 'running', to_state: 'running', credits_spent: 100, credits_at_risk: 100 },
      { from_state: 'running', to_state: 'running', credits_spent: 80, credits_at_risk: -100 },
      {
        tags: ['autumn', 'ads'],
        from_state: 'running',
        to_state: 'succeeded',
        jobs: 1,
        credits_spent: 0,
        render_seconds: 2.5,
        size_bytes: 5_000,
      },
    ])
  })

  it('is every change of state of a job of a batch', async () => {
    const jobId = await seedJob(store.pool, { job: { batch_id: 'bat_1' } })
    await writer.claimJob(jobId)
    await write('advance', jobId, { stage: 'session' })
    await write('park', jobId)
    await writer.claimJob(jobId)
    await write('fail', jobId, { failureCode: 'internal' })
    expect((await listTallies()).map(({ from_state, to_state }) => `${from_state} ${to_state}`)).toEqual([
      'queued running',
      'running waiting',
      'waiting running',
      'running failed',
    ])
  })

  it('is one row for the jobs of a statement that change the same figures', async () => {
    const jobIds = await Promise.all(
      [1, 2, 3, 4].map(() => seedJob(store.pool, { job: { batch_id: 'bat_2' } })),
    )
    await Promise.all(jobIds.map((jobId) => writer.transitionJob({ verb: 'withdraw', jobId })))
    const rows = await listTallies()
    expect(rows.length).toBeLessThan(4)
    expect(rows.reduce((sum, { jobs }) => sum + Number(jobs), 0)).toBe(4)
  })

  it('is nothing for a write that came too late', async () => {
    const jobId = await seedJob(store.pool, { job: { batch_id: 'bat_3' } })
    await writer.claimJob(jobId)
    const stale = await writer.transitionJob({ verb: 'succeed', jobId, epoch: 0 })
    expect([stale.outcome, (await listTallies()).length]).toEqual(['stale', 1])
  })
})

describe('ends, whoever writes them', () => {
  it.each([
    ['a client who cancels', 'withdraw', 'canceled'],
    ['a deadline that passes', 'expire', 'failed'],
  ] as const)('count by %s', async (_who, verb, state) => {
    const jobId = await seedJob(store.pool)
    await write(verb, jobId, verb === 'expire' ? { failureCode: 'deadline_exceeded' } : {})
    await tallies.rollUp(100)
    expect((await listDays()).find(({ dimension }) => dimension === 'total')).toMatchObject({ [state]: 1 })
  })

  it('are taken back by a redrive on the day of the failure, and what was spent stays', async () => {
    const jobId = await seedJob(store.pool)
    await writer.claimJob(jobId)
    await write('fail', jobId, { failureCode: 'internal', creditsSpent: 100 })
    await store.pool.query(`UPDATE jobs SET finished_at = now() - interval '1 day' WHERE id = $1`, [jobId])
    await store.pool.query(`UPDATE tallies SET day = day - 1`)
    await write('redrive', jobId, { failureCode: null, attempt: 2 })
    await writer.claimJob(jobId)
    await write('succeed', jobId, { creditsSpent: 150 })
    await tallies.rollUp(100)
    expect((await listDays()).filter(({ dimension }) => dimension === 'total')).toMatchObject([
      { is_today: true, succeeded: 1, failed: 0, credits_spent: 50 },
      { is_today: false, succeeded: 0, failed: 0, credits_spent: 100 },
    ])
  })
})

describe('the roll-up', () => {
  it('adds the tallies to their days, by skill and by tag, and removes them', async () => {
    for (const tags of [['b', 'a'], ['a', 'a'], []]) {
      const jobId = await seedJob(store.pool, { request: { tags } })
      await write('withdraw', jobId)
      await tallies.rollUp(100)
    }
    const figures = await listDays()
    expect(figures.map(({ dimension, key, canceled }) => `${dimension}:${key} ${canceled}`)).toEqual([
      'skill:free-video-generation-api 3',
      'tag: 1',
      'tag:a 2',
      'tag:b 1',
      'total: 3',
    ])
    expect(await listTallies()).toEqual([])
  })

  it('keeps a thousand tags of a tenant’s day apart, and the others together', async () => {
    const tally = async (first: number, last: number, day: string) => {
      await store.pool.query(
        `INSERT INTO tallies (tenant_id, day, skill, tags, to_state, jobs, credits_spent)
         SELECT 'ten_1', ${day}, 's', ARRAY['tag ' || to_char(n, 'FM0000'), 'all'], 'succeeded', 1, 10
         FROM generate_series($1::int, $2::int) AS n`,
        [first, last],
      )
      await tallies.rollUp(5_000)
    }
    const count = async (day: string) => {
      const { rows } = await store.pool.query(
        `SELECT count(*) FILTER (WHERE key <> '(other)')::int AS tags, sum(succeeded)::int AS jobs,
           COALESCE(sum(succeeded) FILTER (WHERE key = '(other)'), 0)::int AS other,
           COALESCE(sum(succeeded) FILTER (WHERE key = 'all'), 0)::int AS all
         FROM usage_days WHERE dimension = 'tag' AND day = ${day}`,
      )
      return rows[0]
    }
    await tally(1, 990, 'current_date')
    expect(await count('current_date')).toEqual({ tags: 991, jobs: 1_980, other: 0, all: 990 })
    await tally(985, 1_020, 'current_date')
    expect(await count('current_date')).toEqual({ tags: 1_000, jobs: 2_052, other: 21, all: 1_026 })
    await tally(1_000, 1_001, 'current_date')
    expect(await count('current_date')).toEqual({ tags: 1_000, jobs: 2_056, other: 23, all: 1_028 })
    await tally(1, 3, 'current_date - 1')
    expect(await count('current_date - 1')).toEqual({ tags: 4, jobs: 6, other: 0, all: 3 })
  })

  it('leaves out tags of days whose tags are no longer kept', async () => {
    await store.pool.query(
      `INSERT INTO tallies (tenant_id, day, skill, tags, from_state, to_state, jobs)
       VALUES ('ten_1', current_date - 402, 's', '{a}', 'failed', 'queued', 1)`,
    )
    await tallies.rollUp(10)
    expect((await listDays()).map(({ dimension }) => dimension)).toEqual(['skill', 'total'])
  })

  it('takes each tally once, however many do it at once', async () => {
    const jobIds = await Promise.all([...Array(20).keys()].map(() => seedJob(store.pool)))
    for (const jobId of jobIds) await write('withdraw', jobId)
    const taken = await Promise.all([...Array(8).keys()].map(() => tallies.rollUp(3)))
    while ((await tallies.rollUp(3)) > 0) taken.push(0)
    expect((await listDays()).find(({ dimension }) => dimension === 'total')).toMatchObject({ canceled: 20 })
  })
})

describe('the figures of a batch', () => {
  it('are exact at once, rolled up or not', async () => {
    const jobIds = await Promise.all([1, 2, 3].map(() => seedJob(store.pool, { job: { batch_id: 'bat_4' } })))
    await store.pool.query(
      `INSERT INTO tallies (tenant_id, batch_id, day, skill, tags, to_state, jobs)
       VALUES ('ten_1', 'bat_4', current_date, 's', '{}', 'queued', 3)`,
    )
    const read = async () => (await tallies.readBatches(['bat_4'])).get('bat_4')
    const [first, second] = jobIds as [string, string]
    await writer.claimJob(first)
    expect((await read())?.jobs).toMatchObject({ queued: 2, running: 1, waiting: 0 })
    await tallies.rollUp(1)
    await write('advance', first, { creditsSpent: 100, creditsAtRisk: 40 })
    await write('fail', first, { failureCode: 'internal' })
    await write('withdraw', second)
    const expected = {
      jobs: { queued: 1, running: 0, waiting: 0, succeeded: 0, failed: 1, canceled: 1 },
      creditsSpent: 100,
      creditsAtRisk: 40,
    }
    expect(await read()).toEqual(expected)
    await tallies.rollUp(100)
    expect(await read()).toEqual(expected)
  })

  it('are zero for one without jobs', async () => {
    expect((await tallies.readBatches(['bat_5'])).get('bat_5')).toMatchObject({
      jobs: { queued: 0, succeeded: 0 },
      creditsSpent: 0,
    })
  })
})

describe('the depth of the line', () => {
  it('counts what is due, and says for how long the first has been', async () => {
    const depths = createQueueDepthStore({ pool: store.pool })
    expect(await depths.read()).toEqual([])
    await store.pool.query('DELETE FROM jobs')
    const hourAgo = new Date(Date.now() - 3_600_000)
    const tomorrow = new Date(Date.now() + 86_400_000)
    await seedJob(store.pool)
    await seedJob(store.pool, { job: { due_at: hourAgo, order_at: hourAgo } })
    await seedJob(store.pool, { job: { due_at: tomorrow, order_at: tomorrow } })
    await writer.claimJob(await seedJob(store.pool))
    await depths.count(60_000)
    const read = Object.fromEntries((await depths.read()).map(({ state, ...rest }) => [state, rest]))
    expect(read).toMatchObject({ queued: { jobs: 2 }, running: { jobs: 1 }, waiting: { jobs: 0 } })
    expect(read['queued']?.oldestMs).toBeGreaterThanOrEqual(3_600_000)
    expect(read['waiting']?.oldestMs).toBeNull()
    await seedJob(store.pool)
    await depths.count(60_000)
    expect((await depths.read()).find(({ state }) => state === 'queued')).toMatchObject({ jobs: 2 })
  })
})
