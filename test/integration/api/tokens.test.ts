import type { AddressInfo } from 'node:net'
import { Readable } from 'node:stream'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { type Clock, systemClock } from '../../../src/clock.ts'
import { newId } from '../../../src/job/ids.ts'
import { openStorage } from '../../../src/media/open-storage.ts'
import { seedJob } from '../../support/seed-job.ts'
import { openStream } from './event-stream.ts'
import { type ApiKit, type KeyOptions, openApiKit, publicUrl } from './kit.ts'

/** How far the clock of the API is ahead. */
const ahead = { ms: 0 }
const inTheFuture = async <T>(ms: number, act: () => Promise<T>): Promise<T> => {
  ahead.ms = ms
  return act().finally(() => {
    ahead.ms = 0
  })
}

/** The next heartbeat of the streams, when this test says so. */
const heartbeatMs = 15_000
let beat = () => {}
const clock: Clock = {
  ...systemClock,
  nowMs: () => systemClock.nowMs() + ahead.ms,
  after(ms, act) {
    if (ms !== heartbeatMs) return systemClock.after(ms, act)
    beat = act
    return () => {}
  },
}

let kit: ApiKit
beforeAll(async () => {
  kit = await openApiKit({ deps: { clock } })
})
afterAll(() => kit.close())

const post = (url: string, payload: object, headers: Record<string, string> = {}) =>
  kit.send({ method: 'POST', url, payload, headers })
/** As somebody without a key. */
const open = (url: string, headers: Record<string, string> = {}) =>
  kit.app.inject({ url: url.replace(publicUrl, ''), headers })
const asStranger = async () => ({
  authorization: `Bearer ${await kit.newKey({ tenantId: await kit.newTenant(newId('tenant', Date.now())) })}`,
})

/** A key with its id, so that it can be revoked. */
const newKeyRow = async (options: KeyOptions) => {
  const headers = { authorization: `Bearer ${await kit.newKey(options)}` }
  const { id: keyId } = await kit.store.prisma.apiKey.findFirstOrThrow({ orderBy: { createdAt: 'desc' } })
  return { keyId, headers }
}
const revokeKey = async (keyId: string) => {
  const revoked = await kit.send({ method: 'DELETE', url: `/v1/keys/${keyId}` })
  expect(revoked.statusCode).toBe(204)
}

const seedFile = async (expiresAt: Date | null = null): Promise<string> => {
  const id = newId('artifact', Date.now())
  const storageKey = `artifacts/${id}.mp4`
  const storage = await openStorage(`file:${kit.storageDir}`, { clock: systemClock })
  await storage.put(storageKey, Readable.from([Buffer.from('movie')]), { contentType: 'video/mp4' })
  await storage.close()
  const facts = { contentType: 'video/mp4', sizeBytes: 5, sha256: 'ab'.repeat(32), durationS: 5 }
  await kit.store.prisma.artifact.create({
    data: { id, jobId: newId('job', Date.now()), tenantId: kit.tenantId, storageKey, ...facts, expiresAt },
  })
  return id
}

