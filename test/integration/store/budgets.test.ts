import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { systemClock } from '../../../src/clock.ts'
import type { SideRow } from '../../../src/job/outcome.ts'
import { createBudgetStore, dayBudgetId } from '../../../src/store/budgets.ts'
import { openStore, type Store } from '../../../src/store/client.ts'
import { recordDisclaimer } from '../../../src/store/disclaimers.ts'
import { createPermitStore, type NewPermit, type OpenPermitResult } from '../../../src/store/permits.ts'
import { noUnsentMarks } from '../../../src/store/unsent-marks.ts'
import { createWriter, type Writer } from '../../../src/store/writer.ts'
import { createTestDatabase, type TestDatabase } from '../../support/database.ts'
import { seedJob, seedTenant } from '../../support/seed-job.ts'

let database: TestDatabase
let store: Store
let writer: Writer
let tenantId: string

beforeAll(async () => {
  database = await createTestDatabase()
  store = openStore({ databaseUrl: database.url })
  writer = createWriter({
    pool: store.jobPool,
    leasePool: store.leasePool,
    clock: systemClock,
    owner: 'worker-1',
    leaseMs: 30_000,
    patienceMs: 5_000,
  })
  tenantId = await seedTenant(store.pool)
})

afterAll(async () => {
  await store.close()
  await database.drop()
})

beforeEach(async () => {
  await store.pool.query('TRUNCATE budgets, permits, tallies, usage_days')
  await limitDays(null)
})

const limitDays = (credits: number | null) =>
  store.pool.query('UPDATE tenants SET max_credits_per_day = $1', [credits])

const limitBatch = (id: string, credits: number) =>
  store.prisma.budget.create({ data: { id, tenantId, maxCredits: credits } })

const today = () => dayBudgetId(tenantId, new Date().toISOString().slice(0, 10))
const read = (id: string) => createBudgetStore({ pool: store.pool }).find(id)
const newPermits = () => createPermitStore({ pool: store.jobPool, clock: systemClock, marks: noUnsentMarks })

let sessions = 0

const holdJob = async (batchId: string | null = null): Promise<NewPermit> => {
  const jobId = await seedJob(store.pool, { job: { batch_id: batchId } })
  const claim = await writer.claimJob(jobId)
  sessions += 1
  return {
    jobId,
    epoch: claim!.job.epoch,
    attempt: 1,
    messageNo: 0,
    accountId: `acc_${sessions}`,
    providerSessionId: `ses_${sessions}`,
    messageDigest: 'd',
    baseline: { fingerprint: 'f', available: 1_000, frozen: 0 },
    creditsReserved: 100,
  }
}

const openOne = async (permit: NewPermit): Promise<string> => {
  const result = await newPermits().open(permit)
  if (result.outcome !== 'opened') throw new Error(result.outcome)
  return result.permit.id
}

type PermitEnd = Extract<SideRow, { kind: 'permit' }>['state']

/** Ends the message as a stage does: with the job's next step. */
const close = async (
  { jobId, epoch }: NewPermit,
  id: string,
  state: PermitEnd,
  credits: number | null,
  verb: 'advance' | 'fail' = 'advance',
) => {
  const row: SideRow = {
    kind: 'permit',
    id,
    state,
    credits_settled: credits,
    is_estimated: false,
    detail: {},
  }
  const patch = { rows: [row], ...(verb === 'fail' && { failureCode: 'internal' as const }) }
  expect((await writer.transitionJob({ verb, jobId, epoch, patch })).outcome).toBe('applied')
}

const countOf = (results: readonly OpenPermitResult[], outcome: OpenPermitResult['outcome']) =>
  results.filter((result) => result.outcome === outcome).length

describe('a message that nothing limits', () => {
  it('has no budget, and waits for no lock', async () => {
    const asked = await holdJob('bat_unlimited')
    const connection = await store.pool.connect()
    await connection.query('BEGIN')
    await connection.query('SELECT 1 FROM tenants FOR UPDATE')
    await openOne(asked)
    await connection.query('ROLLBACK')
    connection.release()
    expect(await store.prisma.budget.count()).toBe(0)
    expect(await store.prisma.permit.findFirstOrThrow()).toMatchObject({ budgetIds: [] })
  })
})

