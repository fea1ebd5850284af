import { once } from 'node:events'
import { connect } from 'node:net'
import { text } from 'node:stream/consumers'
import type { InjectOptions } from 'fastify'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { ProblemOut } from '../../../src/api/schemas/problem-out.ts'
import { type Gate, openGate } from '../../support/gate.ts'
import { type CuttableProxy, openCuttableProxy } from './cuttable-proxy.ts'
import { type ApiKit, openApiKit } from './kit.ts'

describe('every error is a problem', () => {
  let kit: ApiKit
  let port = 0
  beforeAll(async () => {
    kit = await openApiKit()
    await kit.app.listen({ host: '127.0.0.1', port: 0 })
    port = (kit.app.server.address() as { port: number }).port
  })
  afterAll(() => kit.close())

  const post = (payload: string | Buffer, headers: Record<string, string> = {}) =>
    kit.send({
      method: 'POST',
      url: '/v1/jobs',
      payload,
      headers: { 'content-type': 'application/json', ...headers },
    })

  const nested = (depth: number) =>
    `{"prompt":"x","metadata":${'['.repeat(depth - 1)}${']'.repeat(depth - 1)}}`
  const json = { 'content-type': 'application/json' }

  test.each<[string, InjectOptions, number, string]>([
    ['an unknown path', { url: '/v1/nothing' }, 404, 'not_found'],
    [
      'an unknown path without a key',
      { url: '/v1/nothing', headers: { authorization: '' } },
      404,
      'not_found',
    ],
    ['a method that is not there', { method: 'PUT', url: '/v1/jobs' }, 405, 'method_not_allowed'],
    ['a broken percent sign', { url: '/v1/jobs/%' }, 400, 'invalid_request'],
    ['an id that is too long to be one', { url: `/v1/jobs/${'x'.repeat(101)}` }, 404, 'not_found'],
    [
      'more parameters than are read',
      { url: `/v1/jobs?${'&'.repeat(100)}state=failed` },
      400,
      'invalid_request',
    ],
    ['NUL in the query', { url: '/v1/jobs?tag=%00' }, 400, 'invalid_request'],
    ['a type that is not made', { url: '/v1/jobs', headers: { accept: 'image/png' } }, 406, 'not_acceptable'],
    [
      'a type that is not wanted',
      { url: '/v1/jobs', headers: { accept: 'application/json;q=0, application/problem+json;q=0' } },
      406,
      'not_acceptable',
    ],
    [
      'a body that is no JSON',
      { method: 'POST', url: '/v1/jobs', payload: 'x=1', headers: { 'content-type': 'text/plain' } },
      415,
      'unsupported_content_type',
    ],
    [
      'an encoded body',
      { method: 'POST', url: '/v1/jobs', payload: '{}', headers: { ...json, 'content-encoding': 'gzip' } },
      415,
      'unsupported_content_type',
    ],
    [
      'a body over 1 MiB',
      { method: 'POST', url: '/v1/jobs', payload: `"${'x'.repeat(1_048_576)}"`, headers: json },
      413,
      'payload_too_large',
    ],
  ])('%s', async (_name, options, status, code) => {
    const response = await kit.send(options)
    expect(response.statusCode).toBe(status)
    expect(response.headers['content-type']).toBe('application/problem+json')
    const problem = ProblemOut.parse(response.json())
    expect(problem).toMatchObject({ status, code })
    expect(response.headers['x-request-id']).toBe(problem.request_id)
  })

  test('a parameter of the path that cannot be decoded is named', async () => {
    for (const [url, pointers] of [
      ['/v1/jobs/%ff', ['/path/id']],
      ['/v1/jobs/%/events?after=%ff', ['/path/id']],
      ['/v1/skills/%e0%a4', ['/path/name']],
      ['/v1/intakes/%ff/failures/%c3', ['/path/id', '/path/failure_id']],
    ] as const) {
      const method = url.includes('failures') ? 'DELETE' : 'GET'
      const response = await kit.send({ method, url })
      expect([url, response.statusCode]).toEqual([url, 400])
      const { errors } = ProblemOut.parse(response.json())
      expect(errors).toEqual(
        pointers.map((pointer) => ({
          pointer,
          code: 'not_accepted',
          detail: 'must be UTF-8, percent-encoded where it has to be',
        })),
      )
    }
    expect((await kit.send({ url: '/v1/%ff/x' })).statusCode).toBe(404)
    const unrouted = await kit.send({ method: 'POST', url: '/v1/jobs/%ff' })
    expect([unrouted.statusCode, unrouted.headers.allow]).toEqual([405, 'GET, HEAD, DELETE'])
  })

  test('415 says what is taken', async () => {
    const detailAt = async (url: string): Promise<string> => {
      const headers = { 'content-type': 'text/xml' }
      return (await kit.send({ method: 'POST', url, payload: '<x/>', headers })).json().detail
    }
    expect(await detailAt('/v1/jobs')).toBe('Bodies are taken here as application/json.')
    expect(await detailAt('/v1/batches')).toContain('application/json, application/x-ndjson, text/csv.')
  })

  test('405 says what is allowed', async () => {
    expect((await kit.send({ method: 'PATCH', url: '/v1/jobs' })).headers['allow']).toBe('GET, HEAD, POST')
    expect((await kit.send({ method: 'POST', url: '/v1/uploads/upl_1' })).headers['allow']).toBe(
      'GET, HEAD, DELETE',
    )
    expect((await kit.send({ method: 'HEAD', url: '/v1/jobs/x/events' })).statusCode).toBe(405)
  })

  test.each([
    ['nothing', ''],
    ['a word', 'hello'],
    ['half of an object', '{"prompt":"x"'],
    ['two values', '{"prompt":"x"} {}'],
    ['a trailing comma', '{"prompt":"x",}'],
    ['NaN', '{"prompt":"x","max_credits":NaN}'],
    ['an infinite number', '{"prompt":"x","max_credits":1e400}'],
    ['a number that is not exact', '{"prompt":"x","max_credits":9007199254740993}'],
    ['a byte order mark', '\ufeff{"prompt":"x"}'],
    ['UTF-16', Buffer.from('{"prompt":"x"}', 'utf16le')],
    ['half a character', Buffer.concat([Buffer.from('{"prompt":"'), Buffer.from([0xc3]), Buffer.from('"}')])],
    ['17 levels', nested(17)],
    ['100,000 levels', nested(100_000)],
    ['an array', '[]'],
    ['null', 'null'],
    ['__proto__', '{"prompt":"x","__proto__":{"dry_run":true}}'],
    ['__proto__, escaped', '{"prompt":"x","metadata":{"\\u005f_proto__":"x"}}'],
    ['__proto__, nested', '{"prompt":"x","output":{"__proto__":null}}'],
    ['constructor.prototype', '{"prompt":"x","metadata":{"constructor":{"prototype":{}}}}'],
    ['a NUL in a key', '{"prompt":"x","metadata":{"a\\u0000":"b"}}'],
    ['an id as a number', '{"prompt":"x","session_id":5529798706099999999}'],
  ])('a body that is %s is 400, and stores nothing', async (_name, payload) => {
    const before = await kit.store.prisma.job.count()
    const response = await post(payload)
    expect(response.statusCode).toBe(400)
    expect(ProblemOut.parse(response.json()).errors.length).toBeGreaterThan(0)
    expect(await kit.store.prisma.job.count()).toBe(before)
  })

  test('internal fields cannot be set', async () => {
    for (const field of [
      'id',
      'tenant_id',
      'state',
      'stage',
      'seq',
      'epoch',
      'credits',
      'progress',
      'batch_id',
    ]) {
      const response = await post(JSON.stringify({ prompt: 'x', [field]: 1 }))
      expect(response.json().errors).toMatchObject([{ pointer: `/${field}`, code: 'unknown_field' }])
    }
  })

  test('a request id is repeated when it is safe to, and made otherwise', async () => {
    const mine = await kit.send({ url: '/v1/skills', headers: { 'x-request-id': 'my-Request_1' } })
    expect(mine.headers['x-request-id']).toBe('my-Request_1')
    for (const bad of ['a b', 'a'.repeat(65), 'é', '<script>']) {
      const response = await kit.send({ url: '/v1/skills', headers: { 'x-request-id': bad } })
      expect(response.headers['x-request-id']).toMatch(/^req_[0-9a-f-]{36}$/)
    }
  })

  test('nothing of ours may be sniffed, framed or cached', async () => {
    for (const url of ['/v1/jobs', '/v1/nothing', '/livez']) {
      expect((await kit.send({ url })).headers).toMatchObject({
        'x-content-type-options': 'nosniff',
        'cache-control': 'no-store',
        'content-security-policy': "default-src 'none'; frame-ancestors 'none'",
        'strict-transport-security': 'max-age=31536000',
      })
    }
  })

  test.each([
    [
      'headers that are too large',
      `GET /livez HTTP/1.1\r\nHost: x\r\nX-Big: ${'x'.repeat(20_000)}\r\n\r\n`,
      431,
      'headers_too_large',
    ],
    ['no HTTP at all', 'HELLO\r\n\r\n', 400, 'invalid_request'],
    [
      'two lengths',
      'POST /v1/jobs HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\nhello',
      400,
      'invalid_request',
    ],
    [
      'a length and chunks',
      'POST /v1/jobs HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n',
      400,
      'invalid_request',
    ],
    [
      'an expectation that nobody can meet',
      'POST /v1/jobs HTTP/1.1\r\nHost: x\r\nExpect: bananas\r\nContent-Length: 2\r\n\r\n{}',
      417,
      'expectation_failed',
    ],
    ['no host', 'GET /livez HTTP/1.1\r\n\r\n', 400, 'invalid_request'],
  ])('%s, on the bare socket', async (_name, request, status, code) => {
    const socket = connect(port, '127.0.0.1')
    await once(socket, 'connect')
    socket.write(request)
    const answer = await text(socket)
    const [head = '', body = ''] = answer.split('\r\n\r\n')
    expect(head).toMatch(new RegExp(`^HTTP/1.1 ${status} `))
    expect(head.toLowerCase()).toContain('content-type: application/problem+json')
    expect(ProblemOut.parse(JSON.parse(body))).toMatchObject({ status, code })
  })

  test('a client that sends too much still reads the answer', async () => {
    const response = await fetch(`http://127.0.0.1:${port}/v1/jobs`, {
      method: 'POST',
      headers: { authorization: `Bearer ${kit.apiKey}`, 'content-type': 'application/json' },
      body: `"${'x'.repeat(4_000_000)}"`,
    })
    expect(response.status).toBe(413)
    expect(await response.json()).toMatchObject({ code: 'payload_too_large' })
  })

  test('where no body is asked for, none need follow its declaration', async () => {
    const headers = { 'content-type': 'application/json' }
    const made = await post('{"prompt":"x"}')
    const canceled = await kit.send({ method: 'POST', url: `/v1/jobs/${made.json().id}/cancel`, headers })
    expect(canceled.statusCode).toBe(200)
    expect((await kit.send({ method: 'DELETE', url: '/v1/uploads/upl_x', headers })).statusCode).toBe(404)
    // Nor where one may be left out.
    expect((await kit.send({ method: 'POST', url: '/v1/sessions', headers })).statusCode).toBe(201)
    const needed = await kit.send({ method: 'POST', url: '/v1/jobs', headers })
    expect(needed.json()).toMatchObject({ status: 400, detail: 'The body is required, as JSON.' })
  })

  test('an empty body is no body, whatever its type, and any other of a foreign type is refused', async () => {
    const authorization = `Bearer ${kit.apiKey}`
    const send = (headers: Record<string, string>, body: string | ReadableStream, path = '/v1/sessions') =>
      fetch(`http://127.0.0.1:${port}${path}`, {
        method: 'POST',
        headers: { authorization, ...headers },
        body,
        duplex: 'half',
      } as RequestInit)
    const chunked = (...parts: string[]) => ReadableStream.from(parts.map((part) => Buffer.from(part)))
    const form = { 'content-type': 'application/x-www-form-urlencoded' }
    expect((await send(form, '')).status).toBe(201)
    expect((await send(form, chunked())).status).toBe(201)
    expect((await send({}, chunked())).status).toBe(201)
    const odd = { 'content-type': 'none' }
    expect((await kit.send({ method: 'POST', url: '/v1/sessions', headers: odd })).statusCode).toBe(201)
    // Where a body is needed, it is missing.
    const missing = (await kit.send({ method: 'POST', url: '/v1/jobs' })).json()
    const named = ProblemOut.parse(await (await send(form, '', '/v1/jobs')).json())
    expect([missing.status, named.status, named.errors]).toEqual([400, 400, missing.errors])
    for (const response of [
      await send(form, 'a=1'),
      await send(form, chunked('a=', '1')),
      await send({}, chunked('{}')),
      await send({ 'content-type': 'text/plain' }, 'x'.repeat(2_000_000)),
    ])
      expect([response.status, await response.json()]).toMatchObject([
        415,
        { code: 'unsupported_content_type' },
      ])
  })

  test('where no body is asked for, a field in one is refused', async () => {
    const paths = kit.app.swagger().paths as Readonly<
      Record<string, Record<string, { requestBody?: object }>>
    >
    const bodiless = Object.entries(paths)
      .flatMap(([path, item]) => Object.entries(item).map(([method, called]) => ({ path, method, called })))
      .filter(({ path, method, called }) => !called.requestBody && method !== 'get' && path !== '/in/{id}')
    expect(bodiless.length).toBeGreaterThan(15)
    for (const { path, method } of bodiless) {
      const ask = (payload: object | string) =>
        kit.send({
          method: method.toUpperCase() as 'POST',
          url: path.replaceAll(/{\w+}/g, 'x_1'),
          payload,
          headers: { ...json, 'tus-resumable': '1.0.0' },
        })
      const refused = await ask({ reason: 'late' })
      expect([path, refused.statusCode, refused.json().errors]).toEqual([
        path,
        400,
        [{ pointer: '/reason', code: 'unknown_field', detail: 'is not a field here' }],
      ])
      expect((await ask('[]')).json().errors).toEqual([
        { pointer: '', code: 'wrong_type', detail: 'must be an object' },
      ])
      expect((await ask({})).statusCode).not.toBe(400)
    }
  })

  test('what goes wrong inside is told to nobody outside', async () => {
    const broken = await openApiKit({
      deps: {
        log: { info: () => undefined, warn: () => undefined, error: () => undefined },
        readCredits: async () => Promise.reject(new Error('secret of the house')),
      },
    })
    const response = await broken.send({ url: '/v1/credits' })
    expect(response.statusCode).toBe(500)
    expect(response.json().code).toBe('internal')
    expect(response.body).not.toContain('secret')
    await broken.close()
  })

  test('with the database away, 503 says when to come back; with it back, all is well', async () => {
    let proxy: CuttableProxy | undefined
    const far = await openApiKit({
      reachDatabase: async (url) => {
        proxy = await openCuttableProxy(url)
        return proxy.url
      },
      deps: { log: { info: () => undefined, warn: () => undefined, error: () => undefined } },
    })
    await far.send({ url: '/v1/jobs' })
    await proxy?.cut()
    const requests: InjectOptions[] = [
      { url: '/v1/jobs/job_1' },
      { url: '/v1/uploads' },
      { url: '/v1/events' },
      { method: 'POST', url: '/v1/jobs', payload: { prompt: 'x' } },
    ]
    for (const options of requests) {
      const response = await far.send(options)
      expect([options.url, response.statusCode]).toEqual([options.url, 503])
      expect(response.json()).toMatchObject({ code: 'unavailable', retryable: true })
      expect(response.headers['retry-after']).toBe('2')
    }
    expect((await far.app.inject({ url: '/livez' })).statusCode).toBe(200)
    await proxy?.mend()
    expect((await far.send({ url: '/v1/uploads' })).statusCode).toBe(200)
    expect((await far.send({ method: 'POST', url: '/v1/jobs', payload: { prompt: 'x' } })).statusCode).toBe(
      202,
    )
    expect(await far.store.prisma.job.count()).toBe(1)
    await far.close()
    await proxy?.close()
  })

  test('with a database that answers nothing, everyone gets a 503 once it had its time', async () => {
    let gate: Gate | undefined
    const frozen = await openApiKit({
      reachDatabase: async (databaseUrl) => {
        const url = new URL(databaseUrl)
        gate = await openGate(Number(url.port))
        url.port = String(gate.port)
        return url.href
      },
      statementTimeoutMs: 500,
      deps: { log: { info: () => undefined, warn: () => undefined, error: () => undefined } },
    })
    const requests: InjectOptions[] = [
      { url: '/v1/jobs/job_1' },
      { url: '/v1/uploads' },
      { url: '/v1/events' },
      { method: 'POST', url: '/v1/jobs', payload: { prompt: 'x' } },
      { method: 'POST', url: '/v1/batches', payload: {} },
    ]
    gate?.darken()
    const responses = await Promise.all(requests.map((request) => frozen.send(request)))
    for (const response of responses) {
      expect(response.statusCode).toBe(503)
      expect(response.headers['retry-after']).toBe('2')
    }
    await gate?.shut()
    await frozen.close()
  })
})
