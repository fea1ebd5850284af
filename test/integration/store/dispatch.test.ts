import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { expireOverdue } from '../../../src/actions/dispatch.ts'
import { systemClock } from '../../../src/clock.ts'
import { headStartSeconds, type Priority, priorities } from '../../../src/job/job.ts'
import { openStore, type Store } from '../../../src/store/client.ts'
import { createDeliveryStore } from '../../../src/store/deliveries.ts'
import { createDispatchStore, dispatchLeadLock, ringJobsSql } from '../../../src/store/dispatch.ts'
import { createLead } from '../../../src/store/leadership.ts'
import { createWriter } from '../../../src/store/writer.ts'
import { createTestDatabase, type TestDatabase } from '../../support/database.ts'
import { seedJob, seedTenant } from '../../support/seed-job.ts'

let database: TestDatabase
let store: Store

beforeAll(async () => {
  database = await createTestDatabase()
  store = openStore({ databaseUrl: database.url })
})

afterAll(async () => {
  await store.close()
  await database.drop()
})

const sharedAccountId = 'acc_shared'

beforeEach(async () => {
  await store.pool.query(
    'TRUNCATE jobs, job_requests, job_events, tenants, provider_accounts, workers CASCADE',
  )
  await seedAccount(sharedAccountId, { maxConcurrency: 1_000 })
  await setFleet(100)
})

const setFleet = (slots: number) =>
  store.pool.query(
    `INSERT INTO workers (id, slots) VALUES ('w', $1) ON CONFLICT (id) DO UPDATE SET slots = $1`,
    [slots],
  )

const seedAccount = (
  id: string,
  { maxConcurrency, tenantId = null }: { maxConcurrency: number; tenantId?: string | null },
) =>
  store.pool.query(
    `INSERT INTO provider_accounts (id, tenant_id, kind, identity, max_concurrency) VALUES ($1, $2, 'token', $1, $3)
     ON CONFLICT (id) DO UPDATE SET max_concurrency = $3`,
    [id, tenantId, maxConcurrency],
  )

const addTenant = (name: string, columns: Readonly<Record<string, unknown>> = {}): Promise<string> =>
  seedTenant(store.pool, { id: `ten_${name}`, name, ...columns })

const addJobs = async (
  tenantId: string,
  count: number,
  columns: Readonly<Record<string, unknown>> = {},
): Promise<string[]> => {
  const ids: string[] = []
  for (let no = 0; no < count; no += 1)
    ids.push(
      await seedJob(store.pool, {
        job: { tenant_id: tenantId, order_at: new Date(Date.now() - 60_000 + no), ...columns },
      }),
    )
  return ids
}

const aMinute = 60_000
const inAMinute = () => new Date(Date.now() + aMinute)
const aMinuteAgo = () => new Date(Date.now() - aMinute)

const ringBells = (most = 1_000) =>
  createDispatchStore({ pool: store.jobPool }).ringJobs({ most, againAfterMs: 5_000, sharedAccountId })

const ring = async (most?: number): Promise<string[]> => (await ringBells(most)).map(({ id }) => id)

const openWriter = () =>
  createWriter({
    pool: store.jobPool,
    leasePool: store.leasePool,
    clock: systemClock,
    owner: 'worker',
    leaseMs: 30_000,
    patienceMs: 5_000,
  })

/** As workers do that answer all their bells. */
const claim = (ids: readonly string[]) =>
  store.pool.query(
    `UPDATE jobs SET state = 'running', rung_at = NULL, lease_until = now() + interval '1 minute' WHERE id = ANY ($1)`,
    [ids],
  )

