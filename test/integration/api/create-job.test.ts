import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { JobOut } from '../../../src/api/schemas/job-out.ts'
import { type ApiKit, openApiKit, publicUrl } from './kit.ts'
import { png } from './media.ts'

describe('POST /v1/jobs', () => {
  let kit: ApiKit
  beforeAll(async () => {
    kit = await openApiKit()
  })
  afterAll(() => kit.close())

  const submit = (body: object, headers: Record<string, string> = {}) =>
    kit.send({ method: 'POST', url: '/v1/jobs', payload: body, headers })

  const countJobs = () => kit.store.prisma.job.count()

  const readRows = async (id: string) => ({
    job: await kit.store.prisma.job.findUniqueOrThrow({ where: { id } }),
    request: await kit.store.prisma.jobRequest.findUniqueOrThrow({ where: { jobId: id } }),
    events: await kit.store.prisma.jobEvent.findMany({ where: { jobId: id } }),
    deliveries: await kit.store.prisma.callbackDelivery.findMany({ where: { jobId: id } }),
  })

  test('a job needs a prompt and nothing else', async () => {
    kit.wakes.length = 0
    const response = await submit({ prompt: 'a fox' })
    expect(response.statusCode).toBe(202)
    const job = JobOut.parse(response.json())
    expect(response.headers['location']).toBe(`${publicUrl}/v1/jobs/${job.id}`)
    expect(response.headers['retry-after']).toBe('2')
    expect(response.headers['etag']).toBe('"1"')
    expect(job).toMatchObject({
      state: 'queued',
      stage: 'auth',
      skill: 'free-video-generation-api',
      priority: 'normal',
      attempt: 1,
      progress: 0,
      credits: { estimated: 100, spent: 0, at_risk: 0 },
      links: {
        self: `${publicUrl}/v1/jobs/${job.id}`,
        cancel: `${publicUrl}/v1/jobs/${job.id}/cancel`,
        artifact: null,
      },
    })
    expect(kit.wakes).toEqual(['dispatch'])
  })

  test('what was asked is stored whole, with the first event and a sealed secret', async () => {
    const secret = `whsec_${Buffer.alloc(32, 7).toString('base64')}`
    const response = await submit({
      skill: 'text-to-video-higgsfield',
      prompt: 'ein Fu\u0308chslein 🦊',
      steps: ['slower', 'with music'],
      inputs: [{ url: 'https://public.example/a.jpg' }],
      output: { format: 'mp4', aspect_ratio: '9:16', duration_s: 5 },
      language: 'de',
      callback: {
        url: 'https://public.example/hook',
        events: ['job.queued'],
        headers: { 'x-team': 'ads' },
        secret,
      },
      priority: 'high',
      start_deadline_s: 60,
      deadline_s: 120,
      max_credits: 500,
      on_unknown: 'resend_if_proven_absent',
      metadata: { order: '42' },
      tags: ['autumn'],
    })
    expect(response.statusCode).toBe(202)
    const { job, request, events, deliveries } = await readRows(response.json().id)
    expect(request).toMatchObject({
      tenantId: kit.tenantId,
      purpose: 'video',
      prompt: 'ein F\u00fcchslein 🦊',
      steps: ['slower', 'with music'],
      inputs: [{ url: 'https://public.example/a.jpg', fetch: 'provider' }],
      output: { format: 'mp4', aspect_ratio: '9:16', duration_s: 5 },
      language: 'de',
      onUnknown: 'resend_if_proven_absent',
      maxCredits: 500,
      metadata: { order: '42' },
      tags: ['autumn'],
      callback: { url: 'https://public.example/hook', events: ['job.queued'], headers: { 'x-team': 'ads' } },
    })
    expect(JSON.stringify(request.callback)).not.toContain(secret)
    expect(job.creditsEstimated).toBe(200)
    expect(job.startDeadlineAt?.getTime()).toBe(job.dueAt.getTime() + 60_000)
    expect(job.deadlineAt?.getTime()).toBe(job.dueAt.getTime() + 120_000)
    expect(job.orderAt.getTime()).toBe(job.dueAt.getTime() - 300_000)
    expect(job.createdAt.toISOString()).toBe(response.json().created_at)
    expect(events).toMatchObject([{ seq: 1, type: 'job.queued', epoch: 0 }])
    expect(deliveries).toMatchObject([
      { eventSeq: 1, eventType: 'job.queued', eventId: events[0]?.id, endpointId: null },
    ])
  })

  test('a job may wait for its time', async () => {
    const runAt = new Date(Date.now() + 3_600_000).toISOString()
    const response = await submit({ prompt: 'later', run_at: runAt, deadline_s: 10 })
    const { job } = await readRows(response.json().id)
    expect(job.dueAt.toISOString()).toBe(runAt)
    expect(job.deadlineAt?.getTime()).toBe(Date.parse(runAt) + 10_000)
  })

  test('a time may be anything that RFC 3339 has, in the past too', async () => {
    const tomorrow = new Date(Date.now() + 86_400_000).toISOString().slice(0, 10)
    for (const [runAt, due] of [
      [`${tomorrow}T23:00:00+23:00`, `${tomorrow}T00:00:00.000Z`],
      [`${tomorrow}T00:00:00.${'1'.repeat(200)}Z`, `${tomorrow}T00:00:00.111Z`],
    ] as const) {
      const response = await submit({ prompt: 'later', run_at: runAt })
      expect((await readRows(response.json().id)).job.dueAt.toISOString()).toBe(due)
    }
    const response = await submit({ prompt: 'now', run_at: '0000-01-01T00:00:00Z' })
    expect(response.statusCode).toBe(202)
    const { job } = await readRows(response.json().id)
    expect(Date.now() - job.dueAt.getTime()).toBeLessThan(60_000)
  })

  test('an input that is malformed hides no fault of its neighbors', async () => {
    const inputs = [{ url: 'http://10.0.0.1/a.jpg' }, { foo: 1 }, { url: 'https://x.example/', fetch: 'zz' }]
    const response = await submit({ prompt: 'a fox', inputs })
    expect(response.statusCode).toBe(400)
    expect(response.json().errors).toEqual(
      expect.arrayContaining([
        expect.objectContaining({ pointer: '/inputs/0/url', code: 'url_not_allowed' }),
        expect.objectContaining({ pointer: '/inputs/2/fetch', code: 'not_accepted' }),
      ]),
    )
    expect(
      response.json().errors.some(({ pointer }: { pointer: string }) => /^.inputs.1/.test(pointer)),
    ).toBe(true)
  })

  test('everything that is wrong is named at once, with what is accepted, and nothing is stored', async () => {
    const before = await countJobs()
    const response = await submit({
      prompt: '',
      skill: 'no-such-skill',
      steps: ['fine', 7],
      inputs: [{ url: 'http://10.0.0.1/a.jpg' }, { upload_id: 'upl_0198c0de-7000-7000-8000-000000000001' }],
      callback: { url: 'https://private.example/hook' },
      priority: 'urgent',
      surprise: true,
    })
    expect(response.statusCode).toBe(400)
    expect(response.headers['content-type']).toBe('application/problem+json')
    const problem = response.json()
    expect(problem).toMatchObject({
      type: `${publicUrl}/docs/problems/invalid_request`,
      status: 400,
      code: 'invalid_request',
      retryable: false,
      request_id: response.headers['x-request-id'],
      instance: `urn:request:${response.headers['x-request-id']}`,
    })
    const found = Object.fromEntries(
      problem.errors.map(({ pointer, code }: { pointer: string; code: string }) => [pointer, code]),
    )
    expect(found).toEqual({
      '/prompt': 'not_accepted',
      '/skill': 'unknown_skill',
      '/steps/1': 'wrong_type',
      '/inputs/0/url': 'url_not_allowed',
      '/inputs/1/upload_id': 'unknown_upload',
      '/callback/url': 'url_not_allowed',
      '/priority': 'not_accepted',
      '/surprise': 'unknown_field',
    })
    expect(problem.detail).toContain('/priority must be one of "low", "normal", "high"')
    expect(await countJobs()).toBe(before)
  })

  test.each([
    ['an unknown skill', { skill: 'nope' }, 'unknown_skill', '/skill'],
    [
      'a callback to a private address',
      { callback: { url: 'https://10.1.2.3/' } },
      'url_not_allowed',
      '/callback/url',
    ],
    [
      'a callback whose name has a private address too',
      { callback: { url: 'https://mixed.example/' } },
      'url_not_allowed',
      '/callback/url',
    ],
    [
      'a callback whose name does not resolve',
      { callback: { url: 'https://absent.example/' } },
      'url_not_allowed',
      '/callback/url',
    ],
    [
      'an input at a private address',
      { inputs: [{ url: 'https://[::1]/a.jpg' }] },
      'url_not_allowed',
      '/inputs/0/url',
    ],
    ['an input that is missing', { skill: 'image-to-video-higgsfield' }, 'missing_input', '/inputs'],
    [
      'a conversation that is not there',
      { session_id: 'ses_0198c0de-7000-7000-8000-000000000001' },
      'unknown_session',
      '/session_id',
    ],
    ['a time too far away', { run_at: '2126-01-01T00:00:00Z' }, 'out_of_range', '/run_at'],
  ])('%s fits the schema and is refused', async (_name, fields, code, pointer) => {
    const before = await countJobs()
    const response = await submit({ prompt: 'a fox', ...fields })
    expect(response.statusCode).toBe(422)
    expect(response.json()).toMatchObject({ code, errors: [{ code, pointer }] })
    expect(await countJobs()).toBe(before)
  })

  test('an input need not resolve here and now', async () => {
    const response = await submit({ prompt: 'a fox', inputs: [{ url: 'https://absent.example/a.jpg' }] })
    expect(response.statusCode).toBe(202)
  })

  test.each([
    ['a prompt of 8,000 characters', { prompt: '🦊'.repeat(8_000) }, 202],
    ['a prompt of 8,001 characters', { prompt: '🦊'.repeat(8_001) }, 400],
    ['20 inputs', { prompt: 'x', inputs: Array(20).fill({ url: 'https://public.example/a.mp4' }) }, 202],
    ['21 inputs', { prompt: 'x', inputs: Array(21).fill({ url: 'https://public.example/a.mp4' }) }, 400],
    ['16 pairs of metadata', { prompt: 'x', metadata: pairs(16) }, 202],
    ['17 pairs of metadata', { prompt: 'x', metadata: pairs(17) }, 400],
    ['10 tags', { prompt: 'x', tags: Array(10).fill('t') }, 202],
    ['11 tags', { prompt: 'x', tags: Array(11).fill('t') }, 400],
    ['a NUL in the prompt', { prompt: 'a\u0000b' }, 400],
    ['half a surrogate pair', { prompt: 'a\ud800b' }, 400],
    ['a bell in the prompt', { prompt: 'a\u0007b' }, 400],
    ['line breaks in the prompt', { prompt: 'a\r\n\tb' }, 202],
  ])('%s: %#', async (_name, body, status) => {
    expect((await submit(body)).statusCode).toBe(status)
  })

  test('a dry run tells what would be, and stores nothing', async () => {
    const before = await countJobs()
    const response = await submit({
      prompt: 'a fox',
      steps: ['slower'],
      max_credits: 120,
      callback: { url: 'https://public.example/', secret: `whsec_${Buffer.alloc(24, 1).toString('base64')}` },
      dry_run: true,
    })
    expect(response.statusCode).toBe(200)
    expect(response.json()).toMatchObject({
      valid: true,
      estimate: { credits: 150, seconds: 120 },
      warnings: [{ code: 'estimate_over_budget' }],
      normalized: { skill: 'free-video-generation-api', prompt: 'a fox', on_unknown: 'fail' },
    })
    expect(response.body).not.toContain('whsec_')
    expect(await countJobs()).toBe(before)
  })

  test('a dry run looks at its URLs, and warns of those that the job could not use', async () => {
    const asked: string[] = []
    const server = createServer((request, response) => {
      asked.push(request.url ?? '')
      const file = { '/fox.png': png, '/fox.html': Buffer.from('<html></html>'), '/huge.png': png }[
        request.url ?? ''
      ]
      const sizeBytes = request.url === '/huge.png' ? 900_000_000 : file?.length
      response.writeHead(file === undefined ? 404 : 200, { 'content-length': sizeBytes ?? 0 })
      // The huge one goes on and on: nobody reads it to its end.
      if (request.url === '/huge.png') response.write(Buffer.concat([png, Buffer.alloc(100_000)]))
      else response.end(file)
    })
    await once(server.listen(0, '127.0.0.1'), 'listening')
    const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
    const inputs = ['/fox.png', '/none.png', '/fox.html', '/huge.png'].map((path) => ({ url: origin + path }))
    const dry = await submit({ prompt: 'a fox', inputs, dry_run: true })
    expect(dry.statusCode).toBe(200)
    expect(asked.sort()).toEqual(['/fox.html', '/fox.png', '/huge.png', '/none.png'])
    expect(dry.json().warnings).toEqual([
      { code: 'input_unreachable', message: 'inputs/1: it answered 404' },
      { code: 'unsupported_media_type', message: expect.stringMatching(/^inputs\/2: /) },
      { code: 'media_too_large', message: expect.stringMatching(/^inputs\/3: /) },
    ])
    server.closeAllConnections()
    server.close()
    const gone = await submit({ prompt: 'a fox', inputs: [{ url: `${origin}/fox.png` }], dry_run: true })
    expect(gone.json().warnings).toEqual([
      { code: 'input_unreachable', message: 'inputs/0: it could not be fetched' },
    ])
  })

  test('a dry run of a job that would be refused is refused', async () => {
    const response = await submit({ prompt: 'a fox', skill: 'nope', dry_run: true })
    expect(response.statusCode).toBe(422)
  })

  test('jobs that come together are written together', async () => {
    const jobs = await Promise.all(Array.from({ length: 40 }, (_, no) => submit({ prompt: `fox ${no}` })))
    expect(jobs.map(({ statusCode }) => statusCode)).toEqual(Array(40).fill(202))
    expect(new Set(jobs.map((job) => job.json().id)).size).toBe(40)
  })
})

const pairs = (count: number): Record<string, string> =>
  Object.fromEntries(Array.from({ length: count }, (_, no) => [`key${no}`, 'value']))

describe('a full queue', () => {
  test('refuses with 429 and stores nothing, while another tenant goes on', async () => {
    const kit = await openApiKit({ settings: { queueBound: 2 } })
    const submit = (headers: Record<string, string> = {}) =>
      kit.send({ method: 'POST', url: '/v1/jobs', payload: { prompt: 'a fox' }, headers })
    const other = await kit.newKey({ tenantId: await kit.newTenant('roomy', { queueBound: 10 }) })

    expect((await submit()).statusCode).toBe(202)
    expect((await submit()).statusCode).toBe(202)
    const refused = await submit()
    expect(refused.statusCode).toBe(429)
    expect(refused.json()).toMatchObject({ code: 'queue_full', retryable: true })
    expect(Number(refused.headers['retry-after'])).toBeGreaterThan(0)
    expect((await submit({ authorization: `Bearer ${other}` })).statusCode).toBe(202)
    expect(await kit.store.prisma.job.count()).toBe(3)
    await kit.close()
  })
})