describe('links to files', () => {
  const linkTo = async (id: string, payload: object = {}) =>
    (await post(`/v1/artifacts/${id}/links`, payload)).json() as { url: string; expires_at: string }

  test('open the file to whoever has them, without a key', async () => {
    const id = await seedFile()
    const response = await post(`/v1/artifacts/${id}/links`, { ttl_s: 60 })
    expect(response.statusCode).toBe(201)
    const { url, expires_at } = response.json()
    expect(response.headers['location']).toBe(url)
    expect(Date.parse(expires_at) - Date.now()).toBeLessThanOrEqual(60_000)
    const file = await open(url)
    expect(file.statusCode).toBe(200)
    expect(file.body).toBe('movie')
    expect(file.headers['referrer-policy']).toBe('no-referrer')
    expect((await open(url, { range: 'bytes=1-2' })).body).toBe('ov')
    const head = await kit.app.inject({ method: 'HEAD', url: url.replace(publicUrl, '') })
    expect(head.statusCode).toBe(200)
  })

  test('last as long as was asked, and a day if nothing was', async () => {
    const id = await seedFile()
    const { url } = await linkTo(id)
    expect((await inTheFuture(86_300_000, () => open(url))).statusCode).toBe(200)
    const late = await inTheFuture(86_500_000, () => open(url))
    expect(late.statusCode).toBe(401)
    expect(late.json().code).toBe('invalid_token')
  })

  test('are made without a body, and once per Idempotency-Key', async () => {
    const [id, other] = [await seedFile(), await seedFile()]
    const bodiless = await kit.send({ method: 'POST', url: `/v1/artifacts/${id}/links` })
    expect([bodiless.statusCode, (await open(bodiless.json().url)).statusCode]).toEqual([201, 200])
    const key = { 'idempotency-key': 'link-1' }
    const first = await post(`/v1/artifacts/${id}/links`, { ttl_s: 60 }, key)
    const again = await inTheFuture(5_000, () => post(`/v1/artifacts/${id}/links`, { ttl_s: 60 }, key))
    expect([again.statusCode, again.json()]).toEqual([201, first.json()])
    expect(again.headers).toMatchObject({ 'idempotency-replayed': 'true', location: first.json().url })
    for (const response of [
      await post(`/v1/artifacts/${id}/links`, { ttl_s: 61 }, key),
      await post(`/v1/artifacts/${other}/links`, { ttl_s: 60 }, key),
    ])
      expect([response.statusCode, response.json().code]).toEqual([422, 'idempotency_key_reused'])
    const kept = await kit.store.prisma.idempotencyKey.findFirstOrThrow({ where: { key: 'link-1' } })
    expect(JSON.stringify(kept.body)).not.toContain('token')
  })

  test('end with the file', async () => {
    const expiresAt = new Date(Date.now() + 60_000)
    expect((await linkTo(await seedFile(expiresAt), { ttl_s: 600 })).expires_at).toBe(expiresAt.toISOString())
  })

  test('open nothing else', async () => {
    const [id, other] = [await seedFile(), await seedFile()]
    const { url } = await linkTo(id)
    const token = new URL(url).searchParams.get('token')
    expect((await open(`/v1/artifacts/${other}/content?token=${token}`)).statusCode).toBe(401)
    expect((await open(`/v1/artifacts/${id}?token=${token}`)).statusCode).toBe(401)
    expect((await open(`/v1/jobs/${id}/events?token=${token}`)).statusCode).toBe(401)
    expect((await open(`/v1/jobs?token=${token}`)).statusCode).toBe(401)
  })

  test.each([
    ['forged', (token: string) => `${token.slice(0, -1)}${token.endsWith('A') ? 'B' : 'A'}`],
    ['cut off', (token: string) => token.slice(0, 40)],
    ['empty', () => ''],
    ['given twice', (token: string) => `${token}&token=${token}`],
  ])('are refused when they are %s, even beside a key', async (_how, change) => {
    const { url } = await linkTo(await seedFile())
    const [path, token = ''] = url.replace(publicUrl, '').split('?token=')
    const response = await kit.send({ url: `${path}?token=${change(token)}` })
    expect(response.statusCode).toBe(401)
    expect(response.json().code).toBe('invalid_token')
  })

  test.each([{ ttl_s: 0 }, { ttl_s: 604_801 }, { ttl_s: 1.5 }, { ttl_s: '60' }, { ttl: 60 }])(
    'are not made with %j',
    async (payload) => {
      expect((await post(`/v1/artifacts/${await seedFile()}/links`, payload)).statusCode).toBe(400)
    },
  )

  test('end when the key that made them is revoked, but outlive one that expires', async () => {
    const id = await seedFile()
    const make = async (expiresAt?: Date) => {
      const { keyId, headers } = await newKeyRow({ ...(expiresAt && { expiresAt }) })
      return { keyId, url: (await post(`/v1/artifacts/${id}/links`, {}, headers)).json().url as string }
    }
    const [revoked, expired] = [await make(), await make(new Date(Date.now() + 60_000))]
    expect((await open(revoked.url)).statusCode).toBe(200)
    await revokeKey(revoked.keyId)
    const late = await open(revoked.url)
    expect([late.statusCode, late.json().code]).toEqual([401, 'invalid_token'])
    expect((await inTheFuture(3_600_000, () => open(expired.url))).statusCode).toBe(200)
  })

  test('end with their tenant, and with their file', async () => {
    const tenantId = await kit.newTenant(newId('tenant', Date.now()))
    const { headers } = await newKeyRow({ tenantId })
    const [id, gone] = [await seedFile(), await seedFile()]
    await kit.store.prisma.artifact.updateMany({ where: { id }, data: { tenantId } })
    const { url } = (await post(`/v1/artifacts/${id}/links`, {}, headers)).json()
    expect((await open(url)).statusCode).toBe(200)
    const removed = await kit.send({ method: 'DELETE', url: `/v1/admin/tenants/${tenantId}` })
    expect(removed.statusCode).toBe(204)
    expect((await open(url)).statusCode).toBe(401)
    const other = await linkTo(gone)
    await kit.store.prisma.artifact.delete({ where: { id: gone } })
    expect((await open(other.url)).statusCode).toBe(404)
  })

  test('are not made for the file of another tenant', async () => {
    const response = await post(`/v1/artifacts/${await seedFile()}/links`, {}, await asStranger())
    expect(response.statusCode).toBe(404)
  })

  test('are not made by a key that may not read jobs', async () => {
    const authorization = `Bearer ${await kit.newKey({ scopes: ['uploads:write'] })}`
    const response = await post(`/v1/artifacts/${await seedFile()}/links`, {}, { authorization })
    expect(response.statusCode).toBe(403)
  })

  test('have a rate of their own, each', async () => {
    const slow = await openApiKit({ settings: { rateLimitPerMinute: 1 } })
    const id = newId('artifact', Date.now())
    const facts = { contentType: 'video/mp4', sizeBytes: 5, sha256: 'ab'.repeat(32), durationS: 5 }
    await slow.store.prisma.artifact.create({
      data: { id, jobId: 'job_1', tenantId: slow.tenantId, storageKey: 'artifacts/x.mp4', ...facts },
    })
    const made = await slow.send({ method: 'POST', url: `/v1/artifacts/${id}/links`, payload: {} })
    const url = made.json().url.replace(publicUrl, '')
    const statuses = [
      await slow.app.inject({ method: 'HEAD', url }),
      await slow.app.inject({ method: 'HEAD', url }),
    ].map(({ statusCode }) => statusCode)
    expect(statuses).toEqual([200, 429])
    await slow.close()
  })
})

