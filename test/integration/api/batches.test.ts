import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type BatchKit, openBatchKit } from './batch-kit.ts'
import { type ApiKit, openApiKit, publicUrl } from './kit.ts'

let kit: ApiKit
let batches: BatchKit
beforeAll(async () => {
  kit = await openApiKit()
  batches = openBatchKit(kit)
})
afterAll(() => kit.close())

const get = (path: string, headers: Record<string, string> = {}) =>
  kit.send({ method: 'GET', url: path, headers })
const post = (payload: object, headers: Record<string, string> = {}) =>
  kit.send({ method: 'POST', url: '/v1/batches', headers, payload })
const line = (customId: string, rest: object = {}) => ({
  custom_id: customId,
  prompt: `about ${customId}`,
  ...rest,
})

describe('POST /v1/batches', () => {
  test('makes an open batch and says where it is', async () => {
    const response = await post({ name: 'autumn', metadata: { order: '7' }, max_credits: 500 })
    const batch = response.json()
    expect(response.statusCode).toBe(201)
    expect(response.headers['location']).toBe(`${publicUrl}/v1/batches/${batch.id}`)
    expect(batch).toMatchObject({
      name: 'autumn',
      state: 'open',
      metadata: { order: '7' },
      max_credits: 500,
      all_or_nothing: false,
      lines: { accepted: 0, rejected: 0, total: 0 },
      credits: { estimated: 0, spent: 0, at_risk: 0 },
      eta: null,
      links: { lines: `${batch.links.self}/lines`, close: `${batch.links.self}/close`, redrive: null },
    })
    expect((await get(`/v1/batches/${batch.id}`)).json()).toEqual(batch)
    expect(await kit.store.prisma.budget.findUniqueOrThrow({ where: { id: batch.id } })).toMatchObject({
      tenantId: kit.tenantId,
      maxCredits: 500,
    })
  })

  test('answers a repeated Idempotency-Key with the same batch', async () => {
    const headers = { 'idempotency-key': 'b-1' }
    const first = await post({ name: 'once' }, headers)
    const again = await post({ name: 'once' }, headers)
    expect(again.statusCode).toBe(201)
    expect(again.headers['idempotency-replayed']).toBe('true')
    expect(again.json()).toEqual(first.json())
    expect((await post({ name: 'other' }, headers)).json().code).toBe('idempotency_key_reused')
  })

  test('names a callback that goes where it may not beside what else is wrong with it', async () => {
    const callback = { url: 'http://10.0.0.1/', secret: 'short' }
    const response = await post({ callback, defaults: { callback } })
    expect(response.statusCode).toBe(400)
    expect(
      response
        .json()
        .errors.map(({ pointer }: { pointer: string }) => pointer)
        .sort(),
    ).toEqual(['/callback/secret', '/callback/url', '/defaults/callback/secret', '/defaults/callback/url'])
  })

  test('takes an Idempotency-Key for a batch with its lines or for one without, not for both', async () => {
    const postLines = (headers: Record<string, string>) =>
      kit.send({
        method: 'POST',
        url: '/v1/batches',
        headers: { ...headers, 'content-type': 'application/x-ndjson' },
        payload: '{"prompt":"a fox"}\n',
      })
    const [empty, streamed] = [{ 'idempotency-key': 'b-2' }, { 'idempotency-key': 'b-3' }]
    expect((await post({}, empty)).statusCode).toBe(201)
    expect((await postLines(empty)).json().code).toBe('idempotency_key_reused')
    expect((await postLines(streamed)).statusCode).toBe(202)
    expect((await post({}, streamed)).json().code).toBe('idempotency_key_reused')
  })

  test('names everything that is wrong at once, in the defaults too, and stores nothing', async () => {
    const before = await kit.store.prisma.batch.count()
    const response = await post({
      nam: 'x',
      max_credits: 0,
      callback: { url: 'https://private.example/' },
      defaults: { skill: 'none', output: { format: 'avi' } },
    })
    expect(response.statusCode).toBe(400)
    expect(response.json().errors.map(({ pointer }: { pointer: string }) => pointer)).toEqual(
      expect.arrayContaining([
        '/nam',
        '/max_credits',
        '/defaults/skill',
        '/defaults/output/format',
        '/callback/url',
      ]),
    )
    const defaults = await post({
      callback: { url: 'https://private.example/' },
      defaults: { skill: 'none', dry_run: true, callback: { url: 'https://private.example/x' } },
    })
    expect(defaults.statusCode).toBe(422)
    expect(
      defaults.json().errors.map(({ pointer, code }: { pointer: string; code: string }) => [pointer, code]),
    ).toEqual([
      ['/defaults/dry_run', 'not_supported'],
      ['/defaults/skill', 'unknown_skill'],
      ['/defaults/callback/url', 'url_not_allowed'],
      ['/callback/url', 'url_not_allowed'],
    ])
    expect(await kit.store.prisma.batch.count()).toBe(before)
  })

  test('shows no secret and keeps none in clear text', async () => {
    const secret = `whsec_${Buffer.alloc(32, 5).toString('base64')}`
    const id = await batches.create({
      callback: { url: 'https://public.example/b', secret },
      defaults: { callback: { url: 'https://public.example/j', secret } },
    })
    await batches.send(id, [line('a')])
    expect((await get(`/v1/batches/${id}`)).body).not.toContain(secret)
    const rows = await kit.store.pool.query(
      'SELECT to_jsonb(b)::text AS batch, to_jsonb(q)::text AS request FROM batches b JOIN job_requests q ON q.batch_id = b.id WHERE b.id = $1',
      [id],
    )
    expect(JSON.stringify(rows.rows)).not.toContain(secret)
    expect(rows.rows).toHaveLength(1)
  })

  test('needs the scope jobs:write, and reading jobs:read', async () => {
    const reader = await kit.newKey({ scopes: ['jobs:read'] })
    const writer = await kit.newKey({ scopes: ['jobs:write'] })
    expect((await post({}, { authorization: `Bearer ${reader}` })).statusCode).toBe(403)
    expect((await get('/v1/batches', { authorization: `Bearer ${writer}` })).statusCode).toBe(403)
  })
})

