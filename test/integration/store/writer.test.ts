import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { systemClock } from '../../../src/clock.ts'
import { failJob } from '../../../src/job/decide.ts'
import { openStore, type Store } from '../../../src/store/client.ts'
import { createWriter, type Writer } from '../../../src/store/writer.ts'
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

const openWriter = (owner = 'worker-1', leaseMs = 30_000): Writer =>
  createWriter({
    pool: store.jobPool,
    leasePool: store.leasePool,
    clock: systemClock,
    owner,
    leaseMs,
    patienceMs: 5_000,
  })

const readJob = async (id: string) =>
  (await store.pool.query('SELECT * FROM jobs WHERE id = $1', [id])).rows[0]

const readEvents = async (id: string) =>
  (
    await store.pool.query('SELECT seq, type, epoch, data FROM job_events WHERE job_id = $1 ORDER BY seq', [
      id,
    ])
  ).rows

const expireLease = (id: string) =>
  store.pool.query(`UPDATE jobs SET lease_until = now() - interval '1 second' WHERE id = $1`, [id])

describe('claiming a job', () => {
  it('takes the lease, raises the epoch and tells that the job has started', async () => {
    const id = await seedJob(store.pool)
    const claim = await openWriter().claimJob(id)
    expect(claim?.job).toMatchObject({ id, state: 'running', stage: 'auth', epoch: 1, seq: 3 })
    expect(claim?.job.request).toMatchObject({
      purpose: 'video',
      prompt: 'a fox in the snow',
      callback: null,
    })
    expect(claim?.job.timings['queued_ms']).toBeGreaterThanOrEqual(0)
    expect((await readEvents(id)).map(({ seq, type }) => [seq, type])).toEqual([
      [1, 'job.queued'],
      [2, 'job.started'],
      [3, 'job.stage_started'],
    ])
  })

  it('gives a job to one of many', async () => {
    const id = await seedJob(store.pool)
    const claims = await Promise.all(
      Array.from({ length: 20 }, (_, n) => openWriter(`worker-${n}`).claimJob(id)),
    )
    expect(claims.filter((claim) => claim !== null)).toHaveLength(1)
  })

  it('leaves alone a job that is not due, held, or finished', async () => {
    const later = await seedJob(store.pool, { job: { due_at: new Date(Date.now() + 60_000) } })
    const held = await seedJob(store.pool)
    const writer = openWriter()
    await writer.claimJob(held)
    expect(await writer.claimJob(later)).toBeNull()
    expect(await writer.claimJob(held)).toBeNull()
    expect(await writer.claimJob('job_unknown')).toBeNull()
  })

  it('rescues a job whose lease has run out, and records the attempt that was lost', async () => {
    const id = await seedJob(store.pool)
    await openWriter('dead').claimJob(id)
    await expireLease(id)
    const claim = await openWriter('alive').claimJob(id)
    expect(claim?.job).toMatchObject({ epoch: 2, crashCount: 1, seq: 4 })
    expect((await readEvents(id)).at(-1)).toMatchObject({ type: 'job.rescued', epoch: 2 })
    const { rows } = await store.pool.query('SELECT * FROM attempts WHERE job_id = $1', [id])
    expect(rows).toMatchObject([{ outcome: 'lost', owner: 'dead', epoch: 1, stage: 'auth' }])
  })

  it('tells the holder about a deadline and a wish to cancel', async () => {
    const id = await seedJob(store.pool, {
      job: { deadline_at: new Date(Date.now() + 60_000), cancel_requested_at: new Date() },
    })
    const claim = await openWriter().claimJob(id)
    expect(claim?.isCancelRequested).toBe(true)
    expect(claim?.deadlineInMs).toBeGreaterThan(0)
  })
})