describe('a budget', () => {
  it('is never overdrawn, however many processes open permits at once', async () => {
    await limitBatch('bat_1', 1_050)
    const asked = await Promise.all(Array.from({ length: 40 }, () => holdJob('bat_1')))
    const processes = [newPermits(), newPermits(), newPermits(), newPermits()]
    const results = await Promise.all(asked.map((permit, no) => processes[no % 4]!.open(permit)))
    expect([countOf(results, 'opened'), countOf(results, 'over_budget')]).toEqual([10, 30])
    expect(results.find(({ outcome }) => outcome === 'over_budget')).toMatchObject({
      limit: { kind: 'batch', maxCredits: 1_050, leftCredits: 50, renewsAt: null },
    })
    expect(await read('bat_1')).toEqual({ maxCredits: 1_050, reserved: 1_000, spent: 0 })
    expect(await store.prisma.permit.count()).toBe(10)
  })

  it.each([
    ['settled', 80, { reserved: 0, spent: 80 }],
    ['settled', 130, { reserved: 0, spent: 130 }],
    ['unknown', 100, { reserved: 0, spent: 100 }],
    ['not_sent', null, { reserved: 0, spent: 0 }],
    ['rejected', null, { reserved: 0, spent: 0 }],
    ['not_accepted', null, { reserved: 0, spent: 0 }],
  ] as const)('of a message that ends as %s with %s credits', async (state, credits, left) => {
    await limitBatch('bat_2', 500)
    const asked = await holdJob('bat_2')
    const id = await openOne(asked)
    expect(await read('bat_2')).toMatchObject({ reserved: 100, spent: 0 })
    await close(asked, id, state, credits)
    expect(await read('bat_2')).toMatchObject(left)
  })

  it('gives what was released to the next message', async () => {
    await limitBatch('bat_3', 100)
    const [first, second] = [await holdJob('bat_3'), await holdJob('bat_3')]
    const id = await openOne(first)
    expect((await newPermits().open(second)).outcome).toBe('over_budget')
    await close(first, id, 'not_sent', null)
    expect((await newPermits().open(second)).outcome).toBe('opened')
  })

  it('is corrected when a redrive finds out what an unknown message has cost', async () => {
    await limitBatch('bat_4', 500)
    const asked = await holdJob('bat_4')
    const id = await openOne(asked)
    await close(asked, id, 'unknown', 100, 'fail')
    await writer.transitionJob({ verb: 'redrive', jobId: asked.jobId, patch: { attempt: 2 }, dueInMs: 0 })
    const claim = await writer.claimJob(asked.jobId)
    await close({ ...asked, epoch: claim!.job.epoch }, id, 'settled', 40)
    expect(await read('bat_4')).toMatchObject({ reserved: 0, spent: 40 })
  })

  it('is reserved once for a permit that is asked for again, and not at all for one that is denied', async () => {
    await limitBatch('bat_5', 500)
    const asked = await holdJob('bat_5')
    await openOne(asked)
    expect((await newPermits().open(asked)).outcome).toBe('found')
    expect((await newPermits().open({ ...asked, epoch: 7 })).outcome).toBe('denied')
    const other = { ...(await holdJob('bat_5')), providerSessionId: asked.providerSessionId }
    expect((await newPermits().open(other)).outcome).toBe('denied')
    expect(await read('bat_5')).toMatchObject({ reserved: 100 })
  })

  it('is released once, even by two who close the permit at the same time', async () => {
    await limitBatch('bat_7', 500)
    for (let round = 0; round < 10; round += 1) {
      const asked = await holdJob('bat_7')
      const id = await openOne(asked)
      await Promise.all([
        recordDisclaimer(store.pool, id, { state: 'not_sent', detail: {} }),
        close(asked, id, 'not_sent', null),
      ])
    }
    expect(await read('bat_7')).toMatchObject({ reserved: 0, spent: 0 })
  })

  it('of a batch and that of the day both hold, and who is refused by one takes nothing from the other', async () => {
    await limitBatch('bat_6', 100)
    await limitDays(200)
    const asked = [await holdJob('bat_6'), await holdJob('bat_6'), await holdJob(), await holdJob()]
    const permits = newPermits()
    const results = await Promise.all(asked.map((permit) => permits.open(permit)))
    expect(results.map(({ outcome }) => outcome)).toEqual(['opened', 'over_budget', 'opened', 'over_budget'])
    expect(results.map((result) => ('limit' in result ? result.limit.kind : null))).toEqual([
      null,
      'batch',
      null,
      'day',
    ])
    expect([await read('bat_6'), await read(today())]).toMatchObject([{ reserved: 100 }, { reserved: 200 }])
  })
})

describe('the budget of a tenant’s day', () => {
  it('is renewed at midnight UTC, and says so', async () => {
    await limitDays(50)
    const result = await newPermits().open(await holdJob())
    const midnight = new Date(`${new Date().toISOString().slice(0, 10)}T00:00:00Z`).getTime() + 86_400_000
    expect(result).toEqual({
      outcome: 'over_budget',
      limit: { kind: 'day', maxCredits: 50, leftCredits: 50, renewsAt: new Date(midnight) },
    })
  })

  it('counts what was spent on the day before there was a limit', async () => {
    const asked = await holdJob()
    const id = await openOne(asked)
    const row: SideRow = {
      kind: 'permit',
      id,
      state: 'settled',
      credits_settled: 250,
      is_estimated: false,
      detail: {},
    }
    await writer.transitionJob({
      verb: 'advance',
      jobId: asked.jobId,
      epoch: asked.epoch,
      patch: { creditsSpent: 250, rows: [row] },
    })
    await limitDays(300)
    expect(await createBudgetStore({ pool: store.pool }).findToday(tenantId)).toMatchObject({ spent: 250 })
    expect(await newPermits().open(await holdJob())).toMatchObject({ limit: { leftCredits: 50 } })
    await limitDays(400)
    expect((await newPermits().open(await holdJob())).outcome).toBe('opened')
  })

  it('counts what was on its way when the limit was set', async () => {
    await openOne(await holdJob())
    await limitDays(150)
    expect(await newPermits().open(await holdJob())).toMatchObject({ limit: { leftCredits: 50 } })
    expect(await read(today())).toMatchObject({ reserved: 0, spent: 100 })
  })
})