describe('another tenant', () => {
  test('finds nothing of a batch on any route', async () => {
    const id = await batches.create()
    await batches.send(id, [line('a')])
    const tenantId = await kit.newTenant('other')
    const authorization = `Bearer ${await kit.newKey({ tenantId })}`
    for (const path of ['', '/results', '/errors'])
      expect((await get(`/v1/batches/${id}${path}`, { authorization })).statusCode).toBe(404)
    for (const verb of ['lines', 'close', 'cancel', 'redrive']) {
      const response = await kit.send({
        method: 'POST',
        url: `/v1/batches/${id}/${verb}`,
        headers: { authorization, ...(verb === 'lines' && { 'content-type': 'application/x-ndjson' }) },
        ...(verb === 'lines' && { payload: '{"prompt":"x"}' }),
      })
      expect([verb, response.statusCode]).toEqual([verb, 404])
    }
    expect((await get('/v1/batches', { authorization })).json().data).toEqual([])
    expect(await batches.read(id)).toMatchObject({ state: 'open', lines: { total: 1 } })
  })
})

describe('GET /v1/batches', () => {
  test('lists newest first, page by page, and filters by state', async () => {
    const ids = [await batches.create(), await batches.create(), await batches.create()]
    const first = (await get('/v1/batches?limit=2')).json()
    expect(first.data.map(({ id }: { id: string }) => id)).toEqual([ids[2], ids[1]])
    const next = (await get(`/v1/batches?limit=2&cursor=${first.next_cursor}`)).json()
    expect(next.data[0].id).toBe(ids[0])
    await batches.post(ids[0] ?? '', 'cancel')
    const canceling = (await get('/v1/batches?state=canceling')).json()
    expect(canceling.data.map(({ id }: { id: string }) => id)).toEqual([ids[0]])
  })
})