describe('a transition', () => {
  it('keeps what a provider says, whatever is in it', async () => {
    const id = await seedJob(store.pool)
    const writer = openWriter()
    const claim = await writer.claimJob(id)
    const half = '🦊'.slice(0, 1)
    const result = await writer.transitionJob({
      verb: 'note',
      jobId: id,
      epoch: claim?.job.epoch ?? 0,
      patch: { message: `a\u0000b`, notes: { label: half } },
      events: [{ type: 'job.message', data: { text: half, stage: 'auth' } }],
    })
    expect(result.outcome).toBe('applied')
    expect(await readJob(id)).toMatchObject({ message: 'a\uFFFDb', notes: { label: '\uFFFD' } })
    expect((await readEvents(id)).at(-1)?.data).toEqual({ text: '\uFFFD', stage: 'auth' })
  })

  it('fills its columns, appends its events without a gap and keeps the rest', async () => {
    const id = await seedJob(store.pool)
    const writer = openWriter()
    const claim = await writer.claimJob(id)
    const result = await writer.transitionJob({
      verb: 'advance',
      jobId: id,
      epoch: claim!.job.epoch,
      seq: claim!.job.seq,
      patch: { stage: 'session', accountId: 'acc_1', notes: { a: 1 }, progress: 0.25 },
      events: [
        { type: 'job.stage_finished', data: { stage: 'auth', message_no: 0, ms: 5 } },
        { type: 'job.stage_started', data: { stage: 'session', message_no: 0, progress: 0.25 } },
      ],
      attempts: [{ outcome: 'done', failureCode: null, note: null, ms: 5 }],
    })
    expect(result).toMatchObject({ outcome: 'applied', seq: 5, epoch: 1, isCancelRequested: false })
    expect(await readJob(id)).toMatchObject({
      state: 'running',
      stage: 'session',
      account_id: 'acc_1',
      notes: { a: 1 },
      progress: 0.25,
      lease_owner: 'worker-1',
    })
    expect((await readEvents(id)).map(({ seq }) => seq)).toEqual([1, 2, 3, 4, 5])
  })

  it('writes the attempts of several stages, each with its own place and time', async () => {
    const id = await seedJob(store.pool)
    const writer = openWriter()
    const { job } = (await writer.claimJob(id))!
    const done = { outcome: 'done', failureCode: null, note: null } as const
    await writer.transitionJob({
      verb: 'advance',
      jobId: id,
      epoch: job.epoch,
      patch: { stage: 'upload', tries: 0 },
      attempts: [
        { ...done, ms: 5, endedMsAgo: 2_000, position: { stage: 'auth', messageNo: 0, try: 1 } },
        { ...done, ms: 1_000, position: { stage: 'session', messageNo: 0, try: 0 } },
      ],
    })
    const { rows } = await store.pool.query(
      `SELECT stage, try, owner, round(extract(epoch FROM finished_at - started_at) * 1000)::int AS ms,
         round(extract(epoch FROM max(finished_at) OVER () - finished_at) * 1000)::int AS ms_before_last
       FROM attempts WHERE job_id = $1 ORDER BY id`,
      [id],
    )
    expect(rows).toMatchObject([
      { stage: 'auth', try: 1, owner: 'worker-1', ms: 5, ms_before_last: 2_000 },
      { stage: 'session', try: 0, owner: 'worker-1', ms: 1_000, ms_before_last: 0 },
    ])
  })

  it('of a holder whose lease was taken over is stale and changes nothing', async () => {
    const id = await seedJob(store.pool)
    const dead = openWriter('dead')
    const old = await dead.claimJob(id)
    await expireLease(id)
    await openWriter('alive').claimJob(id)
    const before = await readJob(id)
    const result = await dead.transitionJob({
      ...failJob('auth', 'internal', 'late'),
      jobId: id,
      epoch: old!.job.epoch,
      attempts: [{ outcome: 'fail', failureCode: 'internal', note: 'late', ms: 1 }],
    })
    expect(result).toEqual({ outcome: 'stale' })
    expect(await readJob(id)).toEqual(before)
  })

  it('with an event number that has moved on is stale', async () => {
    const id = await seedJob(store.pool)
    const writer = openWriter()
    const claim = await writer.claimJob(id)
    expect(await writer.transitionJob({ verb: 'note', jobId: id, epoch: claim!.job.epoch, seq: 1 })).toEqual({
      outcome: 'stale',
    })
  })

  it('that waits lets go of the lease and sets when the job is due, at most the deadline', async () => {
    const id = await seedJob(store.pool, { job: { deadline_at: new Date(Date.now() + 10_000) } })
    const writer = openWriter()
    const { job } = (await writer.claimJob(id))!
    await writer.transitionJob({
      verb: 'park',
      jobId: id,
      epoch: job.epoch,
      seq: job.seq,
      dueInMs: 3_600_000,
    })
    const row = await readJob(id)
    expect(row).toMatchObject({ state: 'waiting', lease_until: null, lease_owner: null })
    expect(row.due_at).toEqual(row.deadline_at)
  })

  it('that waits is due at once when the job is to be canceled', async () => {
    const id = await seedJob(store.pool)
    const writer = openWriter()
    const { job } = (await writer.claimJob(id))!
    await store.pool.query('UPDATE jobs SET cancel_requested_at = now() WHERE id = $1', [id])
    const result = await writer.transitionJob({
      verb: 'park',
      jobId: id,
      epoch: job.epoch,
      seq: job.seq,
      dueInMs: 3_600_000,
    })
    expect(result).toMatchObject({ isCancelRequested: true })
    expect((await readJob(id)).due_at.getTime()).toBeLessThanOrEqual(Date.now() + 1_000)
  })

  it('writes artifacts, sessions and the end of permits beside the job', async () => {
    const id = await seedJob(store.pool)
    const writer = openWriter()
    const { job } = (await writer.claimJob(id))!
    await store.pool.query(
      `INSERT INTO permits (id, job_id, message_no, attempt, try, epoch, account_id, provider_session_id, state,
         message_digest, baseline, credits_reserved)
       VALUES ('prm_1', $1, 0, 1, 1, 1, 'acc_1', '99', 'accepted', 'd', '{}', 100)`,
      [id],
    )
    await writer.transitionJob({
      verb: 'advance',
      jobId: id,
      epoch: job.epoch,
      patch: {
        artifactId: 'art_1',
        rows: [
          {
            kind: 'session',
            id: 'ses_1',
            account_id: 'acc_1',
            external_id: '99',
            task_id: null,
            user_id: null,
          },
          {
            kind: 'permit',
            id: 'prm_1',
            state: 'settled',
            credits_settled: 100,
            is_estimated: true,
            detail: { a: 1 },
          },
          {
            kind: 'artifact',
            id: 'art_1',
            storage_key: 'k',
            content_type: 'video/mp4',
            size_bytes: 5_000_000_000,
            sha256: 'x',
            width: 1,
            height: 1,
            duration_s: 1.5,
            video_codec: 'avc',
            audio_codec: null,
          },
        ],
      },
    })
    const permits = await store.pool.query('SELECT * FROM permits WHERE job_id = $1', [id])
    expect(permits.rows).toMatchObject([
      { state: 'settled', credits_settled: 100, is_estimated: true, detail: { a: 1 } },
    ])
    const artifacts = await store.pool.query('SELECT * FROM artifacts WHERE job_id = $1', [id])
    expect(artifacts.rows).toMatchObject([{ id: 'art_1', duration_s: 1.5 }])
    expect(Number(artifacts.rows[0].size_bytes)).toBe(5_000_000_000)
    const sessions = await store.pool.query('SELECT * FROM provider_sessions WHERE job_id = $1', [id])
    expect(sessions.rows).toMatchObject([{ external_id: '99' }])
  })

  it('acknowledges the input that the stage handed over last, and no other', async () => {
    const id = await seedJob(store.pool)
    const writer = openWriter()
    const { job } = (await writer.claimJob(id))!
    await store.pool.query(
      `INSERT INTO job_inputs (job_id, no, provider_session_id, state)
       VALUES ($1, 0, '99', 'started'), ($1, 1, '98', 'started'), ($1, 1, '99', 'started')`,
      [id],
    )
    const arrived = {
      kind: 'input',
      no: 1,
      provider_session_id: '99',
      provider_url: 'https://x/a.mp4',
    } as const
    await writer.transitionJob({ verb: 'advance', jobId: id, epoch: job.epoch, patch: { rows: [arrived] } })
    const { rows } = await store.pool.query(
      `SELECT no, provider_session_id, provider_url FROM job_inputs
       WHERE job_id = $1 AND state = 'acknowledged' AND acknowledged_at IS NOT NULL`,
      [id],
    )
    expect(rows).toEqual([{ no: 1, provider_session_id: '99', provider_url: 'https://x/a.mp4' }])
  })

  it('that ends the job makes one callback delivery for each receiver of the event', async () => {
    const callback = { url: 'https://example.com', events: ['job.failed'], headers: {}, secret_sealed: null }
    const id = await seedJob(store.pool, { request: { callback: JSON.stringify(callback) } })
    await store.pool.query(
      `INSERT INTO callback_endpoints (id, tenant_id, url, events, secret_sealed)
       SELECT 'cep_1', tenant_id, 'https://example.org', '{job.failed,job.canceled}', 'x' FROM jobs WHERE id = $1`,
      [id],
    )
    const writer = openWriter()
    const { job } = (await writer.claimJob(id))!
    const { attempt, ...decision } = failJob('auth', 'internal', 'broken')
    const result = await writer.transitionJob({
      ...decision,
      jobId: id,
      epoch: job.epoch,
      attempts: [{ ...attempt, ms: 2 }],
    })
    expect(result).toMatchObject({
      deliveries: [expect.stringMatching(/^dlv_/), expect.stringMatching(/^dlv_/)],
    })
    const { rows } = await store.pool.query(
      'SELECT * FROM callback_deliveries WHERE job_id = $1 ORDER BY endpoint_id',
      [id],
    )
    expect(rows).toMatchObject([
      { endpoint_id: 'cep_1', event_type: 'job.failed', event_seq: 4, state: 'waiting', rung_at: null },
      { endpoint_id: null, event_type: 'job.failed', event_seq: 4, rung_at: null },
    ])
    expect(rows[0].event_id).toBe(rows[1].event_id)
    expect(await readJob(id)).toMatchObject({
      state: 'failed',
      failure_code: 'internal',
      failure_stage: 'auth',
    })
    await store.pool.query('DELETE FROM callback_endpoints')
  })

  it('marks deliveries as rung where its caller answers them', async () => {
    const id = await seedJob(store.pool, {
      request: { callback: JSON.stringify({ url: 'https://example.org', events: ['job.failed'] }) },
    })
    const writer = openWriter()
    const { job } = (await writer.claimJob(id))!
    const { attempt: _, ...decision } = failJob('auth', 'internal', 'broken')
    const given = { ...decision, jobId: id, epoch: job.epoch, answersDeliveries: true }
    const result = await writer.transitionJob(given)
    const { rows } = await store.pool.query('SELECT id, rung_at FROM callback_deliveries WHERE job_id = $1', [
      id,
    ])
    expect(result).toMatchObject({ deliveries: [rows[0].id] })
    expect(rows[0].rung_at).toBeInstanceOf(Date)
  })

  it('that is malformed does not fail its neighbors', async () => {
    const [good, bad] = [await seedJob(store.pool), await seedJob(store.pool)]
    const writer = openWriter()
    const claims = await Promise.all([writer.claimJob(good), writer.claimJob(bad)])
    const results = await Promise.allSettled([
      writer.transitionJob({
        verb: 'note',
        jobId: good,
        epoch: claims[0]!.job.epoch,
        patch: { message: 'fine' },
      }),
      writer.transitionJob({
        verb: 'note',
        jobId: bad,
        epoch: claims[1]!.job.epoch,
        patch: { progress: 'x' as never },
      }),
    ])
    expect(results.map(({ status }) => status)).toEqual(['fulfilled', 'rejected'])
    expect((await readJob(good)).message).toBe('fine')
  })

  it('shares statements with its neighbors', async () => {
    const ids = await Promise.all(Array.from({ length: 50 }, () => seedJob(store.pool)))
    const writer = openWriter()
    const claims = await Promise.all(ids.map((id) => writer.claimJob(id)))
    await Promise.all(
      claims.map((claim) =>
        writer.transitionJob({ verb: 'note', jobId: claim!.job.id, epoch: 1, patch: { message: 'm' } }),
      ),
    )
    expect(writer.stats).toMatchObject({ operations: 100 })
    expect(writer.stats.statements).toBeLessThanOrEqual(4)
  })
})

describe('renewing leases', () => {
  it('says which are lost and which jobs are to be canceled', async () => {
    const writer = openWriter()
    const ids = [await seedJob(store.pool), await seedJob(store.pool), await seedJob(store.pool)]
    for (const id of ids) await writer.claimJob(id)
    await store.pool.query('UPDATE jobs SET cancel_requested_at = now() WHERE id = $1', [ids[1]])
    await expireLease(ids[2]!)
    await openWriter('thief').claimJob(ids[2]!)
    const beat = await writer.renewLeases(ids.map((jobId) => ({ jobId, epoch: 1 })))
    expect(beat).toEqual({ lost: [ids[2]], canceled: [ids[1]] })
  })
})