describe('the limit of a provider account', () => {
  it('bounds the jobs of all tenants that share it, rung and running together', async () => {
    await seedAccount(sharedAccountId, { maxConcurrency: 5 })
    const one = await addTenant('one')
    const other = await addTenant('other')
    await addJobs(one, 10)
    await addJobs(other, 10)
    const rung = await ring()
    expect(rung).toHaveLength(5)
    expect(await ring()).toEqual([])
    await claim(rung)
    expect(await ring()).toEqual([])
    await store.pool.query(
      `UPDATE jobs SET state = 'succeeded', finished_at = now(), lease_until = NULL WHERE id = ANY ($1)`,
      [rung.slice(0, 2)],
    )
    expect(await ring()).toHaveLength(2)
  })

  it('is shared by the weights of the tenants', async () => {
    await seedAccount(sharedAccountId, { maxConcurrency: 4 })
    const light = await addTenant('light', { weight: 1 })
    const heavy = await addTenant('heavy', { weight: 3 })
    const ofLight = new Set(await addJobs(light, 10))
    await addJobs(heavy, 10)
    const rung = await ring()
    expect(rung).toHaveLength(4)
    expect(rung.filter((id) => ofLight.has(id))).toHaveLength(1)
  })

  it('does not hold a tenant with an account of its own, whose own limit does', async () => {
    await seedAccount(sharedAccountId, { maxConcurrency: 0 })
    const shared = await addTenant('shared')
    const own = await addTenant('own')
    await seedAccount('acc_own', { maxConcurrency: 3, tenantId: own })
    await addJobs(shared, 5)
    const ofOwn = new Set(await addJobs(own, 5))
    const rung = await ring()
    expect(rung).toHaveLength(3)
    expect(rung.every((id) => ofOwn.has(id))).toBe(true)
  })

  it('leaves the whole room to tenants whose account is not full', async () => {
    await setFleet(10)
    const own = await addTenant('own')
    await seedAccount('acc_own', { maxConcurrency: 0, tenantId: own })
    for (const no of [1, 2, 3]) {
      const tenant = await addTenant(`full_${no}`)
      await seedAccount(`acc_full_${no}`, { maxConcurrency: 0, tenantId: tenant })
      await addJobs(tenant, 2)
    }
    await addJobs(own, 2)
    const free = new Set(await addJobs(await addTenant('free'), 30))
    const rung = await ring()
    expect(rung).toHaveLength(20)
    expect(rung.every((id) => free.has(id))).toBe(true)
  })

  it('counts a job against the account that it began with, whatever its tenant has now', async () => {
    const tenant = await addTenant('mover')
    await seedAccount('acc_new', { maxConcurrency: 2, tenantId: tenant })
    await seedAccount(sharedAccountId, { maxConcurrency: 1 })
    await addJobs(tenant, 3, { state: 'running', lease_until: inAMinute(), account_id: sharedAccountId })
    const redriven = await addJobs(tenant, 1, { account_id: sharedAccountId, order_at: aMinuteAgo() })
    const fresh = await addJobs(tenant, 3)
    const rung = await ring()
    expect(rung).toHaveLength(1)
    expect(fresh).toContain(rung[0])
    expect(rung).not.toContain(redriven[0])
  })

  it('counts jobs that nobody has told their account yet', async () => {
    await seedAccount(sharedAccountId, { maxConcurrency: 3 })
    const tenant = await addTenant('one')
    await addJobs(tenant, 2, { state: 'running', lease_until: inAMinute() })
    await addJobs(tenant, 5)
    expect(await ring()).toHaveLength(1)
  })

  it('does not count what waits, and lets it go first when it is due', async () => {
    await seedAccount(sharedAccountId, { maxConcurrency: 2 })
    const tenant = await addTenant('one')
    await addJobs(tenant, 4, { state: 'waiting', due_at: inAMinute(), account_id: sharedAccountId })
    const due = await addJobs(tenant, 1, {
      state: 'waiting',
      due_at: aMinuteAgo(),
      account_id: sharedAccountId,
    })
    const queued = await addJobs(tenant, 3)
    const rung = await ring()
    expect(rung).toHaveLength(2)
    expect(rung).toContain(due[0])
    expect(rung.filter((id) => queued.includes(id))).toHaveLength(1)
  })

  it('keeps the place of a job whose worker was lost', async () => {
    await seedAccount(sharedAccountId, { maxConcurrency: 1 })
    const tenant = await addTenant('one')
    const lost = await addJobs(tenant, 1, { state: 'running', lease_until: aMinuteAgo() })
    await addJobs(tenant, 2)
    expect(await ring()).toEqual(lost)
    expect(await ring()).toEqual([])
  })

  it('does not stop jobs whose account is gone: they fail and say so', async () => {
    const tenant = await addTenant('one')
    const orphaned = await addJobs(tenant, 1, { account_id: 'acc_gone' })
    expect(await ring()).toEqual(orphaned)
  })
})

