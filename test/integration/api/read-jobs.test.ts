import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { JobOut } from '../../../src/api/schemas/job-out.ts'
import { newId } from '../../../src/job/ids.ts'
import { seedJob } from '../../support/seed-job.ts'
import { type ApiKit, openApiKit, publicUrl } from './kit.ts'

describe('reading jobs', () => {
  let kit: ApiKit
  beforeAll(async () => {
    kit = await openApiKit()
  })
  afterAll(() => kit.close())

  const seed = (
    job: Readonly<Record<string, unknown>> = {},
    request: Readonly<Record<string, unknown>> = {},
  ) =>
    seedJob(kit.store.pool, {
      job: { tenant_id: kit.tenantId, ...job },
      request: { tenant_id: kit.tenantId, ...request },
    })
  const finished = { state: 'failed', failure_code: 'render_timeout', finished_at: new Date() }
  const read = (id: string, headers: Record<string, string> = {}) =>
    kit.send({ url: `/v1/jobs/${id}`, headers })

  test('an unfinished job is 202, with when to look again', async () => {
    const response = await read(await seed({ seq: 7 }))
    expect(response.statusCode).toBe(202)
    expect(response.headers['retry-after']).toBe('2')
    expect(response.headers['etag']).toBe('"7"')
    JobOut.parse(response.json())
  })

  test('a finished job is 200, and shows everything that came of it', async () => {
    const artifactId = newId('artifact', Date.now())
    const id = await seed({
      state: 'succeeded',
      stage: 'deliver',
      progress: 1,
      artifact_id: artifactId,
      provider_task_id: '7301',
      provider_session_id: '5529798706099999999',
      render_id: 'render_1',
      render_url: 'https://provider.example/render_1.mp4',
      timeline: 'Timeline (1 track)',
      message: 'Done',
      warnings: JSON.stringify([{ code: 'duration_differs', message: 'wished 5 s, got 6 s' }]),
      credits_estimated: 100,
      credits_spent: 90,
      credits_at_risk: 10,
      timings: JSON.stringify({ queued_ms: 3, auth_ms: 5 }),
      started_at: new Date(),
      finished_at: new Date(),
    })
    await kit.store.prisma.artifact.create({
      data: {
        id: artifactId,
        jobId: id,
        tenantId: kit.tenantId,
        storageKey: 'artifacts/x.mp4',
        contentType: 'video/mp4',
        sizeBytes: 5_000_000_000n,
        sha256: 'ab'.repeat(32),
        width: 1080,
        height: 1920,
        durationS: 5.04,
        videoCodec: 'h264',
      },
    })
    const response = await read(id)
    expect(response.statusCode).toBe(200)
    expect(response.headers['retry-after']).toBeUndefined()
    const job = JobOut.parse(response.json())
    expect(Object.keys(response.json()).sort()).toEqual(Object.keys(JobOut.shape).sort())
    expect(job).toMatchObject({
      progress: 1,
      artifact: {
        id: artifactId,
        url: `${publicUrl}/v1/artifacts/${artifactId}/content`,
        size_bytes: 5_000_000_000,
        duration_s: 5.04,
        audio_codec: null,
      },
      failure: null,
      credits: { estimated: 100, spent: 90, at_risk: 10 },
      provider: { task_id: '7301', session_id: '5529798706099999999', render_id: 'render_1' },
      warnings: [{ code: 'duration_differs' }],
      timings: { queued_ms: 3, auth_ms: 5 },
      links: { cancel: null, artifact: `${publicUrl}/v1/artifacts/${artifactId}/content` },
    })
  })

  test('a failed job says why, whether a redrive can help, and what a person can do', async () => {
    const id = await seed({ ...finished, failure_message: 'took 300 s', failure_stage: 'render' })
    expect((await read(id)).json().failure).toEqual({
      code: 'render_timeout',
      message: 'took 300 s',
      stage: 'render',
      retryable: true,
      hint: expect.stringContaining('free of charge'),
    })
  })

  test('a client that has this state already gets 304', async () => {
    const id = await seed({ seq: 3 })
    expect((await read(id, { 'if-none-match': '"3"' })).statusCode).toBe(304)
    expect((await read(id, { 'if-none-match': '"2", W/"3"' })).statusCode).toBe(304)
    expect((await read(id, { 'if-none-match': '"4"' })).statusCode).toBe(202)
  })

  test('a job of another tenant is not found, in the same words as one that never was', async () => {
    const otherTenant = await kit.newTenant('stranger')
    const authorization = `Bearer ${await kit.newKey({ tenantId: otherTenant })}`
    const id = await seed()
    const absent = 'job_0198c0de-7000-7000-8000-000000000009'
    for (const path of ['', '/events', '/attempts']) {
      const theirs = await kit.send({ url: `/v1/jobs/${id}${path}`, headers: { authorization } })
      const none = await kit.send({ url: `/v1/jobs/${absent}${path}`, headers: { authorization } })
      expect(theirs.statusCode).toBe(404)
      const shape = ({ request_id: _, instance: __, ...rest }: Record<string, unknown>) => rest
      expect(shape(theirs.json())).toEqual(shape(none.json()))
    }
    expect((await kit.send({ url: '/v1/jobs', headers: { authorization } })).json().data).toEqual([])
  })

  test.each(['nonsense', '..%2f..', '%00', 'JOB_x', `job_${'9'.repeat(90)}`])(
    'the id %s is not found',
    async (id) => {
      expect((await read(id)).statusCode).toBe(404)
    },
  )

  test('attempts are listed in order', async () => {
    const id = await seed()
    const startedAt = new Date(Date.now() - 1_500)
    const base = { jobId: id, attempt: 1, messageNo: 0, epoch: 1, startedAt }
    await kit.store.prisma.attempt.create({ data: { ...base, stage: 'auth', try: 0, outcome: 'done' } })
    await kit.store.prisma.attempt.create({
      data: {
        ...base,
        stage: 'session',
        try: 0,
        outcome: 'fail',
        failureCode: 'provider_unavailable',
        detail: { note: 'ECONNREFUSED' },
      },
    })
    const response = await kit.send({ url: `/v1/jobs/${id}/attempts` })
    expect(response.json()).toMatchObject({
      data: [
        { stage: 'auth', outcome: 'done', failure_code: null },
        {
          stage: 'session',
          outcome: 'fail',
          failure_code: 'provider_unavailable',
          detail: { note: 'ECONNREFUSED' },
        },
      ],
      next_cursor: null,
    })
    expect(response.json().data[0].ms).toBeGreaterThanOrEqual(1_500)
  })

  test('events come as pages after a number', async () => {
    const id = await seed({ seq: 3 })
    const event = { jobId: id, tenantId: kit.tenantId, epoch: 0, data: {} }
    await kit.store.prisma.jobEvent.createMany({
      data: [
        { ...event, seq: 2, id: newId('event', Date.now()), type: 'job.started' },
        { ...event, seq: 3, id: newId('event', Date.now()), type: 'job.stage_started' },
      ],
    })
    const first = await kit.send({ url: `/v1/jobs/${id}/events?limit=2` })
    expect(first.json()).toMatchObject({
      data: [
        { seq: 1, type: 'job.queued', job_id: id, data: { skill: 'free-video-generation-api' } },
        { seq: 2, type: 'job.started' },
      ],
      next_cursor: '2',
    })
    expect(first.headers['link']).toBe(`<${publicUrl}/v1/jobs/${id}/events?limit=2&after=2>; rel="next"`)
    const second = await kit.send({ url: `/v1/jobs/${id}/events?after=2` })
    expect(second.json()).toMatchObject({ data: [{ seq: 3 }], next_cursor: null })
  })

  describe('in a list', () => {
    let tenantKey = ''
    const ids: string[] = []
    const list = (query: string) =>
      kit.send({ url: `/v1/jobs${query}`, headers: { authorization: `Bearer ${tenantKey}` } })
    const idsOf = (response: Awaited<ReturnType<typeof list>>) =>
      response.json().data.map(({ id }: { id: string }) => ids.indexOf(id))

    beforeAll(async () => {
      const tenantId = await kit.newTenant('lister')
      tenantKey = await kit.newKey({ tenantId })
      const at = (no: number) => ({
        tenant_id: tenantId,
        created_at: new Date(Date.UTC(2026, 0, 1, 0, 0, no)),
      })
      const request = (fields: object = {}) => ({ tenant_id: tenantId, ...fields })
      ids.push(await seed(at(0), request({ tags: ['red', 'blue'], metadata: '{"order":"1","x":"y"}' })))
      ids.push(await seed({ ...at(1), ...finished }, request({ tags: ['blue'] })))
      ids.push(
        await seed({ ...at(1), skill: 'text-to-video-higgsfield' }, request({ metadata: '{"order":"2"}' })),
      )
      ids.push(
        await seed(
          { ...at(3), stage: 'render', batch_id: 'bat_1' },
          request({ metadata: '{"order":"3,4"}' }),
        ),
      )
      ids.push(await seed({ ...at(4), state: 'canceled', finished_at: new Date() }, request()))
    })

    test('the newest comes first, and pages lead to the next one without a gap or a double', async () => {
      const seen: number[] = []
      let query = '?limit=2'
      for (;;) {
        const response = await list(query)
        seen.push(...idsOf(response))
        const cursor = response.json().next_cursor
        if (cursor === null) break
        expect(response.headers['link']).toBe(`<${publicUrl}/v1/jobs?limit=2&cursor=${cursor}>; rel="next"`)
        query = `?limit=2&cursor=${cursor}`
      }
      expect(seen).toEqual([4, 3, ...[1, 2].sort((a, b) => ((ids[a] ?? '') < (ids[b] ?? '') ? 1 : -1)), 0])
    })

    test.each([
      ['?state=failed,canceled', [4, 1]],
      ['?state=failed&state=canceled', [4, 1]],
      ['?stage=render', [3]],
      ['?skill=text-to-video-higgsfield', [2]],
      ['?tag=blue', [1, 0]],
      ['?tag=red,absent', [0]],
      ['?batch_id=bat_1', [3]],
      ['?session_id=ses_1', []],
      ['?failure_code=render_timeout', [1]],
      ['?created_after=2026-01-01T00:00:03Z', [4]],
      ['?created_before=2026-01-01T00:00:01Z', [0]],
      ['?metadata[order]=1', [0]],
      ['?metadata%5Border%5D=2', [2]],
      ['?metadata[order]=1,2', [2, 0]],
      ['?metadata[order]=1&metadata[order]=2', [2, 0]],
      ['?metadata[order]=3%2C4', [3]],
      ['?metadata[order]=3,4', []],
      ['?metadata[order]=1&metadata[x]=z', []],
      ['?metadata[order]=1&metadata[x]=y&state=queued', [0]],
    ])('%s', async (query, expected) => {
      expect(idsOf(await list(query))).toEqual(expected)
    })

    test.each([
      ['?limit=0', '/query/limit'],
      ['?limit=101', '/query/limit'],
      ['?limit=x', '/query/limit'],
      ['?metadata[__proto__]=1', '/query/metadata/__proto__'],
      ['?metadata=1', '/query/metadata'],
      ['?cursor=nonsense', '/query/cursor'],
      ['?state=running,nonsense', '/query/state/1'],
      ['?created_after=yesterday', '/query/created_after'],
      ['?surprise=1', '/query/surprise'],
      ['?__proto__=1', '/query/__proto__'],
    ])('%s is refused', async (query, pointer) => {
      const response = await list(query)
      expect(response.statusCode).toBe(400)
      expect(response.json().errors).toMatchObject([{ pointer }])
    })
  })
})
