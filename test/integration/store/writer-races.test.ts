import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { systemClock } from '../../../src/clock.ts'
import { openStore, type Store } from '../../../src/store/client.ts'
import { StoreUnavailable } from '../../../src/store/database-error.ts'
import {
  createWriter,
  type TransitionInput,
  type Writer,
  type WriterOptions,
} from '../../../src/store/writer.ts'
import { createTestDatabase, type TestDatabase } from '../../support/database.ts'
import { seedJob, seedTenant } from '../../support/seed-job.ts'

let database: TestDatabase
let store: Store

beforeAll(async () => {
  database = await createTestDatabase()
  store = openStore({ databaseUrl: database.url })
  await seedTenant(store.pool)
})

afterAll(async () => {
  await store.close()
  await database.drop()
})

const openWriter = (options: Partial<WriterOptions> = {}): Writer =>
  createWriter({
    pool: store.jobPool,
    leasePool: store.leasePool,
    clock: systemClock,
    owner: 'worker-1',
    leaseMs: 30_000,
    patienceMs: 5_000,
    ...options,
  })

const hold = async () => {
  const id = await seedJob(store.pool)
  const writer = openWriter()
  const { job } = (await writer.claimJob(id))!
  return { id, writer, job }
}

/** Resolves when some statement waits for another one's lock. */
const someoneWaits = async (): Promise<void> => {
  for (;;) {
    const { rowCount } = await store.pool.query(
      `SELECT 1 FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'`,
    )
    if (rowCount) return
  }
}

/** Runs `set` on the job in a transaction that is committed only when `act` waits for it. */
const overtake = async <T>(id: string, set: string, act: () => Promise<T>): Promise<T> => {
  const other = await store.pool.connect()
  try {
    await other.query('BEGIN')
    await other.query(`UPDATE jobs SET ${set} WHERE id = $1`, [id])
    const acting = act()
    await someoneWaits()
    await other.query('COMMIT')
    return await acting
  } finally {
    other.release()
  }
}

const noted = (id: string, job: { epoch: number; seq: number }): TransitionInput => ({
  verb: 'note',
  jobId: id,
  epoch: job.epoch,
  seq: job.seq,
  patch: { message: 'mine' },
})

describe('a transition that has to wait for another change of its job', () => {
  it.each([
    ['its event number', 'seq = seq + 1'],
    ['its epoch', 'epoch = epoch + 1'],
    ['its state', `state = 'waiting', lease_until = NULL, lease_owner = NULL`],
  ])('is stale when that changed %s', async (_, set) => {
    const { id, writer, job } = await hold()
    const result = await overtake(id, set, () => writer.transitionJob(noted(id, job)))
    expect(result).toEqual({ outcome: 'stale' })
    const { rows } = await store.pool.query('SELECT message FROM jobs WHERE id = $1', [id])
    expect(rows).toEqual([{ message: null }])
  })

  it('is applied on top of what that changed', async () => {
    const { id, writer, job } = await hold()
    const set = `cancel_requested_at = now(), warnings = '[{"code": "theirs", "message": "m"}]'`
    const result = await overtake(id, set, () => writer.transitionJob(noted(id, job)))
    expect(result).toMatchObject({ outcome: 'applied', isCancelRequested: true })
    const { rows } = await store.pool.query('SELECT message, warnings FROM jobs WHERE id = $1', [id])
    expect(rows).toEqual([{ message: 'mine', warnings: [{ code: 'theirs', message: 'm' }] }])
  })
})

describe('many writers of the same jobs', () => {
  it('apply each step once, whoever asks for it', async () => {
    const held = await Promise.all(Array.from({ length: 10 }, hold))
    const results = await Promise.all(
      Array.from({ length: 8 }, openWriter).flatMap((writer, no) =>
        (no % 2 === 0 ? held : [...held].reverse()).map(({ id, job }) =>
          writer.transitionJob({
            ...noted(id, job),
            events: [{ type: 'job.progress', data: { progress: 0.1, stage: 'auth' } }],
          }),
        ),
      ),
    )
    expect(results.filter(({ outcome }) => outcome === 'applied')).toHaveLength(held.length)
    for (const { id, job } of held) {
      const { rows } = await store.pool.query('SELECT seq FROM jobs WHERE id = $1', [id])
      expect(rows).toEqual([{ seq: job.seq + 1 }])
    }
  })

  it('claim each job once, while its lease is looked at by others', async () => {
    const ids = await Promise.all(Array.from({ length: 10 }, () => seedJob(store.pool)))
    const claims = await Promise.all(
      Array.from({ length: 6 }, () => openWriter()).flatMap((writer) => ids.map((id) => writer.claimJob(id))),
    )
    expect(claims.filter((claim) => claim !== null).map(({ job }) => job.epoch)).toEqual(ids.map(() => 1))
  })
})

describe('a statement whose COMMIT answer was lost', () => {
  /**
   * A pool that carries out the first transition and says that the connection broke: when it is done, or, where `isSlow`,
   * before it is, so that it is carried out between the first look at the rows and the second statement.
   */
  const losingTransition = ({ isSlow = false } = {}) => {
    let isLost = false
    let carryOut: (() => Promise<unknown>) | null = null
    const cut = () => Object.assign(new Error('cut'), { code: 'ECONNRESET' })
    const pool = new Proxy(store.pool, {
      get: (whole, key) =>
        key !== 'query'
          ? Reflect.get(whole, key)
          : async (...args: [{ name?: string }, ...unknown[]]) => {
              const isTransition = args[0].name?.startsWith('transition-jobs') === true
              const run = () => Reflect.apply(whole.query, whole, args)
              if (isTransition && !isLost) {
                isLost = true
                if (isSlow) carryOut = run
                else await run()
                throw cut()
              }
              if (isTransition) await carryOut?.()
              return run()
            },
    })
    return { pool, hasLost: () => isLost }
  }

  it.each([
    ['at once', false],
    ['only after the rows were read again', true],
  ])('is known to be applied, and is not applied again: carried out %s', async (_when, isSlow) => {
    const { id, job } = await hold()
    const { pool, hasLost } = losingTransition({ isSlow })
    const writer = openWriter({ pool })
    const result = await writer.transitionJob({
      ...noted(id, job),
      events: [{ type: 'job.message', data: { text: 'mine', stage: 'auth' } }],
    })
    expect(hasLost()).toBe(true)
    expect(result).toMatchObject({ outcome: 'applied', seq: job.seq + 1 })
    const { rows } = await store.pool.query('SELECT type FROM job_events WHERE job_id = $1 AND seq > $2', [
      id,
      job.seq,
    ])
    expect(rows).toEqual([{ type: 'job.message' }])
  })
})

describe('a server that takes no writes, as after a failover', () => {
  it('is waited for like one that is away', async () => {
    const { id, job } = await hold()
    const url = new URL(database.url)
    url.searchParams.set('options', '-c default_transaction_read_only=on')
    const standby = openStore({ databaseUrl: url.href })
    const writer = openWriter({ pool: standby.jobPool, patienceMs: 10 })
    await expect(writer.transitionJob(noted(id, job))).rejects.toThrow(StoreUnavailable)
    await standby.close()
  })
})