describe('the line of a tenant', () => {
  const inMinutes = (minutes: number) => new Date(Date.now() + minutes * aMinute)

  const addDue = async (tenantId: string, priority: Priority, dueInMinutes: number): Promise<string> => {
    const orderAt = inMinutes(dueInMinutes - headStartSeconds[priority] / 60)
    const columns = { priority, due_at: inMinutes(dueInMinutes), order_at: orderAt }
    const [id = ''] = await addJobs(tenantId, 1, columns)
    return id
  }

  /** Many at once, each of them due in four minutes. */
  const addScheduled = async (tenantId: string, priority: Priority, count: number): Promise<void> => {
    const id = await addDue(tenantId, priority, 4)
    await store.pool.query(
      `INSERT INTO jobs (id, tenant_id, skill, state, stage, due_at, order_at, priority, created_at)
       SELECT id || n, tenant_id, skill, state, stage, due_at, order_at, priority, created_at
       FROM jobs, generate_series(2, $2) n WHERE id = $1`,
      [id, count],
    )
  }

  interface PlanNode {
    readonly 'Relation Name'?: string
    readonly 'Actual Rows': number
    readonly 'Actual Loops': number
    readonly 'Rows Removed by Filter'?: number
    readonly Plans?: readonly PlanNode[]
  }

  const rowsLookedAt = ({ Plans = [], ...node }: PlanNode): number => {
    const perLoop = node['Actual Rows'] + (node['Rows Removed by Filter'] ?? 0)
    const own = node['Relation Name'] === 'jobs' ? perLoop * node['Actual Loops'] : 0
    return Plans.reduce((sum, plan) => sum + rowsLookedAt(plan), own)
  }

  /** Rows of `jobs` that a round looks at, whether it picks them or not. */
  const lookAtRound = async (): Promise<number> => {
    await store.pool.query('ANALYZE jobs')
    const { rows } = await store.jobPool.query(`EXPLAIN (ANALYZE, FORMAT JSON) ${ringJobsSql}`, [
      1_000,
      5_000,
      sharedAccountId,
    ])
    return rowsLookedAt(rows[0]['QUERY PLAN'][0].Plan)
  }

  it('goes by due times less the head start of each priority', async () => {
    const tenant = await addTenant('one')
    const normal = await addDue(tenant, 'normal', -4)
    const low = await addDue(tenant, 'low', -10)
    const high = await addDue(tenant, 'high', -0.5)
    const lastLow = await addDue(tenant, 'low', -0.1)
    const rung = []
    while (rung.length < 4) rung.push(...(await ring(1)))
    expect(rung).toEqual([high, low, normal, lastLow])
  })

  it('lets nobody go before his time, whatever head start he has', async () => {
    const tenant = await addTenant('one')
    for (const priority of priorities) await addScheduled(tenant, priority, 1)
    expect(await ring()).toEqual([])
  })

  it('is no longer to the dispatcher for what is scheduled, however much that is', async () => {
    const tenant = await addTenant('one')
    for (const priority of priorities) await addDue(tenant, priority, -10)
    const few = await lookAtRound()
    await store.pool.query('UPDATE jobs SET rung_at = NULL')
    for (const priority of priorities) await addScheduled(tenant, priority, 2_000)
    expect(await lookAtRound()).toBe(few)
  })

  it.each(priorities)('has a place for a redriven job of %s priority, who goes at once', async (priority) => {
    const [id = ''] = await addJobs(await addTenant('one'), 1, {
      priority,
      state: 'failed',
      finished_at: aMinuteAgo(),
    })
    await openWriter().transitionJob({ verb: 'redrive', jobId: id, events: [], patch: {}, dueInMs: 0 })
    expect(await ring()).toEqual([id])
    const { rows } = await store.pool.query(
      'SELECT extract(epoch FROM due_at - order_at)::int AS head_start FROM jobs',
    )
    expect(rows).toEqual([{ head_start: headStartSeconds[priority] }])
  })
})

describe('the limit of a tenant', () => {
  it('counts what is resumed in the same round', async () => {
    const tenant = await addTenant('small', { max_concurrency: 2 })
    await addJobs(tenant, 2, { state: 'waiting', due_at: aMinuteAgo() })
    const queued = await addJobs(tenant, 2)
    const rung = await ring()
    expect(rung).toHaveLength(2)
    expect(rung.some((id) => queued.includes(id))).toBe(false)
  })
})

