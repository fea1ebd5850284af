/** Walks the rows of the HTTP contract: every call is there, and says the statuses that the contract promises. */
import type { OpenAPIV3_1 } from 'openapi-types'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type ApiKit, openApiKit } from './kit.ts'

type Row = readonly [call: string, ...statuses: number[]]

const asked = [400, 401, 403, 429, 500, 503]

/** By the sections of the contract. Statuses of all calls with a key are {@link asked}. */
const rows: Readonly<Record<string, readonly Row[]>> = {
  'conventions (§0)': [['POST /v1/stream-tokens', 201, 404, 409, 422]],
  'jobs (§1)': [
    ['POST /v1/jobs', 200, 202, 409, 422],
    ['GET /v1/jobs', 200],
    ['GET /v1/jobs/{id}', 200, 202, 304, 404],
    ['GET /v1/jobs/{id}/events', 200, 404],
    ['GET /v1/events', 200],
    ['POST /v1/jobs/{id}/cancel', 200, 202, 404, 409],
    ['POST /v1/jobs/{id}/redrive', 202, 404, 409, 422],
    ['GET /v1/jobs/{id}/explain', 200, 404],
    ['GET /v1/jobs/{id}/attempts', 200, 404],
    ['GET /v1/jobs/{id}/timeline', 200, 404],
    ['GET /v1/artifacts/{id}/content', 200, 206, 302, 304, 404, 416],
    ['POST /v1/artifacts/{id}/links', 201, 404, 409, 422],
    ['DELETE /v1/jobs/{id}', 204, 404, 409],
  ],
  'sessions (§2)': [
    ['POST /v1/sessions', 201, 422],
    ['GET /v1/sessions', 200],
    ['GET /v1/sessions/{id}', 200, 404],
    ['POST /v1/sessions/{id}/messages', 200, 202, 404, 422],
    ['GET /v1/sessions/{id}/messages', 200, 404],
    ['GET /v1/sessions/{id}/timeline', 200, 404],
    ['GET /v1/sessions/{id}/exports', 200, 404],
    ['POST /v1/sessions/{id}/exports', 202, 404],
    ['GET /v1/credits', 200],
    ['GET /v1/skills', 200],
    ['GET /v1/skills/{name}', 200, 404],
  ],
  'uploads (§3)': [
    ['POST /v1/uploads', 201, 413, 415, 422],
    ['GET /v1/uploads', 200],
    ['GET /v1/uploads/{id}', 200, 404],
    ['DELETE /v1/uploads/{id}', 204, 404],
    ['POST /v1/uploads/resumable', 201, 413],
    ['PATCH /v1/uploads/resumable/{id}', 204, 404],
    ['DELETE /v1/uploads/resumable/{id}', 204, 404],
  ],
  'batches (§4)': [
    ['POST /v1/batches', 201, 202, 413, 422],
    ['GET /v1/batches', 200],
    ['GET /v1/batches/{id}', 200, 202, 404],
    ['POST /v1/batches/{id}/lines', 200, 404, 409, 413, 422],
    ['POST /v1/batches/{id}/close', 200, 202, 404],
    ['GET /v1/batches/{id}/results', 200, 404],
    ['GET /v1/batches/{id}/errors', 200, 404],
    ['POST /v1/batches/{id}/cancel', 202, 404, 409],
    ['POST /v1/batches/{id}/redrive', 202, 404, 409],
  ],
  'callbacks (§5)': [
    ['GET /v1/callback-secret', 200],
    ['POST /v1/callback-secret/rotate', 200],
    ['POST /v1/callback-endpoints', 201, 422],
    ['GET /v1/callback-endpoints', 200],
    ['GET /v1/callback-endpoints/{id}', 200, 404],
    ['PATCH /v1/callback-endpoints/{id}', 200, 404, 422],
    ['DELETE /v1/callback-endpoints/{id}', 204, 404],
    ['POST /v1/callback-endpoints/{id}/rotate', 200, 404],
    ['POST /v1/callback-endpoints/{id}/enable', 200, 404],
    ['POST /v1/callback-endpoints/{id}/disable', 200, 404],
    ['POST /v1/callback-endpoints/{id}/test', 202, 404],
    ['GET /v1/callback-deliveries', 200],
    ['GET /v1/callback-deliveries/{id}', 200, 404],
    ['POST /v1/callback-deliveries/{id}/redeliver', 202, 404],
  ],
  'intakes (§6)': [
    ['POST /v1/intakes', 201, 422],
    ['GET /v1/intakes', 200],
    ['GET /v1/intakes/{id}', 200, 404],
    ['PATCH /v1/intakes/{id}', 200, 404, 422],
    ['DELETE /v1/intakes/{id}', 204, 404],
    ['GET /v1/intakes/{id}/failures', 200, 404],
    ['POST /v1/intakes/{id}/failures/{failure_id}/retry', 202, 404, 422],
    ['POST /v1/intakes/{id}/test', 200, 404, 422],
  ],
  'usage, tenants (§7)': [
    ['GET /v1/usage', 200],
    ['POST /v1/keys', 201],
    ['GET /v1/keys', 200],
    ['DELETE /v1/keys/{id}', 204, 404],
    ['PUT /v1/provider-account', 200],
    ['GET /v1/provider-account', 200, 404],
    ['DELETE /v1/provider-account', 204, 404],
    ['POST /v1/admin/tenants', 201],
    ['GET /v1/admin/tenants', 200],
    ['GET /v1/admin/tenants/{id}', 200, 404],
    ['PATCH /v1/admin/tenants/{id}', 200, 404],
    ['DELETE /v1/admin/tenants/{id}', 204, 404],
    ['POST /v1/admin/keys', 201],
    ['GET /v1/admin/keys', 200],
    ['DELETE /v1/admin/keys/{id}', 204, 404],
    ['POST /v1/admin/provider-accounts', 201, 409, 422],
    ['GET /v1/admin/provider-accounts', 200],
    ['GET /v1/admin/provider-accounts/{id}', 200, 404],
    ['PATCH /v1/admin/provider-accounts/{id}', 200, 404],
    ['GET /v1/admin/audit', 200],
    ['GET /metrics', 200],
  ],
}

