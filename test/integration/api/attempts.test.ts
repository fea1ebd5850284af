import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { seedJob } from '../../support/seed-job.ts'
import { type ApiKit, openApiKit } from './kit.ts'

describe('GET /v1/jobs/{id}/attempts', () => {
  let kit: ApiKit
  beforeAll(async () => {
    kit = await openApiKit()
  })
  afterAll(() => kit.close())

  const call = {
    operation: 'creating a session',
    method: 'POST',
    path: '/api/tasks',
    at_ms: 5,
    ms: 20,
    request: { content_type: 'application/json', size_bytes: 2, body: '{}' },
    response: { status: 200, content_type: 'application/json', size_bytes: 10, body: '{"code":0}' },
    error: null,
  }
  const unanswered = {
    ...call,
    path: 'https://cdn.example/…',
    method: 'GET',
    request: { content_type: null, size_bytes: 0, body: null },
    response: null,
    error: 'ECONNRESET',
  }

  const seed = async () => {
    const jobId = await seedJob(kit.store.pool, {
      job: { tenant_id: kit.tenantId, state: 'failed', finished_at: new Date() },
      request: { tenant_id: kit.tenantId },
    })
    const base = {
      jobId,
      attempt: 1,
      messageNo: 0,
      try: 0,
      epoch: 1,
      startedAt: new Date('2026-09-01T12:00:00Z'),
    }
    const detail = { note: 'odd', calls: [call, unanswered], calls_omitted: 3 }
    await kit.store.prisma.attempt.create({
      data: { ...base, stage: 'session', outcome: 'fail', failureCode: 'provider_unavailable', detail },
    })
    await kit.store.prisma.attempt.create({ data: { ...base, stage: 'auth', outcome: 'done' } })
    return jobId
  }

  test('each try shows its calls of the provider', async () => {
    const answer = await kit.send({ url: `/v1/jobs/${await seed()}/attempts` })
    expect(answer.json().data).toMatchObject([
      { stage: 'session', detail: { note: 'odd' }, calls: [call, unanswered], calls_omitted: 3 },
      { stage: 'auth', detail: {}, calls: [], calls_omitted: 0 },
    ])
    expect(answer.json().data[0].detail).toEqual({ note: 'odd' })
  })

  test('as a HAR file, every call is an entry that the tools can read', async () => {
    const jobId = await seed()
    const answer = await kit.send({ url: `/v1/jobs/${jobId}/attempts?format=har` })
    expect(answer.headers['content-disposition']).toBe(`attachment; filename="${jobId}.har"`)
    const { log } = answer.json()
    expect(log).toMatchObject({ version: '1.2', creator: { name: 'Clipline', version: '0.0.0-test' } })
    expect(log.entries).toHaveLength(2)
    const [first, second] = log.entries
    expect(first).toMatchObject({
      startedDateTime: '2026-09-01T12:00:00.005Z',
      time: 20,
      request: {
        method: 'POST',
        url: 'https://provider.invalid/api/tasks',
        httpVersion: 'HTTP/1.1',
        headers: [{ name: 'content-type', value: 'application/json' }],
        postData: { mimeType: 'application/json', text: '{}' },
        bodySize: 2,
      },
      response: { status: 200, content: { size: 10, mimeType: 'application/json', text: '{"code":0}' } },
      cache: {},
      timings: { send: 0, wait: 20, receive: 0 },
    })
    expect(second.request).not.toHaveProperty('postData')
    expect(second).toMatchObject({ response: { status: 0 }, comment: expect.stringContaining('ECONNRESET') })
    for (const { request, response } of log.entries) {
      expect(URL.canParse(request.url)).toBe(true)
      for (const field of ['cookies', 'headers', 'queryString']) expect(request[field]).toBeInstanceOf(Array)
      for (const field of ['cookies', 'headers']) expect(response[field]).toBeInstanceOf(Array)
      expect(response).toMatchObject({ redirectURL: '', headersSize: -1 })
    }
  })

  test('another format is refused, and the job of another tenant is not found', async () => {
    const jobId = await seed()
    expect((await kit.send({ url: `/v1/jobs/${jobId}/attempts?format=pcap` })).statusCode).toBe(400)
    const key = await kit.newKey({ tenantId: await kit.newTenant('stranger') })
    const headers = { authorization: `Bearer ${key}` }
    for (const query of ['', '?format=har'])
      expect((await kit.send({ url: `/v1/jobs/${jobId}/attempts${query}`, headers })).statusCode).toBe(404)
  })

  test('an erased job keeps nothing of what was said', async () => {
    const jobId = await seed()
    await kit.send({ method: 'DELETE', url: `/v1/jobs/${jobId}` })
    const rows = await kit.store.prisma.attempt.findMany({ where: { jobId } })
    expect(rows.map(({ detail }) => detail)).toEqual([{}, {}])
  })
})
