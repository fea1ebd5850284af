import { mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { systemClock } from '../../../src/clock.ts'
import { openStore, type Store } from '../../../src/store/client.ts'
import { createPermitStore, type NewPermit, type PermitStore } from '../../../src/store/permits.ts'
import { noUnsentMarks, openUnsentMarks } from '../../../src/store/unsent-marks.ts'
import { createWriter } from '../../../src/store/writer.ts'
import { createTestDatabase, type TestDatabase } from '../../support/database.ts'
import { seedJob, seedTenant } from '../../support/seed-job.ts'

let database: TestDatabase
let store: Store
let permits: PermitStore

beforeAll(async () => {
  database = await createTestDatabase()
  store = openStore({ databaseUrl: database.url })
  permits = createPermitStore({ pool: store.jobPool, clock: systemClock, marks: noUnsentMarks })
  await seedTenant(store.pool)
})

afterAll(async () => {
  await store.close()
  await database.drop()
})

let sessions = 0

/** A job whose lease is held, and the permit that its holder would ask for. */
const holdJob = async (permit: Partial<NewPermit> = {}): Promise<NewPermit> => {
  const jobId = await seedJob(store.pool)
  const writer = createWriter({
    pool: store.jobPool,
    leasePool: store.leasePool,
    clock: systemClock,
    owner: 'worker-1',
    leaseMs: 30_000,
    patienceMs: 5_000,
  })
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
    ...permit,
  }
}

/** A pool that loses the answer to its first query. */
const losingPool = (afterwards: () => Promise<unknown> = () => Promise.resolve()) => {
  let isLost = false
  return new Proxy(store.jobPool, {
    get: (pool, key) =>
      key !== 'query'
        ? Reflect.get(pool, key)
        : async (...args: unknown[]) => {
            const result = await Reflect.apply(pool.query, pool, args)
            if (isLost) return result
            isLost = true
            await afterwards()
            throw Object.assign(new Error('cut'), { code: 'ECONNRESET' })
          },
  })
}

const change = (id: string, set: string) => store.pool.query(`UPDATE permits SET ${set} WHERE id = $1`, [id])

const opened = async (permit: NewPermit, sender = permits) => {
  const result = await sender.open(permit)
  if (!('permit' in result)) throw new Error(result.outcome)
  return result
}

describe('opening a permit', () => {
  it('gives it to the holder of the lease, with the baseline', async () => {
    const asked = await holdJob()
    expect(await permits.open(asked)).toMatchObject({
      outcome: 'opened',
      permit: { try: 1, state: 'open', baseline: asked.baseline, creditsReserved: 100 },
    })
  })

  it('is denied without the lease', async () => {
    const asked = await holdJob()
    expect(await permits.open({ ...asked, epoch: asked.epoch - 1 })).toEqual({ outcome: 'denied' })
    await store.pool.query(`UPDATE jobs SET lease_until = now() - interval '1 second' WHERE id = $1`, [
      asked.jobId,
    ])
    expect(await permits.open(asked)).toEqual({ outcome: 'denied' })
  })

  it('finds the one that is there, and gives another only after one without effect', async () => {
    const asked = await holdJob()
    const first = await opened(asked)
    expect(await permits.open(asked)).toMatchObject({ outcome: 'found', permit: { id: first.permit.id } })
    for (const state of ['accepted', 'unknown', 'settled']) {
      await change(
        first.permit.id,
        `state = '${state}', closed_at = ${state === 'accepted' ? 'NULL' : 'now()'}`,
      )
      expect((await opened(asked)).outcome).toBe('found')
    }
    for (const [no, state] of ['not_sent', 'rejected', 'not_accepted'].entries()) {
      await store.pool.query(`UPDATE permits SET state = '${state}', closed_at = now() WHERE job_id = $1`, [
        asked.jobId,
      ])
      expect(await permits.open(asked)).toMatchObject({ outcome: 'opened', permit: { try: no + 2 } })
    }
  })

  it('is denied once the job is to be canceled', async () => {
    const asked = await holdJob()
    await store.pool.query('UPDATE jobs SET cancel_requested_at = now() WHERE id = $1', [asked.jobId])
    expect(await permits.open(asked)).toEqual({ outcome: 'denied' })
    expect(await permits.listOpen(asked.jobId)).toEqual([])
  })

  it('is denied while another message of the session is under way', async () => {
    const first = await holdJob()
    await permits.open(first)
    const second = await holdJob({ providerSessionId: first.providerSessionId })
    expect(await permits.open(second)).toEqual({ outcome: 'denied' })
  })

  it('is given to one of many who ask at once', async () => {
    const asked = await holdJob()
    const stores = Array.from({ length: 10 }, () =>
      createPermitStore({ pool: store.jobPool, clock: systemClock, marks: noUnsentMarks }),
    )
    const results = await Promise.all(stores.map((one) => one.open(asked)))
    expect(results.filter(({ outcome }) => outcome === 'opened')).toHaveLength(1)
  })

  it('whose answer was lost is asked for again, and is still its asker’s own', async () => {
    const asked = await holdJob()
    const sender = createPermitStore({ pool: losingPool(), clock: systemClock, marks: noUnsentMarks })
    const result = await sender.open(asked)
    expect(result).toMatchObject({ outcome: 'opened', permit: { try: 1 } })
    const { rows } = await store.pool.query('SELECT id FROM permits WHERE job_id = $1', [asked.jobId])
    expect(rows).toHaveLength(1)
  })
})