describe('stream tokens', () => {
  const seed = () =>
    seedJob(kit.store.pool, {
      job: { tenant_id: kit.tenantId, state: 'canceled', finished_at: new Date(), seq: 1 },
      request: { tenant_id: kit.tenantId },
    })

  const listen = async (): Promise<string> => {
    if (!kit.app.server.listening) await kit.app.listen({ host: '127.0.0.1', port: 0 })
    return `http://127.0.0.1:${(kit.app.server.address() as AddressInfo).port}`
  }

  test('open the events of their job, as a stream and as a page', async () => {
    const id = await seed()
    const response = await post('/v1/stream-tokens', { job_id: id, ttl_s: 60 })
    expect(response.statusCode).toBe(201)
    const { url, token } = response.json()
    expect(url).toBe(`${publicUrl}/v1/jobs/${id}/events?token=${token}`)
    expect((await open(url)).json().data).toMatchObject([{ type: 'job.queued', job_id: id }])
    const stream = await openStream(url.replace(publicUrl, await listen()), {})
    expect(await stream.next()).toMatchObject({ event: 'job.queued', id: '1' })
    stream.disconnect()
  })

  test('end after their time, and open no other job', async () => {
    const [id, other] = [await seed(), await seed()]
    const { url, token } = (await post('/v1/stream-tokens', { job_id: id })).json()
    expect((await open(`/v1/jobs/${other}/events?token=${token}`)).statusCode).toBe(401)
    expect((await open(`/v1/jobs/${id}?token=${token}`)).statusCode).toBe(401)
    expect((await open(`/v1/events?token=${token}`)).statusCode).toBe(401)
    expect((await inTheFuture(901_000, () => open(url))).json().code).toBe('invalid_token')
  })

  test('end with the key that made them, whether it is revoked or expires', async () => {
    const id = await seed()
    const make = async (expiresAt?: Date) => {
      const { keyId, headers } = await newKeyRow({ ...(expiresAt && { expiresAt }) })
      const made = await post('/v1/stream-tokens', { job_id: id }, headers)
      return { keyId, ...(made.json() as { url: string; expires_at: string }) }
    }
    const keyEndsAt = new Date(Date.now() + 60_000)
    const [revoked, expired] = [await make(), await make(keyEndsAt)]
    for (const { url } of [revoked, expired]) expect((await open(url)).statusCode).toBe(200)
    await revokeKey(revoked.keyId)
    expect((await open(revoked.url)).json().code).toBe('invalid_token')
    expect(expired.expires_at).toBe(keyEndsAt.toISOString())
    expect((await inTheFuture(61_000, () => open(expired.url))).json().code).toBe('invalid_token')
  })

  test('leave no stream open behind a revoked key: it ends with the next heartbeat', async () => {
    const id = await seedJob(kit.store.pool, { job: { tenant_id: kit.tenantId } })
    const { keyId, headers } = await newKeyRow({})
    const { url } = (await post('/v1/stream-tokens', { job_id: id }, headers)).json()
    const origin = await listen()
    const byToken = await openStream(url.replace(publicUrl, origin), {})
    const byKey = await openStream(`${origin}/v1/events?after=now`, headers)
    const other = await openStream(`${origin}/v1/events?after=now`, { authorization: `Bearer ${kit.apiKey}` })
    beat()
    await vi.waitFor(() => expect(byToken.comments).toEqual(['heartbeat']))
    await revokeKey(keyId)
    beat()
    await Promise.all([byToken.ended, byKey.ended])
    beat()
    await vi.waitFor(() => expect(other.comments).toEqual(['heartbeat', 'heartbeat', 'heartbeat']))
    other.disconnect()
  })

  test('are made once per Idempotency-Key', async () => {
    const [id, other] = [await seed(), await seed()]
    const key = { 'idempotency-key': 'token-1' }
    const nothing = await post('/v1/stream-tokens', { job_id: newId('job', Date.now()) }, key)
    expect(nothing.statusCode).toBe(404)
    const first = await post('/v1/stream-tokens', { job_id: id }, key)
    const again = await inTheFuture(5_000, () => post('/v1/stream-tokens', { job_id: id }, key))
    expect([again.statusCode, again.json()]).toEqual([201, first.json()])
    expect(again.headers).toMatchObject({ 'idempotency-replayed': 'true', location: first.json().url })
    const reused = await post('/v1/stream-tokens', { job_id: other }, key)
    expect([reused.statusCode, reused.json().code]).toEqual([422, 'idempotency_key_reused'])
    const bad = await post('/v1/stream-tokens', { ttl_s: 0 }, { 'idempotency-key': 'two words' })
    expect(bad.json().errors).toMatchObject([
      { pointer: '/headers/idempotency-key' },
      { pointer: '/ttl_s' },
      { pointer: '' },
    ])
  })

  test('are for jobs of the tenant, and for an hour at most', async () => {
    const id = await seed()
    expect((await post('/v1/stream-tokens', { job_id: id }, await asStranger())).statusCode).toBe(404)
    expect((await post('/v1/stream-tokens', { job_id: id, ttl_s: 3_601 })).statusCode).toBe(400)
    expect((await post('/v1/stream-tokens', {})).statusCode).toBe(400)
  })

  test('open one batch, and neither another one nor a job', async () => {
    const make = async (): Promise<string> => (await post('/v1/batches', { name: 'autumn' })).json().id
    const [batchId, otherId] = [await make(), await make()]
    const made = await post('/v1/stream-tokens', { batch_id: batchId })
    expect(made.statusCode).toBe(201)
    const { token, url } = made.json()
    expect(url).toBe(`${publicUrl}/v1/batches/${batchId}?token=${token}`)
    const shown = await open(url)
    expect([shown.statusCode, shown.json().id]).toEqual([200, batchId])
    expect((await open(`/v1/batches/${otherId}?token=${token}`)).statusCode).toBe(401)
    const jobId = await seedJob(kit.store.pool, { job: { tenant_id: kit.tenantId } })
    expect((await open(`/v1/jobs/${jobId}/events?token=${token}`)).statusCode).toBe(401)
    const ofJob = (await post('/v1/stream-tokens', { job_id: jobId })).json().token
    expect((await open(`/v1/batches/${batchId}?token=${ofJob}`)).statusCode).toBe(401)
    expect((await open(`/v1/batches/${batchId}/close?token=${token}`)).statusCode).toBe(405)
    await inTheFuture(3_600_000, async () => expect((await open(url)).statusCode).toBe(401))
  })

  test('are for batches of the tenant, and for either a job or a batch', async () => {
    const batchId = (await post('/v1/batches', { name: 'autumn' })).json().id
    const foreign = await post('/v1/stream-tokens', { batch_id: batchId }, await asStranger())
    expect(foreign.statusCode).toBe(404)
    for (const body of [{}, { job_id: 'job_1', batch_id: batchId }])
      expect((await post('/v1/stream-tokens', body)).statusCode).toBe(400)
  })
})