describe('lines', () => {
  test('become queued jobs of the batch that nobody may start before it is closed', async () => {
    const id = await batches.create()
    const response = await batches.send(id, [line('a'), line('b')])
    expect(response.statusCode).toBe(200)
    expect(response.json()).toEqual({ accepted: 2, rejected: 0, duplicates: 0, total: 2, errors: [] })
    const [jobId = ''] = await batches.jobIds(id)
    const job = (await get(`/v1/jobs/${jobId}`)).json()
    expect(job).toMatchObject({ state: 'queued', batch_id: id, custom_id: 'a', prompt: 'about a' })
    expect((await get(`/v1/jobs?batch_id=${id}`)).json().data).toHaveLength(2)
    expect(await kit.writer.claimJob(jobId)).toBeNull()
    expect((await get(`/v1/jobs/${jobId}/events`)).json().data).toMatchObject([
      { type: 'job.queued', seq: 1, data: { batch_id: id } },
    ])
    expect((await get(`/v1/jobs/${jobId}/explain`)).json().waiting_for.kind).toBe('batch')
    expect(await batches.read(id)).toMatchObject({ jobs: { held: 2, queued: 0 }, lines: { accepted: 2 } })
  })

  test('are merged over the defaults, object by object, and null takes a default away', async () => {
    const id = await batches.create({
      defaults: {
        prompt: 'a fox',
        output: { quality: 'high', aspect_ratio: '9:16' },
        metadata: { from: 'defaults', kept: 'yes' },
        tags: ['autumn'],
        priority: 'high',
      },
    })
    await batches.send(id, [
      { output: { aspect_ratio: '1:1' }, metadata: { from: 'line' }, tags: ['winter'] },
      { prompt: 'a hare', output: null, priority: null },
    ])
    const jobs = (await get(`/v1/jobs?batch_id=${id}`)).json().data
    expect(jobs[1]).toMatchObject({
      prompt: 'a fox',
      output: { quality: 'high', aspect_ratio: '1:1' },
      metadata: { from: 'line', kept: 'yes' },
      tags: ['winter'],
      priority: 'high',
    })
    expect(jobs[0]).toMatchObject({ prompt: 'a hare', output: {}, priority: 'normal', tags: ['autumn'] })
  })

  test('that are bad are kept with number and problem, and hold up none of the good ones', async () => {
    const id = await batches.create()
    const text = [
      JSON.stringify(line('good')),
      '{"prompt": "broken',
      '',
      JSON.stringify({ custom_id: 'bad', prompt: '', nope: 1 }),
      JSON.stringify({ custom_id: 'skill', prompt: 'x', skill: 'none' }),
      JSON.stringify({ custom_id: 7, prompt: 'x' }),
      '"text"',
      JSON.stringify({ prompt: 'x', dry_run: true, session_id: 'ses_1' }),
    ].join('\r\n')
    const response = await batches.sendText(id, text)
    const body = response.json()
    expect(body).toMatchObject({ accepted: 1, rejected: 6, duplicates: 0, total: 7 })
    expect(body.errors.map(({ line: no, custom_id }: never) => [no, custom_id])).toEqual([
      [2, null],
      [4, 'bad'],
      [5, 'skill'],
      [6, null],
      [7, null],
      [8, null],
    ])
    expect(body.errors[1].problem).toMatchObject({
      code: 'invalid_request',
      status: 400,
      errors: [
        { pointer: '/nope', code: 'unknown_field' },
        { pointer: '/prompt', code: 'not_accepted' },
      ].toSorted((a, b) => (a.pointer < b.pointer ? 1 : -1)),
    })
    expect(body.errors[2].problem).toMatchObject({
      code: 'unknown_skill',
      status: 422,
      type: `${publicUrl}/docs/problems/unknown_skill`,
    })
    expect(await batches.read(id)).toMatchObject({ lines: { accepted: 1, rejected: 6, total: 7 } })
  })
})