describe('a permit was alone', () => {
  /** Another permit of the account, in the given state. */
  const beside = async (set: string): Promise<boolean> => {
    const asked = await holdJob()
    const ours = await opened(asked)
    const other = await opened(await holdJob({ accountId: asked.accountId }))
    await change(other.permit.id, set)
    return permits.wasAlone(ours.permit.id)
  }

  it('when it is the only one of its account', async () => {
    expect(await permits.wasAlone((await opened(await holdJob())).permit.id)).toBe(true)
    expect(await permits.wasAlone('prm_unknown')).toBe(false)
  })

  it.each([
    ['one is under way', `state = 'accepted'`, false],
    ['one ended since', `state = 'settled', closed_at = now()`, false],
    [
      'one ended while the baseline was read',
      `state = 'settled', closed_at = now() - interval '20 seconds'`,
      false,
    ],
    ['one ended before', `state = 'settled', closed_at = now() - interval '1 minute'`, true],
    ['one was never sent', `state = 'not_sent', closed_at = now()`, true],
    ['one was refused', `state = 'rejected', closed_at = now()`, true],
    ['one was given up as unknown', `state = 'unknown', closed_at = now() - interval '10 minutes'`, false],
    [
      'one was canceled in the middle',
      `state = 'settled', detail = '{"interrupted": true}', closed_at = now() - interval '10 minutes'`,
      false,
    ],
    ['one was given up long ago', `state = 'unknown', closed_at = now() - interval '1 hour'`, true],
  ])('is said right when %s', async (_, set, isAlone) => {
    expect(await beside(set)).toBe(isAlone)
  })

  it('after an earlier message of the same job, however short ago that ended', async () => {
    const asked = await holdJob()
    const first = await opened(asked)
    await change(first.permit.id, `state = 'settled', closed_at = now() - interval '1 millisecond'`)
    const second = await opened({ ...asked, messageNo: 1 })
    expect(await permits.wasAlone(second.permit.id)).toBe(true)
  })
})

describe('an accepted permit', () => {
  it('is one that was open, and stays open work', async () => {
    const asked = await holdJob()
    const { permit } = await opened(asked)
    await permits.accept(permit.id)
    expect(await permits.listOpen(asked.jobId)).toMatchObject([{ id: permit.id, state: 'accepted' }])
    await change(permit.id, `state = 'unknown', closed_at = now()`)
    expect(await permits.accept(permit.id)).toBe(true)
    expect(await permits.listOpen(asked.jobId)).toEqual([])
  })
})

describe('a permit whose acceptance is on its way to the database', () => {
  it('counts as accepted', async () => {
    const asked = await holdJob()
    const { permit } = await opened(asked)
    const recorded = permits.accept(permit.id)
    expect(await permits.listOpen(asked.jobId)).toMatchObject([{ id: permit.id, state: 'accepted' }])
    expect(await recorded).toBe(true)
  })
})

