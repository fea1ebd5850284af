import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { scopes } from '../../../src/actions/scopes.ts'
import { newApiKey } from '../../../src/crypto/api-key.ts'
import { type ApiKit, openApiKit } from './kit.ts'

describe('API keys', () => {
  let kit: ApiKit
  beforeAll(async () => {
    kit = await openApiKit()
  })
  afterAll(() => kit.close())

  const withHeader = (authorization: string | undefined, url = '/v1/skills') =>
    kit.app.inject({ url, headers: authorization === undefined ? {} : { authorization } })
  const withKey = (key: string, url?: string) => withHeader(`Bearer ${key}`, url)

  test('the bootstrap key has every scope', async () => {
    expect((await withKey(kit.apiKey)).statusCode).toBe(200)
    const [row] = await kit.store.prisma.apiKey.findMany({ where: { name: 'bootstrap' } })
    expect(row?.scopes).toEqual([...scopes])
    expect(row?.tenantId).toBe(kit.tenantId)
  })

  test('no key is kept as it is', async () => {
    const rows = await kit.store.prisma.apiKey.findMany()
    expect(JSON.stringify(rows)).not.toContain(kit.apiKey.slice(4))
  })

  test('a missing key is asked for', async () => {
    const response = await withHeader(undefined)
    expect(response.statusCode).toBe(401)
    expect(response.json().code).toBe('unauthorized')
    expect(response.headers['www-authenticate']).toBe('Bearer realm="clipline"')
  })

  test.each([
    ['an unknown key', () => `Bearer ${newApiKey()}`],
    ['half a key', () => `Bearer ${kit.apiKey.slice(0, -1)}`],
    ['a key and more', () => `Bearer ${kit.apiKey}x`],
    ['another case', () => `Bearer ${kit.apiKey.toUpperCase()}`],
    ['another scheme', () => `Basic ${kit.apiKey}`],
    ['the bare key', () => kit.apiKey],
    ['a scheme without a key', () => 'Bearer '],
    ['two keys', () => `Bearer ${kit.apiKey} ${kit.apiKey}`],
    ['a key of a megabyte', () => `Bearer clk_${'x'.repeat(10_000)}`],
    ['look-alikes', () => `Bearer ${kit.apiKey.replace('clk', 'сlk')}`],
  ])('%s is refused', async (_name, header) => {
    const response = await withHeader(header())
    expect(response.statusCode).toBe(401)
    expect(response.headers['www-authenticate']).toMatch(/^Bearer /)
    expect(response.body).not.toContain(kit.apiKey.slice(4, 20))
  })

  test('the scheme may be written in any case', async () => {
    expect((await withHeader(`bearer ${kit.apiKey}`)).statusCode).toBe(200)
  })

  test('a key in the query is no key', async () => {
    const response = await kit.app.inject({ url: `/v1/skills?token=${kit.apiKey}` })
    expect(response.statusCode).toBe(401)
  })

  test('an expired key and a revoked one are refused', async () => {
    const past = new Date(Date.now() - 1_000)
    expect((await withKey(await kit.newKey({ expiresAt: past }))).statusCode).toBe(401)
    expect((await withKey(await kit.newKey({ revokedAt: past }))).statusCode).toBe(401)
    expect((await withKey(await kit.newKey({ expiresAt: new Date(Date.now() + 60_000) }))).statusCode).toBe(
      200,
    )
  })

  test.each([
    ['GET', '/v1/jobs', 'jobs:read'],
    ['POST', '/v1/jobs', 'jobs:write'],
    ['GET', '/v1/jobs/x', 'jobs:read'],
    ['POST', '/v1/jobs/x/cancel', 'jobs:write'],
    ['GET', '/v1/jobs/x/events', 'jobs:read'],
    ['GET', '/v1/jobs/x/attempts', 'jobs:read'],
    ['GET', '/v1/events', 'jobs:read'],
    ['POST', '/v1/uploads', 'uploads:write'],
    ['DELETE', '/v1/uploads/x', 'uploads:write'],
    ['GET', '/v1/artifacts/x', 'jobs:read'],
    ['GET', '/v1/artifacts/x/content', 'jobs:read'],
    ['GET', '/v1/credits', 'usage:read'],
  ] as const)('%s %s needs the scope %s', async (method, url, scope) => {
    const others = scopes.filter((other) => other !== scope)
    const without = await kit.newKey({ scopes: others })
    const only = await kit.newKey({ scopes: [scope] })
    const send = (key: string) => kit.app.inject({ method, url, headers: { authorization: `Bearer ${key}` } })
    const refused = await send(without)
    expect(refused.statusCode).toBe(403)
    expect(refused.json().code).toBe('forbidden')
    expect(refused.headers['www-authenticate']).toContain(`scope="${scope}"`)
    expect([401, 403]).not.toContain((await send(only)).statusCode)
  })
})

describe('rate limits', () => {
  test('a key over its rate is refused, and told when to come back', async () => {
    const kit = await openApiKit({ settings: { rateLimitPerMinute: 3 } })
    const send = () => kit.send({ url: '/v1/skills' })
    const first = await send()
    expect(first.headers['ratelimit-policy']).toBe('"key";q=3;w=60')
    expect(first.headers['ratelimit']).toBe('"key";r=2;t=20')
    await send()
    await send()
    const refused = await send()
    expect(refused.statusCode).toBe(429)
    expect(refused.json().code).toBe('rate_limited')
    expect(Number(refused.headers['retry-after'])).toBeGreaterThan(0)
    expect((await kit.send({ url: '/livez' })).statusCode).toBe(200)
    const other = await kit.newKey()
    expect(
      (await kit.send({ url: '/v1/skills', headers: { authorization: `Bearer ${other}` } })).statusCode,
    ).toBe(200)
    await kit.close()
  })

  test('a tenant may have a rate for all its keys together', async () => {
    const kit = await openApiKit()
    const tenantId = await kit.newTenant('slow', { ratePerMinute: 2 })
    const keys = [await kit.newKey({ tenantId }), await kit.newKey({ tenantId })]
    const send = (no: number) =>
      kit.send({ url: '/v1/skills', headers: { authorization: `Bearer ${keys[no]}` } })
    expect((await send(0)).headers['ratelimit']).toBe('"tenant";r=1;t=30')
    expect((await send(1)).statusCode).toBe(200)
    expect((await send(0)).statusCode).toBe(429)
    await kit.close()
  })
})
