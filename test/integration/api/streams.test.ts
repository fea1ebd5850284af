import { once } from 'node:events'
import { connect } from 'node:net'
import { Pool } from 'pg'
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from 'vitest'
import { createEventHub } from '../../../src/api/streams/event-hub.ts'
import { systemClock } from '../../../src/clock.ts'
import { cancelJob } from '../../../src/job/decide.ts'
import type { NewJobEvent } from '../../../src/job/events.ts'
import { newId } from '../../../src/job/ids.ts'
import { createEventStore, type StoredEvent } from '../../../src/store/job-events.ts'
import { seedJob } from '../../support/seed-job.ts'
import { openStream, type StreamClient } from './event-stream.ts'
import { type ApiKit, openApiKit } from './kit.ts'

describe('event streams', () => {
  let kit: ApiKit
  let origin = ''
  const clients: StreamClient[] = []
  beforeAll(async () => {
    kit = await openApiKit()
    origin = await kit.app.listen({ host: '127.0.0.1', port: 0 })
  })
  afterEach(() => {
    for (const client of clients.splice(0)) client.disconnect()
  })
  afterAll(() => kit.close())

  const open = async (path: string, headers: Record<string, string> = {}): Promise<StreamClient> => {
    const client = await openStream(`${origin}${path}`, { authorization: `Bearer ${kit.apiKey}`, ...headers })
    clients.push(client)
    return client
  }
  const follow = (jobId: string, query = '', headers: Record<string, string> = {}) =>
    open(`/v1/jobs/${jobId}/events${query}`, headers)
  const seed = (job: Readonly<Record<string, unknown>> = {}) =>
    seedJob(kit.store.pool, {
      job: { tenant_id: kit.tenantId, ...job },
      request: { tenant_id: kit.tenantId },
    })
  const tell = async (jobId: string, ...events: NewJobEvent[]) => {
    const told = await kit.writer.transitionJob({ verb: 'note', jobId, epoch: 1, events })
    expect(told.outcome).toBe('applied')
  }
  /** Writes an event that nobody sees before the returned function is called. */
  const beginTelling = async (jobId: string) => {
    const connection = await kit.store.pool.connect()
    await connection.query('BEGIN')
    await connection.query(
      `INSERT INTO job_events (job_id, seq, id, tenant_id, type, epoch, data)
       SELECT id, 2, new_id('evt'), tenant_id, 'job.progress', 1, '{}' FROM jobs WHERE id = $1`,
      [jobId],
    )
    return async () => {
      await connection.query('COMMIT')
      connection.release()
    }
  }
  const running = {
    state: 'running',
    stage: 'generate',
    epoch: 1,
    lease_owner: 'w',
    lease_until: new Date(Date.now() + 3_600_000),
  }
  const progress = (fraction: number): NewJobEvent => ({
    type: 'job.progress',
    data: { progress: fraction, stage: 'generate' },
  })
  const end = async (jobId: string) => {
    const { patch, events } = cancelJob('generate')
    await kit.writer.transitionJob({ verb: 'cancel', jobId, epoch: 1, patch, events })
  }

  test('a stream is asked for in small letters or in capitals', async () => {
    const headers = { accept: 'TEXT/Event-Stream' }
    const followed = await follow(await seed(running), '', headers)
    expect(followed.headers['content-type']).toBe('text/event-stream; charset=utf-8')
    const feed = await open('/v1/events', headers)
    expect(feed.headers['content-type']).toBe('text/event-stream; charset=utf-8')
  })

  test('what is stored comes first, then what happens, until the job has ended', async () => {
    const id = await seed(running)
    const stream = await follow(id)
    expect(stream.statusCode).toBe(200)
    expect(stream.headers).toMatchObject({
      'content-type': 'text/event-stream; charset=utf-8',
      'cache-control': 'no-store, no-transform',
      'x-accel-buffering': 'no',
      'x-content-type-options': 'nosniff',
    })
    const first = await stream.next()
    expect(first).toMatchObject({ id: '1', event: 'job.queued' })
    expect(JSON.parse(first.data)).toMatchObject({
      seq: 1,
      type: 'job.queued',
      job_id: id,
      data: { skill: expect.any(String) },
    })

    await tell(id, progress(0.1), progress(0.2))
    expect([(await stream.next()).id, (await stream.next()).id]).toEqual(['2', '3'])
    await end(id)
    expect(await stream.rest()).toMatchObject([{ id: '4', event: 'job.canceled' }])
    expect(stream.retries).toEqual([2_000, 2_000])
  })

  test('a client goes on where it broke off, by Last-Event-ID before ?after', async () => {
    const id = await seed(running)
    await tell(id, progress(0.1), progress(0.2), progress(0.3))
    await end(id)
    const ids = async (stream: Promise<StreamClient>) => (await (await stream).rest()).map(({ id }) => id)
    expect(await ids(follow(id, '?after=3'))).toEqual(['4', '5'])
    expect(await ids(follow(id, '?after=1', { 'last-event-id': '4' }))).toEqual(['5'])
  })

  test('a stream that starts behind an ending goes on with the redrive', async () => {
    const id = await seed({ state: 'failed', failure_code: 'render_failed', finished_at: new Date(), seq: 1 })
    const stream = await follow(id, '?after=1')
    await kit.writer.transitionJob({
      verb: 'redrive',
      jobId: id,
      patch: { attempt: 2 },
      events: [{ type: 'job.redriven', data: { stage: 'export', message_no: 0, progress: 0.7, attempt: 2 } }],
      dueInMs: 0,
    })
    expect(await stream.next()).toMatchObject({ id: '2', event: 'job.redriven' })
  })

  test('a history with a redrive in it is sent to its end', async () => {
    const id = await seed({ seq: 3, state: 'canceled', finished_at: new Date() })
    const event = { jobId: id, tenantId: kit.tenantId, epoch: 0, data: {} }
    await kit.store.prisma.jobEvent.createMany({
      data: ['job.failed', 'job.canceled'].map((type, no) => ({
        ...event,
        type,
        seq: no + 2,
        id: newId('event', Date.now()),
      })),
    })
    expect((await (await follow(id)).rest()).map(({ event }) => event)).toEqual([
      'job.queued',
      'job.failed',
      'job.canceled',
    ])
  })

  test('what retention removed is named as a gap', async () => {
    const id = await seed({ seq: 4, state: 'canceled', finished_at: new Date() })
    const event = { jobId: id, tenantId: kit.tenantId, epoch: 0, data: {} }
    await kit.store.prisma.jobEvent.create({
      data: { ...event, seq: 4, id: newId('event', Date.now()), type: 'job.canceled' },
    })
    await kit.store.prisma.jobEvent.delete({ where: { jobId_seq: { jobId: id, seq: 1 } } })
    const frames = await (await follow(id)).rest()
    expect(frames).toMatchObject([
      { id: '3', event: 'gap', data: '{"from":1,"to":3}' },
      { id: '4', event: 'job.canceled' },
    ])
  })

  test('a long history comes whole and in order', async () => {
    const id = await seed({ seq: 1_000, state: 'canceled', finished_at: new Date() })
    const event = { jobId: id, tenantId: kit.tenantId, epoch: 0, data: { text: 'x'.repeat(500) } }
    await kit.store.prisma.jobEvent.createMany({
      data: Array.from({ length: 999 }, (_, no) => ({
        ...event,
        seq: no + 2,
        id: newId('event', Date.now()),
        type: no === 998 ? 'job.canceled' : 'job.message',
      })),
    })
    const frames = await (await follow(id)).rest()
    expect(frames.map(({ id }) => Number(id))).toEqual(Array.from({ length: 1_000 }, (_, no) => no + 1))
  })

  test('many listeners of many jobs share the readings', async () => {
    const ids = await Promise.all(Array.from({ length: 10 }, () => seed(running)))
    const streams = await Promise.all(ids.flatMap((id) => [follow(id), follow(id), follow(id)]))
    await Promise.all(ids.map(async (id) => tell(id, progress(0.5))))
    await Promise.all(ids.map(end))
    const received = await Promise.all(streams.map((stream) => stream.rest()))
    for (const [no, frames] of received.entries()) {
      expect(frames.map(({ id }) => id)).toEqual(['1', '2', '3'])
      expect(frames.every(({ data }) => JSON.parse(data).job_id === ids[Math.floor(no / 3)])).toBe(true)
    }
  })

  test('events that are committed while a stream opens are neither lost nor doubled', async () => {
    const id = await seed(running)
    const writing = (async () => {
      for (let no = 0; no < 60; no += 1) await tell(id, progress(no / 100))
      await end(id)
    })()
    const streams = await Promise.all(Array.from({ length: 15 }, () => follow(id)))
    const received = await Promise.all(streams.map((stream) => stream.rest()))
    await writing
    const expected = Array.from({ length: 62 }, (_, no) => String(no + 1))
    for (const frames of received) expect(frames.map(({ id }) => id)).toEqual(expected)
  })

  test('a stream of another tenant is not found', async () => {
    const authorization = `Bearer ${await kit.newKey({ tenantId: await kit.newTenant('stranger') })}`
    const stream = await follow(await seed(), '', { authorization })
    expect(stream.statusCode).toBe(404)
    expect(stream.headers['content-type']).toBe('application/problem+json')
  })

  test('an id that no stream gave is refused', async () => {
    expect((await follow(await seed(), '', { 'last-event-id': 'x' })).statusCode).toBe(400)
    expect((await open('/v1/events', { 'last-event-id': 'x' })).statusCode).toBe(400)
  })

  describe('of the whole tenant', () => {
    const feed = async () => {
      const tenantId = await kit.newTenant(`feed ${newId('tenant', Date.now())}`)
      const authorization = `Bearer ${await kit.newKey({ tenantId })}`
      const seedOne = () =>
        seedJob(kit.store.pool, {
          job: { tenant_id: tenantId, ...running },
          request: { tenant_id: tenantId },
        })
      // The seed's first event belongs to the seed's own tenant unless it is told otherwise.
      const adopt = (jobId: string) =>
        kit.store.prisma.jobEvent.updateMany({ where: { jobId }, data: { tenantId } })
      const seedJobOfTenant = async () => {
        const id = await seedOne()
        await adopt(id)
        return id
      }
      return { authorization, seedJobOfTenant, tenantId }
    }

    test('the feed has every job, in pages that lead on and on', async () => {
      const { authorization, seedJobOfTenant } = await feed()
      const jobs = [await seedJobOfTenant(), await seedJobOfTenant(), await seedJobOfTenant()]
      const read = (query: string) => kit.send({ url: `/v1/events${query}`, headers: { authorization } })
      // A transaction that anybody has open on the server holds the feed back.
      const shown = (query: string, count: number) =>
        vi.waitFor(async () => expect((await read(query)).json().data).toHaveLength(count), {
          timeout: 10_000,
        })
      await shown('', jobs.length)
      const first = await read('?limit=2')
      const second = await read(`?limit=2&after=${first.json().next_cursor}`)
      const third = await read(`?after=${second.json().next_cursor}`)
      const seen = [first, second, third].flatMap((page) =>
        page.json().data.map((event: { job_id: string }) => event.job_id),
      )
      expect(seen.sort()).toEqual(jobs.sort())
      expect(third.json().data).toEqual([])
      await tell(jobs[0] ?? '', progress(0.5))
      await shown(`?after=${third.json().next_cursor}`, 1)
      const fourth = await read(`?after=${third.json().next_cursor}`)
      expect(fourth.json().data).toMatchObject([{ type: 'job.progress', seq: 2, job_id: jobs[0] }])
      expect((await read('?type=job.progress,job.failed')).json().data).toHaveLength(1)
      expect((await read('?type=nonsense')).statusCode).toBe(400)
    })

    test('the stream of the feed goes on behind its own cursor', async () => {
      const { authorization, seedJobOfTenant } = await feed()
      const [one, two] = [await seedJobOfTenant(), await seedJobOfTenant()]
      const stream = await open('/v1/events?type=job.progress,job.canceled', { authorization })
      await tell(one, progress(0.1))
      const first = await stream.next()
      await tell(two, progress(0.2))
      await end(one)
      expect(JSON.parse((await stream.next()).data)).toMatchObject({ job_id: two })
      expect(JSON.parse((await stream.next()).data)).toMatchObject({ job_id: one, type: 'job.canceled' })

      const again = await open('/v1/events?type=job.progress', {
        authorization,
        'last-event-id': first.id ?? '',
      })
      expect(JSON.parse((await again.next()).data)).toMatchObject({ job_id: two, seq: 2 })
    })

    test('a disabled endpoint is told of in the feed, between the events of jobs', async () => {
      const { authorization, seedJobOfTenant, tenantId } = await feed()
      const { endpoints } = kit.deps
      const endpointId = newId('callbackEndpoint', Date.now())
      const made = {
        id: endpointId,
        tenantId,
        url: 'https://public.example',
        events: [],
        description: null,
        disabledAt: null,
        disabledReason: null,
        failingSince: null,
        failures: 0,
        previousSecretUntil: null,
        createdAt: new Date(),
      }
      await endpoints.insert({ ...made, secretSealed: 'x' }, null)
      const before = await seedJobOfTenant()
      const stream = await open('/v1/events', { authorization })
      expect(JSON.parse((await stream.next()).data)).toMatchObject({ job_id: before })
      const notice = {
        tenantId,
        endpointId,
        eventId: newId('event', Date.now()),
        eventType: 'callback_endpoint.disabled',
        body: '{}',
        createdAt: new Date(),
      }
      for (const _ of ['once', 'and once more'])
        await endpoints.disable(notice, { at: new Date(), reason: 'gone', url: null })
      const told = await stream.next()
      expect(JSON.parse(told.data)).toMatchObject({
        id: notice.eventId,
        seq: 0,
        type: 'callback_endpoint.disabled',
        job_id: null,
        data: { endpoint_id: endpointId, reason: 'gone' },
      })
      await tell(before, progress(0.5))
      expect(JSON.parse((await stream.next()).data)).toMatchObject({ type: 'job.progress' })
      const read = (query: string) => kit.send({ url: `/v1/events${query}`, headers: { authorization } })
      const page = (await read('?type=callback_endpoint.disabled')).json()
      expect(page.data.map(({ id }: { id: string }) => id)).toEqual([notice.eventId])
      const rest = await read(`?after=${told.id}`)
      expect(rest.json().data.map(({ type }: { type: string }) => type)).toEqual(['job.progress'])
    })

    test('a reader of types that no job has looks at no event of a job', async () => {
      const { tenantId, seedJobOfTenant } = await feed()
      for (const _ of [1, 2, 3]) await seedJobOfTenant()
      // One connection: what it has looked at since it told the others last is known to itself alone.
      const pool = new Pool({ ...kit.store.pool.options, max: 1 })
      const countLookedAt = async () => {
        const { rows } = await pool.query<{ count: number }>(
          `SELECT (COALESCE(seq_tup_read, 0) + COALESCE(idx_tup_fetch, 0))::int AS count
           FROM pg_stat_xact_user_tables WHERE relname = 'job_events'`,
        )
        return rows[0]?.count ?? 0
      }
      const read = async (types: readonly string[]) => {
        await pool.query('BEGIN')
        const before = await countLookedAt()
        await createEventStore({ pool }).listFeed(tenantId, { after: null, types, limit: 10 })
        const count = (await countLookedAt()) - before
        await pool.query('COMMIT')
        return count
      }
      try {
        const readsJobs = async () =>
          expect(await read(['batch.completed', 'job.failed'])).toBeGreaterThanOrEqual(3)
        await vi.waitFor(readsJobs, { timeout: 10_000 })
        expect(await read(['batch.completed', 'callback_endpoint.disabled'])).toBe(0)
      } finally {
        await pool.end()
      }
    })

    test('an event of a transaction that is still open is never skipped', async () => {
      const { authorization, seedJobOfTenant } = await feed()
      const [slow, fast] = [await seedJobOfTenant(), await seedJobOfTenant()]
      const stream = await open('/v1/events?type=job.progress', { authorization })
      const commit = await beginTelling(slow)
      await tell(fast, progress(0.9))
      await commit()
      const seen = [
        JSON.parse((await stream.next()).data).job_id,
        JSON.parse((await stream.next()).data).job_id,
      ]
      expect(seen).toEqual([slow, fast])
    })

    test('nor is it where more came since than one page of a look holds; followers of a job see theirs at once', async () => {
      const { tenantId, seedJobOfTenant } = await feed()
      const [slow, fast] = [await seedJobOfTenant(), await seedJobOfTenant()]
      const hub = createEventHub({
        events: createEventStore({ pool: kit.store.pool, tailPage: 2 }),
        clock: systemClock,
        log: kit.deps.log,
      })
      const collect = async (jobId: string | null) => {
        const seen: StoredEvent[] = []
        await hub.follow({ tenantId, jobId, onEvents: (events) => seen.push(...events) })
        return () => seen.filter(({ seq }) => seq > 1).map((event) => `${event.jobId} ${event.seq}`)
      }
      const [ofTenant, ofJob] = [await collect(null), await collect(fast)]
      const commit = await beginTelling(slow)
      for (const tenths of [1, 2, 3, 4, 5]) await tell(fast, progress(tenths / 10))
      const fastOnes = [2, 3, 4, 5, 6].map((seq) => `${fast} ${seq}`)
      await vi.waitFor(() => expect(ofJob()).toEqual(expect.arrayContaining(fastOnes)), { timeout: 5_000 })
      expect(ofTenant()).toEqual([])
      await commit()
      await vi.waitFor(() => expect(ofTenant()).toEqual([`${slow} 2`, ...fastOnes]), { timeout: 10_000 })
      hub.close()
    })
  })
})