describe('the ready list', () => {
  it('holds at most twice the slots of the fleet', async () => {
    await setFleet(3)
    await addJobs(await addTenant('one'), 10)
    expect(await ring()).toHaveLength(6)
    expect(await ring()).toEqual([])
  })

  it('puts first the bell of a job whose worker was lost, and no other', async () => {
    const tenant = await addTenant('one')
    const lost = await addJobs(tenant, 1, { state: 'running', lease_until: aMinuteAgo() })
    await addJobs(tenant, 1, { state: 'waiting', due_at: aMinuteAgo() })
    await addJobs(tenant, 2)
    const bells = await ringBells()
    expect(bells).toHaveLength(4)
    expect(bells.filter(({ isUrgent }) => isUrgent).map(({ id }) => id)).toEqual(lost)
  })

  it('lets jobs of one session go one at a time, in the order in which they were made', async () => {
    const tenant = await addTenant('one')
    const [first] = await addJobs(tenant, 1, { session_id: 'ses_1', created_at: aMinuteAgo() })
    await addJobs(tenant, 2, { session_id: 'ses_1' })
    expect(await ring()).toEqual([first])
  })
})

describe('the bells of deliveries', () => {
  const delivery = (no: number) => `dlv_${no}`

  /** Due one after the other. */
  const addDeliveries = async (count: number) => {
    await store.pool.query(
      `INSERT INTO callback_deliveries (id, tenant_id, event_seq, event_id, event_type, state, body, due_at)
       SELECT 'dlv_' || no, 'ten_one', 1, 'evt_' || no, 'job.succeeded', 'waiting', '{}',
         now() - interval '1 hour' + no * interval '1 second'
       FROM generate_series(1, $1) no`,
      [count],
    )
  }
  const openDeliveries = () =>
    createDeliveryStore({ pool: store.jobPool, clock: systemClock, leaseMs: 60_000 })
  const ringDeliveries = async () => {
    const bells = await createDispatchStore({ pool: store.jobPool }).ringDeliveries({
      most: 3,
      againAfterMs: aMinute,
    })
    return bells.map(({ id }) => id).sort()
  }

  beforeEach(async () => {
    await store.pool.query('TRUNCATE callback_deliveries CASCADE')
    await addTenant('one')
    await addDeliveries(6)
  })

  it('are out for the first in line alone, however many are due', async () => {
    expect(await ringDeliveries()).toEqual([1, 2, 3].map(delivery))
    expect(await ringDeliveries()).toEqual([])
  })

  it('are rung for those behind as soon as those in front are claimed', async () => {
    await ringDeliveries()
    await openDeliveries().claim(delivery(2))
    expect(await ringDeliveries()).toEqual([delivery(4)])
  })

  it('leave their place to those behind when the receiver is busy', async () => {
    await ringDeliveries()
    const deliveries = openDeliveries()
    await Promise.all(
      [1, 2, 3].map(async (no) => {
        const claimed = await deliveries.claim(delivery(no))
        await deliveries.postpone({ id: delivery(no), epoch: claimed?.epoch ?? 0, dueInMs: aMinute })
      }),
    )
    expect(await ringDeliveries()).toEqual([4, 5, 6].map(delivery))
  })

  it('are rung again, ever later, when nobody has heard them', async () => {
    const passSeconds = (seconds: number) =>
      store.pool.query(`UPDATE callback_deliveries SET rung_at = rung_at - $1 * interval '1 second'`, [
        seconds,
      ])
    await ringDeliveries()
    await passSeconds(61)
    expect(await ringDeliveries()).toEqual([1, 2, 3].map(delivery))
    await passSeconds(61)
    expect(await ringDeliveries()).toEqual([])
    await passSeconds(61)
    expect(await ringDeliveries()).toEqual([1, 2, 3].map(delivery))
  })
})