describe('a permit whose message may not have left', () => {
  let folder: string

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'permits-'))
  })

  afterAll(() => rm(folder, { recursive: true }))

  /** A process that shares the folder with others. */
  const startSender = (pool = store.jobPool) =>
    createPermitStore({ pool, clock: systemClock, marks: openUnsentMarks(folder).marks })

  const listMarks = async () =>
    (await readdir(folder, { recursive: true })).filter((path) => path.includes('prm_'))

  const openBy = async (sender: PermitStore, asked: NewPermit) => (await opened(asked, sender)).permit

  it('counts as not sent when its sender is lost, who will not send it any more', async () => {
    const [sender, rescuer] = [startSender(), startSender()]
    const asked = await holdJob()
    const { id } = await openBy(sender, asked)
    expect(await rescuer.giveUp(id)).toBe(true)
    expect(sender.mayLeave(id)).toBe(false)
    expect(await sender.giveUp(id)).toBe(true)
    expect(await rescuer.open(asked)).toMatchObject({ outcome: 'opened', permit: { try: 2 } })
  })

  it('is of unknown fate once it has left', async () => {
    const [sender, rescuer] = [startSender(), startSender()]
    const asked = await holdJob()
    const { id } = await openBy(sender, asked)
    expect(sender.mayLeave(id)).toBe(true)
    expect(await rescuer.giveUp(id)).toBe(false)
    expect(await rescuer.open(asked)).toMatchObject({ outcome: 'found', permit: { id } })
  })

  it('is not sent by a process that has given it up itself, under a lease after', async () => {
    const sender = startSender()
    const { id } = await openBy(sender, await holdJob())
    expect(await sender.giveUp(id)).toBe(true)
    expect(sender.mayLeave(id)).toBe(false)
  })

  it('keeps its mark when the answer of its opening was lost, and the lease with it', async () => {
    const asked = await holdJob()
    const loseLease = () => store.pool.query('UPDATE jobs SET epoch = epoch + 1 WHERE id = $1', [asked.jobId])
    expect(await startSender(losingPool(loseLease)).open(asked)).toEqual({ outcome: 'denied' })
    const rescuer = startSender()
    const [found] = await rescuer.listOpen(asked.jobId)
    expect(await rescuer.giveUp(found!.id)).toBe(true)
    expect(await rescuer.listOpen(asked.jobId)).toEqual([])
  })

  it('stays as it was decided before its mark was found', async () => {
    const sender = startSender()
    const { id } = await openBy(sender, await holdJob())
    await change(id, `state = 'unknown', closed_at = now()`)
    expect(await startSender().giveUp(id)).toBe(false)
    expect(sender.mayLeave(id)).toBe(false)
  })

  it('leaves no mark behind when it was not opened, or disclaimed', async () => {
    const before = await listMarks()
    const sender = startSender()
    const asked = await holdJob()
    const { id } = await openBy(sender, asked)
    expect(await sender.open(asked)).toMatchObject({ outcome: 'found' })
    expect(await sender.open({ ...asked, messageNo: 1 })).toMatchObject({ outcome: 'denied' })
    expect(await listMarks()).toHaveLength(before.length + 1)
    await sender.disclaim(id, { state: 'not_sent', detail: {} })
    expect(await listMarks()).toEqual(before)
  })

  it('may leave once where marks cannot be put, and nobody can give it up', async () => {
    const asked = await holdJob()
    const { permit } = await opened(asked)
    expect(await permits.giveUp(permit.id)).toBe(false)
    expect(permits.mayLeave(permit.id)).toBe(true)
    expect(permits.mayLeave(permit.id)).toBe(false)
  })
})

it('counts how often a message was sent without effect, and how often it never left', async () => {
  const asked = await holdJob()
  for (const state of ['not_sent', 'not_accepted', 'rejected', 'not_sent']) {
    const { permit } = await opened(asked)
    await change(permit.id, `state = '${state}', closed_at = now()`)
  }
  const { permit } = await opened(asked)
  const other = await opened(await holdJob())
  expect(await permits.countTries(permit.id)).toEqual({ notAccepted: 1, notSent: 2 })
  expect(await permits.countTries(other.permit.id)).toEqual({ notAccepted: 0, notSent: 0 })
})

describe('disclaiming a permit', () => {
  it('needs no lease, and allows another permit for the message', async () => {
    const asked = await holdJob()
    const { permit } = await opened(asked)
    await store.pool.query('UPDATE jobs SET epoch = epoch + 1 WHERE id = $1', [asked.jobId])
    expect(await permits.giveUp(permit.id)).toBe(false)
    expect(await permits.disclaim(permit.id, { state: 'not_sent', detail: { cause: 'lost' } })).toBe(true)
    expect(await permits.giveUp(permit.id)).toBe(true)
    expect(await permits.listOpen(asked.jobId)).toEqual([])
    const next = await opened({ ...asked, epoch: asked.epoch + 1 })
    expect(next).toMatchObject({ outcome: 'opened', permit: { try: 2 } })
  })

  it('changes nothing about one that was accepted or decided', async () => {
    const { permit } = await opened(await holdJob())
    await permits.accept(permit.id)
    await permits.disclaim(permit.id, { state: 'rejected', detail: {} })
    expect(await permits.giveUp(permit.id)).toBe(false)
  })

  it('releases what a budget holds for the message', async () => {
    const asked = await holdJob()
    const { permit } = await opened(asked)
    await store.pool.query(
      `INSERT INTO budgets (id, tenant_id, max_credits, reserved)
       SELECT 'budget_1', tenant_id, 1000, 100 FROM jobs WHERE id = $1`,
      [asked.jobId],
    )
    await change(permit.id, `budget_ids = '{budget_1}'`)
    await permits.disclaim(permit.id, { state: 'not_sent', detail: {} })
    const { rows } = await store.pool.query(`SELECT reserved::int FROM budgets WHERE id = 'budget_1'`)
    expect(rows).toEqual([{ reserved: 0 }])
  })
})