describe('limits of event streams', () => {
  test('a key has so many streams; closing one makes room', async () => {
    const kit = await openApiKit({ settings: { sseMaxPerKey: 2 } })
    const origin = await kit.app.listen({ host: '127.0.0.1', port: 0 })
    const id = await seedJob(kit.store.pool, { job: { tenant_id: kit.tenantId } })
    const open = () => openStream(`${origin}/v1/jobs/${id}/events`, { authorization: `Bearer ${kit.apiKey}` })
    const first = await open()
    await open()
    const refused = await open()
    expect(refused.statusCode).toBe(429)
    expect(refused.headers['retry-after']).toBe('30')
    first.disconnect()
    let retry = await open()
    while (retry.statusCode !== 200) retry = await open()
    expect(retry.statusCode).toBe(200)
    await kit.close()
  })

  test('a server that stops ends its streams and answers who waits', async () => {
    const kit = await openApiKit()
    const origin = await kit.app.listen({ host: '127.0.0.1', port: 0 })
    const id = await seedJob(kit.store.pool, {
      job: { tenant_id: kit.tenantId },
      request: { tenant_id: kit.tenantId },
    })
    const headers = { authorization: `Bearer ${kit.apiKey}` }
    const stream = await openStream(`${origin}/v1/jobs/${id}/events`, headers)
    await stream.next()
    const connected = once(kit.app.server, 'connection')
    const held = fetch(`${origin}/v1/jobs/${id}`, { headers: { ...headers, prefer: 'wait=60' } })
    await connected
    // By the time that another request is answered, the first one is held, on a connection that its client would keep.
    await (await fetch(`${origin}/livez`)).text()
    await kit.app.close()
    await stream.ended
    expect(stream.retries).toEqual([2_000, 2_000])
    expect([202, 503]).toContain((await held).status)
    await kit.close()
  })
})