/** For whoever has no key: senders, receivers, probes. */
const openRows: readonly Row[] = [
  ['POST /in/{id}', 200, 202, 400, 401, 404, 413, 422, 429, 503],
  ['GET /.well-known/clipline-keys.json', 200],
  ['GET /livez', 200],
  ['GET /readyz', 200, 503],
]

describe('the HTTP contract', () => {
  let kit: ApiKit
  let document: OpenAPIV3_1.Document
  beforeAll(async () => {
    kit = await openApiKit()
    document = (await kit.app.inject({ url: '/openapi.json' })).json()
  })
  afterAll(() => kit.close())

  const operationOf = (call: string): OpenAPIV3_1.OperationObject | undefined => {
    const [method = '', path = ''] = call.split(' ')
    return document.paths?.[path]?.[method.toLowerCase() as 'get']
  }
  const missingOf = ([call, ...statuses]: Row): string[] => {
    const described = Object.keys(operationOf(call)?.responses ?? {})
    if (described.length === 0) return [`${call} is not there`]
    return statuses
      .filter((status) => !described.includes(String(status)))
      .map((status) => `${call} ${status}`)
  }

  test.each(Object.entries(rows))(
    'has every call of %s, with the statuses it promises',
    (_section, calls) => {
      expect(calls.flatMap(([call, ...statuses]) => missingOf([call, ...asked, ...statuses]))).toEqual([])
    },
  )

  test('has every call that needs no key', () => {
    expect(openRows.flatMap(missingOf)).toEqual([])
    for (const [call] of openRows) expect([call, operationOf(call)?.security]).toEqual([call, []])
  })

  test('says of every other call which scopes a key may have for it, and where a token does', () => {
    const calls = Object.values(rows).flatMap((section) => section.map(([call]) => call))
    const securityOf = (call: string) => operationOf(call)?.security ?? []
    expect(calls.filter((call) => securityOf(call).length === 0)).toEqual([])
    expect(securityOf('GET /v1/skills')).toEqual([{ apiKey: [] }])
    expect(securityOf('POST /v1/uploads')).toEqual([{ apiKey: ['uploads:write'] }])
    const either = [{ apiKey: ['jobs:read'] }, { apiKey: ['uploads:write'] }]
    for (const call of ['GET /v1/uploads', 'GET /v1/uploads/{id}'])
      expect([call, securityOf(call)]).toEqual([call, either])
    const byToken = calls.filter((call) => securityOf(call).some(({ token }) => token !== undefined))
    expect(byToken.sort()).toEqual([
      'GET /v1/artifacts/{id}/content',
      'GET /v1/batches/{id}',
      'GET /v1/batches/{id}/errors',
      'GET /v1/batches/{id}/results',
      'GET /v1/jobs/{id}/events',
    ])
  })

  test('has the pages that are no part of the description', async () => {
    for (const url of ['/openapi.json', '/docs/', '/docs/problems'])
      expect([url, (await kit.app.inject({ url })).statusCode]).toEqual([url, 200])
  })

  test('takes an idempotency key on every POST that creates something', () => {
    const signed = ['POST /v1/stream-tokens', 'POST /v1/artifacts/{id}/links']
    const byEvent = ['POST /v1/intakes/{id}/failures/{failure_id}/retry']
    const keyless = Object.entries(document.paths ?? {}).flatMap(([path, item]) => {
      const { post } = item ?? {}
      const creates = post?.security?.length !== 0 && post?.responses?.['201'] !== undefined
      const parameters = (post?.parameters ?? []) as OpenAPIV3_1.ParameterObject[]
      const isKeyed = parameters.some(({ name }) => name === 'Idempotency-Key')
      return creates && !isKeyed ? [`POST ${path}`] : []
    })
    expect(keyless.filter((call) => ![...signed, ...byEvent].includes(call))).toEqual([])
    for (const call of ['POST /v1/jobs', 'POST /v1/jobs/{id}/redrive', 'POST /v1/sessions/{id}/messages'])
      expect([call, JSON.stringify(operationOf(call)?.parameters)]).toEqual([
        call,
        expect.stringContaining('"Idempotency-Key"'),
      ])
  })

  test('takes no parameter in the query that a call does not describe (§0)', async () => {
    const methods = ['get', 'post', 'put', 'patch', 'delete'] as const
    const calls = Object.entries(document.paths ?? {}).flatMap(([path, item]) =>
      methods.flatMap((method) => {
        const operation = item?.[method]
        return operation === undefined ? [] : [{ call: `${method.toUpperCase()} ${path}`, operation }]
      }),
    )
    // Links to files are passed on by what adds parameters of its own; clients of tus know nothing of ours.
    const isFree = (call: string): boolean =>
      !call.includes(' /v1/') || call.endsWith('/content') || call.includes('/resumable')
    const strict = calls.filter(({ call }) => !isFree(call))
    expect(strict.length).toBeGreaterThan(70)
    for (const { call, operation } of strict) {
      const [method = '', path = ''] = call.split(' ')
      const url = `${path.replaceAll(/\{\w+\}/g, 'x')}?no_such_parameter=1`
      const { content = {} } = (operation.requestBody ?? {}) as OpenAPIV3_1.RequestBodyObject
      const example = content['application/json']?.example
      const body = method === 'GET' || example === undefined ? {} : { payload: example }
      const response = await kit.send({ method: method as 'GET', url, ...body })
      expect([call, response.statusCode, response.json().errors]).toEqual([
        call,
        400,
        [
          expect.objectContaining({
            pointer: '/query/no_such_parameter',
            code: 'unknown_field',
            detail: expect.stringContaining('is not a field here'),
          }),
        ],
      ])
    }
    expect(await kit.store.prisma.job.count()).toBe(0)
  })

  test('describes no call that the contract does not know, but for reading one thing more', () => {
    const known = new Set([...Object.values(rows).flat(), ...openRows].map(([call]) => call))
    const others = Object.entries(document.paths ?? {}).flatMap(([path, item]) =>
      Object.keys(item ?? {})
        .map((method) => `${method.toUpperCase()} ${path}`)
        .filter((call) => !known.has(call)),
    )
    expect(others.sort()).toEqual([
      'DELETE /v1/intakes/{id}/failures/{failure_id}',
      'GET /v1/admin/keys/{id}',
      'GET /v1/artifacts/{id}',
      'GET /v1/intakes/{id}/failures/{failure_id}',
      'GET /v1/keys/{id}',
    ])
  })
})
