import { once } from 'node:events'
import { readFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { OpenAPIV3_1 } from 'openapi-types'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { openApiText } from '../../../src/api/openapi-text.ts'
import { problemCodes } from '../../../src/api/problem-catalog.ts'
import { readSchema } from '../../support/answer-check.ts'
import { watchAnswers } from '../../support/watched-fetch.ts'
import { type ApiKit, openApiKit } from './kit.ts'

describe('the documentation', () => {
  let kit: ApiKit
  let document: OpenAPIV3_1.Document
  beforeAll(async () => {
    kit = await openApiKit()
    document = (await kit.app.inject({ url: '/openapi.json' })).json()
  })
  afterAll(() => kit.close())

  const operations = () =>
    Object.entries(document.paths ?? {}).flatMap(([path, item]) =>
      Object.entries(item ?? {}).map(([method, operation]) => ({
        path,
        method,
        operation: operation as OpenAPIV3_1.OperationObject,
      })),
    )

  const toValidator = (schema: unknown) => readSchema(document, schema)

  test('the committed document is what the routes say', async () => {
    const { version } = JSON.parse(await readFile(new URL('../../../package.json', import.meta.url), 'utf8'))
    const committed = await readFile(new URL('../../../openapi/openapi.json', import.meta.url), 'utf8')
    expect(committed).toBe(await openApiText(version))
  })

  test('the document is OpenAPI 3.1, says how to get in, and what callbacks look like', () => {
    expect(document.openapi).toBe('3.1.0')
    expect(document.security).toEqual([{ apiKey: [] }])
    expect(Object.keys(document.webhooks ?? {})).toEqual(['jobEvent', 'batchEvent', 'callbackEndpointEvent'])
    expect(JSON.stringify(document)).not.toContain('undefined')
  })

  test('every operation has a name of its own, a sentence, a group and its problems', () => {
    const names = operations().map(({ operation }) => operation.operationId)
    expect(new Set(names).size).toBe(names.length)
    for (const { path, operation } of operations()) {
      expect(operation.summary).toBeTruthy()
      expect(operation.tags).toHaveLength(1)
      if (path.startsWith('/v1/')) expect(Object.keys(operation.responses ?? {})).toContain('401')
    }
  })

  test('every JSON answer has an example, and every example fits its schema', () => {
    for (const { operation } of operations())
      for (const [status, response] of Object.entries(operation.responses ?? {})) {
        const media = (response as OpenAPIV3_1.ResponseObject).content?.['application/json']
        if (media === undefined || Number(status) >= 400) continue
        const where = `${operation.operationId} ${status}`
        expect([where, media.example !== undefined]).toEqual([where, true])
        const result = toValidator(media.schema).safeParse(media.example)
        expect([where, result.error?.issues ?? []]).toEqual([where, []])
      }
  })

  test('every example of a body fits its schema', () => {
    for (const { operation } of operations()) {
      const body = operation.requestBody as OpenAPIV3_1.RequestBodyObject | undefined
      const media = body?.content['application/json']
      if (media === undefined) continue
      expect([operation.operationId, toValidator(media.schema).safeParse(media.example).success]).toEqual([
        operation.operationId,
        true,
      ])
    }
  })

  test('what the service answers fits what the document says', async () => {
    const made = await kit.send({
      method: 'POST',
      url: '/v1/jobs',
      payload: { prompt: 'x', inputs: [{ url: 'https://public.example/a.mp4' }] },
    })
    const jobPath = `/v1/jobs/${made.json().id}`
    for (const [path, url, status] of [
      ['/v1/jobs', '/v1/jobs', 200],
      ['/v1/jobs/{id}', jobPath, 202],
      ['/v1/jobs/{id}/events', `${jobPath}/events`, 200],
      ['/v1/jobs/{id}/attempts', `${jobPath}/attempts`, 200],
      ['/v1/events', '/v1/events', 200],
      ['/v1/uploads', '/v1/uploads', 200],
      ['/v1/skills', '/v1/skills', 200],
      ['/v1/skills/{name}', '/v1/skills/image-to-video-higgsfield', 200],
      ['/v1/credits', '/v1/credits', 200],
      ['/livez', '/livez', 200],
      ['/readyz', '/readyz', 200],
    ] as const) {
      const response = await kit.send({ url })
      const described = document.paths?.[path]?.get?.responses?.[status] as OpenAPIV3_1.ResponseObject
      const result = toValidator(described.content?.['application/json']?.schema).safeParse(response.json())
      expect([url, response.statusCode, result.error?.issues ?? []]).toEqual([url, status, []])
    }
  })

  test('every route is in the document', () => {
    const routes = kit.app.printRoutes({ commonPrefix: false })
    expect(routes).toContain('attempts')
    const documented = new Set(operations().map(({ path }) => path.replace(/\{(\w+)\}/g, ':$1')))
    const undocumented = [
      '/openapi.json',
      '/docs',
      '/docs/problems',
      '/docs/problems/:code',
      '/docs/js/scalar.js',
    ]
    for (const path of [...documented, ...undocumented]) {
      const concrete = path.replace(/:\w+/g, 'x')
      expect([
        path,
        kit.app.findRoute({ method: 'GET', url: concrete }) ??
          kit.app.findRoute({ method: 'POST', url: concrete }),
      ]).not.toEqual([path, null])
    }
  })

  test('the reference needs nothing from elsewhere', async () => {
    expect((await kit.app.inject({ url: '/docs' })).headers['location']).toBe('/docs/')
    const page = await kit.app.inject({ url: '/docs/' })
    expect(page.statusCode).toBe(200)
    expect(page.headers['content-security-policy']).toContain("default-src 'none'")
    expect(page.headers['content-security-policy']).toContain("connect-src 'self'")
    const sources = [...page.body.matchAll(/(?:src|href)="([^"]+)"/g)].map(([, source]) => source)
    expect(sources).toEqual(['js/scalar.js'])
    const script = await kit.app.inject({ url: '/docs/js/scalar.js' })
    expect(script.headers['content-type']).toContain('javascript')
    expect(script.body.length).toBeGreaterThan(100_000)
  })

  test('every problem has its page, and its type leads there', async () => {
    const problem = (await kit.send({ url: '/v1/jobs/x' })).json()
    expect(new URL(problem.type).pathname).toBe('/docs/problems/not_found')
    for (const code of problemCodes) {
      const page = await kit.app.inject({ url: `/docs/problems/${code}` })
      expect([code, page.statusCode]).toEqual([code, 200])
      expect(page.headers['content-type']).toContain('text/html')
      expect(page.body).toContain(`<code>${code}</code>`)
    }
    expect((await kit.app.inject({ url: '/docs/problems' })).body).toContain('queue_full')
    expect((await kit.app.inject({ url: '/docs/problems/nope' })).json().code).toBe('not_found')
  })
})

describe('health', () => {
  const failing = async () => Promise.reject(new Error('away'))
  const fine = async () => undefined
  const quiet = { info: () => undefined, warn: () => undefined, error: () => undefined }

  test('all is well when every check is', async () => {
    const kit = await openApiKit()
    const response = await kit.app.inject({ url: '/readyz' })
    expect(response.statusCode).toBe(200)
    expect(response.json()).toMatchObject({
      ready: true,
      checks: { database: { ok: true }, queue: { ok: true }, storage: { ok: true } },
    })
    await kit.close()
  })

  test('without the queue the API can still accept', async () => {
    const kit = await openApiKit({
      deps: { log: quiet, checks: { database: fine, queue: failing, storage: fine } },
    })
    const response = await kit.app.inject({ url: '/readyz' })
    expect(response.statusCode).toBe(200)
    expect(response.json()).toMatchObject({ ready: true, checks: { queue: { ok: false } } })
    await kit.close()
  })

  test.each(['database', 'storage'] as const)(
    'without the %s it is not ready, and alive all the same',
    async (name) => {
      const checks = { database: fine, queue: fine, storage: fine, [name]: failing }
      const kit = await openApiKit({ deps: { log: quiet, checks } })
      const response = await kit.app.inject({ url: '/readyz' })
      expect(response.statusCode).toBe(503)
      expect(response.json()).toMatchObject({ ready: false, checks: { [name]: { ok: false } } })
      expect((await kit.app.inject({ url: '/livez' })).statusCode).toBe(200)
      await kit.close()
    },
  )
})

describe('skills and credits', () => {
  test('skills say what they take; credits what is left', async () => {
    const kit = await openApiKit()
    const skills = (await kit.send({ url: '/v1/skills' })).json()
    expect(skills.data.map(({ name }: { name: string }) => name)).toContain('free-video-generation-api')
    expect((await kit.send({ url: '/v1/skills/image-to-video-higgsfield' })).json()).toMatchObject({
      max_size_bytes: 20_000_000,
      required_inputs: [{ kind: 'image', min: 1 }],
    })
    for (const name of ['nope', 'constructor', '__proto__'])
      expect((await kit.send({ url: `/v1/skills/${name}` })).statusCode).toBe(404)
    expect((await kit.send({ url: '/v1/credits' })).json()).toEqual({
      available: 900,
      frozen: 100,
      total: 1000,
      token_expires_at: null,
    })
    await kit.close()
  })

  test('a provider that does not answer is a 502 that may be tried again', async () => {
    const kit = await openApiKit({
      deps: {
        readCredits: async () => ({ outcome: 'provider_unavailable', detail: 'timed out', isLasting: false }),
      },
    })
    const response = await kit.send({ url: '/v1/credits' })
    expect(response.json()).toMatchObject({ status: 502, code: 'provider_unavailable', retryable: true })
    expect(response.headers['retry-after']).toBe('10')
    await kit.close()
  })
})

describe('answers over real sockets', () => {
  const answers: Readonly<Record<string, readonly [status: number, type: string, body: string]>> = {
    '/v1/skills': [200, 'application/json', '{"data": [], "next_cursor": null}'],
    '/v1/jobs': [200, 'application/json', '{"data": [{"id": 1}], "next_cursor": null}'],
    '/v1/usage': [200, 'text/html', '<p>'],
    '/v1/keys': [402, 'application/json', '{}'],
    '/v1/uploads': [400, 'application/problem+json', '{"code": "invalid_request"}'],
    '/v1/artifacts/x/content': [200, 'video/mp4', 'movie'],
    '/elsewhere': [200, 'text/html', '<p>'],
  }
  const server = createServer((request, response) => {
    const [status, type, body] = answers[request.url ?? ''] ?? [500, 'text/plain', '']
    response.writeHead(status, { 'content-type': type }).end(body)
  })
  let origin = ''
  beforeAll(async () => {
    await once(server.listen(0, '127.0.0.1'), 'listening')
    origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  })
  afterAll(() => void server.close())

  test.each([
    ['/v1/jobs', 'with what its schema does not allow'],
    ['/v1/usage', 'as text/html, which getUsage does not say'],
    ['/v1/keys', 'answered 402, which listKeys does not say that it does'],
    ['/v1/uploads', 'answered 400 with what its schema does not allow'],
  ])('of %s are found where the document does not allow them', async (path, complaint) => {
    const endWatch = watchAnswers(origin)
    expect(await (await fetch(`${origin}${path}`)).text()).toBe(answers[path]?.[2])
    await expect(endWatch()).rejects.toThrow(complaint)
  })

  test('are let be where it does, where it says nothing, and where nobody watches', async () => {
    const endWatch = watchAnswers(origin)
    for (const path of ['/v1/artifacts/x/content', '/elsewhere', '/v1/skills'])
      await (await fetch(`${origin}${path}`)).text()
    await endWatch()
    await fetch(`${origin}/v1/keys`)
    await watchAnswers(origin)()
  })
})