test('a server that stops cuts what would keep it for longer than it has', async () => {
  const kit = await openApiKit({ settings: { shutdownMs: 200 } })
  const origin = new URL(await kit.app.listen({ host: '127.0.0.1', port: 0 }))
  const client = connect(Number(origin.port), origin.hostname)
  client.on('error', () => undefined)
  const ended = once(client, 'close')
  client.write(`POST /v1/uploads HTTP/1.1\r\nhost: ${origin.host}\r\nauthorization: Bearer ${kit.apiKey}\r\n`)
  client.write('content-type: image/png\r\ncontent-length: 1000\r\nexpect: 100-continue\r\n\r\n')
  await once(client, 'data')
  await kit.app.close()
  await ended
  await kit.close()
})

describe('Prefer: wait', () => {
  let kit: ApiKit
  beforeAll(async () => {
    kit = await openApiKit()
  })
  afterAll(() => kit.close())

  test('a read is held until the job has ended', async () => {
    const id = await seedJob(kit.store.pool, {
      job: { tenant_id: kit.tenantId },
      request: { tenant_id: kit.tenantId },
    })
    const held = kit.send({ url: `/v1/jobs/${id}`, headers: { prefer: 'respond-async, wait=30' } })
    await kit.send({ method: 'POST', url: `/v1/jobs/${id}/cancel` })
    const response = await held
    expect(response.statusCode).toBe(200)
    expect(response.json().state).toBe('canceled')
    expect(response.headers['preference-applied']).toBe('wait=30')
  })

  test('a submit is held too, and answers 202 when the time is over', async () => {
    const response = await kit.send({
      method: 'POST',
      url: '/v1/jobs',
      payload: { prompt: 'a fox' },
      headers: { prefer: 'wait=1' },
    })
    expect(response.statusCode).toBe(202)
    expect(response.headers['preference-applied']).toBe('wait=1')
    expect(response.json().state).toBe('queued')
  })

  test('a job that has ended is not waited for, and a strange one is not found', async () => {
    const id = await seedJob(kit.store.pool, {
      job: { tenant_id: kit.tenantId, state: 'canceled', finished_at: new Date() },
      request: { tenant_id: kit.tenantId },
    })
    const headers = { prefer: 'wait=600' }
    const response = await kit.send({ url: `/v1/jobs/${id}`, headers })
    expect(response.statusCode).toBe(200)
    expect(response.headers['preference-applied']).toBe('wait=60')
    expect((await kit.send({ url: '/v1/jobs/job_x', headers })).statusCode).toBe(404)
  })
})