describe('pages of other origins', () => {
  const forPages = {
    'access-control-allow-origin': '*',
    'cross-origin-resource-policy': 'cross-origin',
    'access-control-expose-headers': expect.stringContaining('etag'),
  }
  const seedTokens = async (): Promise<string[]> => {
    const jobId = await seedJob(kit.store.pool, { job: { tenant_id: kit.tenantId } })
    const batchId = (await post('/v1/batches', { name: 'autumn' })).json().id
    const artifactId = await seedFile()
    const [ofJob, ofBatch, ofFile] = await Promise.all([
      post('/v1/stream-tokens', { job_id: jobId }),
      post('/v1/stream-tokens', { batch_id: batchId }),
      post(`/v1/artifacts/${artifactId}/links`, {}),
    ])
    const [jobUrl, batchUrl, fileUrl] = [ofJob, ofBatch, ofFile].map((made) => made?.json().url as string)
    const results = (batchUrl ?? '').replace('?', '/results?')
    return [jobUrl ?? '', batchUrl ?? '', results, results.replace('results', 'errors'), fileUrl ?? '']
  }

  test('may read whatever a token opens, and why one opens nothing', async () => {
    for (const url of await seedTokens()) {
      const headers = { origin: 'https://shop.example' }
      const shown = await open(url, headers)
      expect([url, shown.statusCode, shown.headers]).toEqual([
        url,
        expect.toSatisfy((status: number) => status < 300),
        expect.objectContaining(forPages),
      ])
      const refused = await open(`${url.split('?')[0]}?token=forged`, headers)
      expect([refused.statusCode, refused.headers]).toEqual([401, expect.objectContaining(forPages)])
    }
  })

  test('may ask first, on every path that a token opens', async () => {
    const { paths = {} } = (await open('/openapi.json')).json()
    const opened = Object.entries<{ get?: { security?: object[] } }>(paths)
      .filter(([, { get }]) => get?.security?.some((needed) => 'token' in needed))
      .map(([path]) => path)
    expect(opened).toHaveLength(5)
    for (const path of opened) {
      const asked = await kit.app.inject({
        method: 'OPTIONS',
        url: `${path.replace('{id}', 'x')}?token=any`,
        headers: {
          origin: 'https://shop.example',
          'access-control-request-method': 'GET',
          'access-control-request-headers': 'last-event-id',
        },
      })
      expect([path, asked.statusCode, asked.headers]).toEqual([
        path,
        204,
        expect.objectContaining({
          'access-control-allow-origin': '*',
          'access-control-allow-methods': 'GET, HEAD',
          'access-control-allow-headers': expect.stringContaining('last-event-id'),
        }),
      ])
      expect(asked.headers['access-control-allow-headers']).not.toContain('authorization')
    }
  })

  test('read nothing that takes a key, and cannot ask for it', async () => {
    const [jobUrl = ''] = await seedTokens()
    const [path = ''] = jobUrl.replace(publicUrl, '').split('?')
    for (const url of [path, '/v1/jobs', '/v1/stream-tokens', '/console']) {
      const asked = await kit.app.inject({
        method: 'OPTIONS',
        url,
        headers: { origin: 'https://shop.example', 'access-control-request-method': 'GET' },
      })
      expect([url, asked.statusCode, asked.headers.allow]).toEqual([url, 405, expect.any(String)])
      const read = await kit.send({ url, headers: { origin: 'https://shop.example' } })
      expect(read.headers['access-control-allow-origin']).toBeUndefined()
      expect(read.headers['cross-origin-resource-policy']).toBe('same-origin')
    }
  })
})