describe('jobs whose deadline passed before anybody began them', () => {
  /** `afterListing` is what others do between the listing and the end of what is listed. */
  const expire = async (afterListing: () => Promise<unknown> = () => Promise.resolve()) => {
    const dispatch = createDispatchStore({ pool: store.jobPool })
    const listExpired = async (most: number) => {
      const listed = await dispatch.listExpired(most)
      await afterListing()
      return listed
    }
    await expireOverdue({
      dispatch: { ...dispatch, listExpired },
      writer: openWriter(),
      sharedAccountId: () => Promise.resolve(sharedAccountId),
      ring: () => Promise.resolve(),
      telemetry: { state: () => undefined },
    })
  }

  const endingsOf = async (ids: readonly string[]) =>
    (
      await store.pool.query(
        'SELECT state, failure_code FROM jobs WHERE id = ANY ($1) ORDER BY array_position($1, id)',
        [[...ids]],
      )
    ).rows

  it('end with the deadline that passed', async () => {
    const tenant = await addTenant('one')
    const ids = [
      ...(await addJobs(tenant, 1, { start_deadline_at: aMinuteAgo(), deadline_at: aMinuteAgo() })),
      ...(await addJobs(tenant, 1, { start_deadline_at: inAMinute(), deadline_at: aMinuteAgo() })),
      ...(await addJobs(tenant, 1, { start_deadline_at: inAMinute(), deadline_at: inAMinute() })),
    ]
    await expire()
    expect(await endingsOf(ids)).toEqual([
      { state: 'failed', failure_code: 'start_deadline_exceeded' },
      { state: 'failed', failure_code: 'deadline_exceeded' },
      { state: 'queued', failure_code: null },
    ])
  })

  it('go on where somebody has begun them since they were listed, even if nobody holds them any more', async () => {
    const [id = ''] = await addJobs(await addTenant('one'), 1, { start_deadline_at: aMinuteAgo() })
    await expire(async () => {
      const worker = openWriter()
      const claim = await worker.claimJob(id)
      const held = { jobId: id, epoch: claim?.job.epoch ?? 0, seq: claim?.job.seq ?? 0 }
      await worker.transitionJob({ ...held, verb: 'park', events: [], dueInMs: aMinute })
    })
    expect(await endingsOf([id])).toEqual([{ state: 'waiting', failure_code: null }])
  })

  it('go on where they were begun, failed and redriven since they were listed', async () => {
    const [id = ''] = await addJobs(await addTenant('one'), 1, { start_deadline_at: aMinuteAgo() })
    await expire(() => store.pool.query('UPDATE jobs SET seq = seq + 5 WHERE id = $1', [id]))
    expect(await endingsOf([id])).toEqual([{ state: 'queued', failure_code: null }])
  })
})

describe('bells that were heard and not answered', () => {
  it('are rung again at once when they are given back', async () => {
    const ids = await addJobs(await addTenant('one'), 2)
    expect(await ring()).toHaveLength(2)
    expect(await ring()).toEqual([])
    await createDispatchStore({ pool: store.jobPool }).unringJobs(ids.slice(0, 1))
    expect(await ring()).toEqual(ids.slice(0, 1))
  })
})

describe('the leader', () => {
  it('is the only one to ring', async () => {
    await addJobs(await addTenant('one'), 1)
    const rival = await store.pool.connect()
    try {
      await rival.query('BEGIN; SELECT pg_advisory_xact_lock(4705001)')
      expect(await ring()).toEqual([])
      await rival.query('ROLLBACK')
    } finally {
      rival.release()
    }
    expect(await ring()).toHaveLength(1)
  })

  const openLead = (silenceMs = 60_000) => createLead(store.jobPool, dispatchLeadLock, { silenceMs })

  it('keeps the lead until it resigns', async () => {
    const [first, second] = [openLead(), openLead()]
    try {
      expect(await first.take()).toBe(true)
      expect(await first.take()).toBe(true)
      expect(await second.take()).toBe(false)
      first.resign()
      await expect.poll(() => second.take()).toBe(true)
      expect(await first.take()).toBe(false)
      await expect(first.query({ text: 'SELECT 1' })).rejects.toThrow('the lead is gone')
    } finally {
      first.resign()
      second.resign()
    }
  })

  it('goes round over the connection that its lead belongs to', async () => {
    await addJobs(await addTenant('one'), 1)
    const lead = openLead()
    try {
      const dispatch = createDispatchStore({ pool: store.jobPool, lead })
      const goRound = () => dispatch.ringJobs({ most: 10, againAfterMs: 5_000, sharedAccountId })
      await expect(goRound()).rejects.toThrow('the lead is gone')
      await lead.take()
      expect(await goRound()).toHaveLength(1)
    } finally {
      lead.resign()
    }
  })

  it('loses the lead when nothing is heard of it', async () => {
    const [frozen, next] = [openLead(50), openLead()]
    try {
      expect(await frozen.take()).toBe(true)
      await expect.poll(() => next.take()).toBe(true)
      await expect.poll(() => frozen.take()).toBe(false)
    } finally {
      frozen.resign()
      next.resign()
    }
  })

  it('loses the lead with its connection, and takes it again', async () => {
    const lead = openLead()
    try {
      await lead.take()
      const { rows } = await lead.query<{ pid: number }>({ text: 'SELECT pg_backend_pid() AS pid' })
      await store.pool.query('SELECT pg_terminate_backend($1)', [rows[0]?.pid])
      await expect.poll(() => lead.query({ text: 'SELECT 1' }).catch(String)).toContain('the lead is gone')
      await expect.poll(() => lead.take()).toBe(true)
    } finally {
      lead.resign()
    }
  })
})
