import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createDispatchStore } from '../../../src/store/dispatch.ts'
import { seedJob } from '../../support/seed-job.ts'
import { type ApiKit, openApiKit, publicUrl } from './kit.ts'

let kit: ApiKit
beforeAll(async () => {
  kit = await openApiKit()
})
afterAll(() => kit.close())

const base = '/v1/admin/tenants'
const withKey = (key: string) => ({ authorization: `Bearer ${key}` })
const create = (body: object, headers: Record<string, string> = {}) =>
  kit.send({ method: 'POST', url: base, payload: body, headers })
const patch = (id: string, body: object) => kit.send({ method: 'PATCH', url: `${base}/${id}`, payload: body })
const remove = (id: string) => kit.send({ method: 'DELETE', url: `${base}/${id}` })

let names = 0
const newTenant = async (body: object = {}) => {
  names += 1
  const { id } = (await create({ name: `tenant ${names}`, ...body })).json()
  const made = await kit.send({
    method: 'POST',
    url: '/v1/admin/keys',
    payload: { tenant_id: id, name: 'first', scopes: ['jobs:read', 'jobs:write', 'callbacks:read'] },
  })
  return { id: id as string, key: made.json().key as string, keyId: made.json().id as string }
}

const submit = (key: string) =>
  kit.send({ method: 'POST', url: '/v1/jobs', payload: { prompt: 'a fox' }, headers: withKey(key) })

describe('tenants', () => {
  test('are made with the limits that were not given at their defaults', async () => {
    const response = await create({ name: 'Acme', weight: 3 })
    expect(response.statusCode).toBe(201)
    const tenant = response.json()
    expect(tenant).toMatchObject({
      name: 'Acme',
      weight: 3,
      max_concurrency: 1_000,
      rate_per_minute: null,
      queue_bound: null,
      max_credits_per_day: null,
      retention_days: 30,
    })
    expect(response.headers['location']).toBe(`${publicUrl}${base}/${tenant.id}`)
    expect((await kit.send({ url: `${base}/${tenant.id}` })).json()).toEqual(tenant)
    expect((await kit.send({ url: `${base}?name=Acme` })).json().data).toEqual([tenant])
  })

  test('have names of their own', async () => {
    await create({ name: 'unique' })
    expect((await create({ name: 'unique' })).json()).toMatchObject({ status: 409, code: 'name_taken' })
    const { id } = await newTenant()
    expect((await patch(id, { name: 'unique' })).json().code).toBe('name_taken')
    const race = await Promise.all(Array.from({ length: 5 }, () => create({ name: 'raced' })))
    expect(race.map(({ statusCode }) => statusCode).sort()).toEqual([201, 409, 409, 409, 409])
  })

  test('are made once under one idempotency key', async () => {
    const first = await create({ name: 'keyed' }, { 'idempotency-key': 'tenant-1' })
    const second = await create({ name: 'keyed' }, { 'idempotency-key': 'tenant-1' })
    expect(second.statusCode).toBe(201)
    expect(second.json()).toEqual(first.json())
    const reused = await create({ name: 'keyed too' }, { 'idempotency-key': 'tenant-1' })
    expect(reused.json().code).toBe('idempotency_key_reused')
  })

  test('are limited in what they spend a day, and the limit is lifted with null', async () => {
    const { id, max_credits_per_day } = (await create({ name: 'thrifty', max_credits_per_day: 100 })).json()
    expect(max_credits_per_day).toBe(100)
    expect((await patch(id, { max_credits_per_day: 0 })).json().max_credits_per_day).toBe(0)
    expect((await patch(id, { max_credits_per_day: null })).json().max_credits_per_day).toBeNull()
  })

  test.each([
    { weight: 0 },
    { max_concurrency: -1 },
    { rate_per_minute: 0 },
    { queue_bound: 1.5 },
    { max_credits_per_day: -1 },
    { retention_days: 0 },
    { retention_days: null },
    { name: '' },
    { deleted_at: '2026-01-01T00:00:00Z' },
  ])('are not changed to %o', async (change) => {
    const { id } = await newTenant()
    const response = await patch(id, change)
    expect(response.statusCode).toBe(400)
    expect(response.json().errors).toMatchObject([{ pointer: `/${Object.keys(change)[0]}` }])
  })

  test('are an administrator’s business', async () => {
    const { id, key } = await newTenant()
    const everythingElse = await kit.newKey({
      scopes: ['jobs:read', 'jobs:write', 'keys:write', 'callbacks:write', 'usage:read'],
    })
    const calls = [
      ['GET', base],
      ['POST', base],
      ['GET', `${base}/${id}`],
      ['PATCH', `${base}/${id}`],
      ['DELETE', `${base}/${id}`],
      ['GET', '/v1/admin/keys'],
      ['POST', '/v1/admin/keys'],
      ['GET', '/v1/admin/keys/x'],
      ['DELETE', '/v1/admin/keys/x'],
      ['GET', '/v1/admin/provider-accounts'],
      ['POST', '/v1/admin/provider-accounts'],
      ['GET', '/v1/admin/provider-accounts/x'],
      ['PATCH', '/v1/admin/provider-accounts/x'],
      ['GET', '/v1/admin/audit'],
    ] as const
    for (const [method, url] of calls)
      for (const held of [key, everythingElse]) {
        const response = await kit.send({ method, url, headers: withKey(held) })
        expect([method, url, response.statusCode]).toEqual([method, url, 403])
        expect(response.headers['www-authenticate']).toContain('scope="admin"')
      }
  })
})

describe('limits of a tenant', () => {
  test('its rate holds from its next request on', async () => {
    const { id, key } = await newTenant()
    const read = () => kit.send({ url: '/v1/jobs', headers: withKey(key) })
    expect((await read()).headers['ratelimit']).toBeUndefined()
    await patch(id, { rate_per_minute: 2 })
    expect((await read()).headers['ratelimit-policy']).toBe('"tenant";q=2;w=60')
    await read()
    expect((await read()).statusCode).toBe(429)
    await patch(id, { rate_per_minute: null })
    expect((await read()).statusCode).toBe(200)
  })

  test('its queue takes as much as it may', async () => {
    const { id, key } = await newTenant({ queue_bound: 1 })
    expect((await submit(key)).statusCode).toBe(202)
    expect((await submit(key)).json().code).toBe('queue_full')
    await patch(id, { queue_bound: 2 })
    expect((await submit(key)).statusCode).toBe(202)
  })

  test('its weight and concurrency are the dispatcher’s', async () => {
    const dispatch = createDispatchStore({ pool: kit.store.jobPool })
    await kit.store.pool.query('DELETE FROM jobs')
    await dispatch.recordWorker({ id: 'worker', slots: 4 })
    const heavy = await newTenant({ weight: 3 })
    const light = await newTenant()
    const held = await newTenant({ max_concurrency: 0 })
    for (const { id } of [heavy, light, held])
      for (let no = 0; no < 8; no += 1)
        await seedJob(kit.store.pool, { job: { tenant_id: id }, request: { tenant_id: id } })
    const ring = async () => {
      const bells = await dispatch.ringJobs({
        most: 100,
        againAfterMs: 60_000,
        sharedAccountId: 'acc_shared',
      })
      const jobs = await kit.store.prisma.job.findMany({ where: { id: { in: bells.map(({ id }) => id) } } })
      return [heavy, light, held].map(({ id }) => jobs.filter(({ tenantId }) => tenantId === id).length)
    }
    expect(await ring()).toEqual([6, 2, 0])
    await kit.store.pool.query('UPDATE jobs SET rung_at = NULL WHERE rung_at IS NOT NULL')
    await patch(held.id, { max_concurrency: 1 })
    expect((await ring())[2]).toBe(1)
    await kit.store.pool.query('DELETE FROM jobs')
  })
})

describe('a tenant that is deleted', () => {
  test('lets nobody in, and is not found any more', async () => {
    const { id, key } = await newTenant()
    await kit.store.prisma.providerAccount.create({
      data: { id: 'acc_1', tenantId: id, kind: 'token', identity: `tenant:${id}`, tokenSealed: 'x' },
    })
    expect((await remove(id)).statusCode).toBe(204)
    expect((await kit.send({ url: '/v1/jobs', headers: withKey(key) })).statusCode).toBe(401)
    expect((await kit.send({ url: `${base}/${id}` })).statusCode).toBe(404)
    expect((await remove(id)).statusCode).toBe(404)
    expect((await patch(id, { weight: 2 })).statusCode).toBe(404)
    expect(await kit.store.prisma.providerAccount.count({ where: { tenantId: id } })).toBe(0)
    const newKey = await kit.send({
      method: 'POST',
      url: '/v1/admin/keys',
      payload: { tenant_id: id, name: 'late', scopes: ['jobs:read'] },
    })
    expect(newKey.json()).toMatchObject({ status: 422, code: 'unknown_tenant' })
  })

  test('has no job that is not finished', async () => {
    const { id, key } = await newTenant()
    const job = (await submit(key)).json()
    expect((await remove(id)).json()).toMatchObject({ status: 409, code: 'tenant_in_use' })
    await kit.send({ method: 'POST', url: `/v1/jobs/${job.id}/cancel`, headers: withKey(key) })
    expect((await remove(id)).statusCode).toBe(204)
  })

  test('is not the one that asks', async () => {
    expect((await remove(kit.tenantId)).json().code).toBe('tenant_in_use')
  })
})

describe('keys that an administrator makes', () => {
  test('belong to the tenant that was named', async () => {
    const { id, key, keyId } = await newTenant()
    const secret = (await kit.send({ url: '/v1/callback-secret', headers: withKey(key) })).json()
    expect(secret.secret).toMatch(/^whsec_/)
    const listed = (await kit.send({ url: `/v1/admin/keys?tenant_id=${id}` })).json()
    expect(listed.data).toMatchObject([{ id: keyId, tenant_id: id, name: 'first' }])
    expect((await kit.send({ url: `/v1/admin/keys/${keyId}` })).json()).toEqual(listed.data[0])
    expect((await kit.send({ url: `/v1/keys/${keyId}` })).statusCode).toBe(404)
    expect((await kit.send({ method: 'DELETE', url: `/v1/admin/keys/${keyId}` })).statusCode).toBe(204)
    expect((await kit.send({ url: '/v1/jobs', headers: withKey(key) })).statusCode).toBe(401)
  })

  test('have no scope that the administrator lacks', async () => {
    const { id } = await newTenant()
    const admin = await kit.newKey({ scopes: ['admin', 'jobs:read'] })
    const response = await kit.send({
      method: 'POST',
      url: '/v1/admin/keys',
      payload: { tenant_id: id, name: 'more', scopes: ['jobs:read', 'jobs:write'] },
      headers: withKey(admin),
    })
    expect(response.statusCode).toBe(403)
    expect(response.json().errors).toMatchObject([{ pointer: '/scopes/1' }])
  })
})

describe('the audit log', () => {
  test('tells who did what to whom, newest first, in pages', async () => {
    const { id, keyId } = await newTenant()
    await patch(id, { weight: 5 })
    await kit.send({ method: 'DELETE', url: `/v1/admin/keys/${keyId}`, headers: { 'x-request-id': 'req-7' } })
    await remove(id)
    const url = `/v1/admin/audit?tenant_id=${id}`
    const entries = (await kit.send({ url })).json().data
    expect(entries.map(({ action }: { action: string }) => action)).toEqual([
      'tenant.deleted',
      'key.revoked',
      'tenant.updated',
      'key.created',
      'tenant.created',
    ])
    expect(entries[1]).toMatchObject({ subject_id: keyId, request_id: 'req-7' })
    expect(entries[2]).toMatchObject({ subject_id: id, detail: { weight: 5 } })
    const actor = await kit.store.prisma.apiKey.findFirstOrThrow({ where: { name: 'bootstrap' } })
    expect(new Set(entries.map((entry: { key_id: string }) => entry.key_id))).toEqual(new Set([actor.id]))
    const first = (await kit.send({ url: `${url}&limit=2` })).json()
    const next = (await kit.send({ url: `${url}&limit=2&cursor=${first.next_cursor}` })).json()
    expect([...first.data, ...next.data]).toEqual(entries.slice(0, 4))
    const revoked = (await kit.send({ url: `${url}&action=key.revoked` })).json()
    expect(revoked.data).toEqual([entries[1]])
  })

  test('says nothing of what was refused', async () => {
    const count = () => kit.store.prisma.auditEntry.count()
    const before = await count()
    await create({ name: 'spendthrift', max_credits_per_day: -1 })
    await create({ name: 'default' })
    await remove(kit.tenantId)
    expect(await count()).toBe(before)
  })

  test('can only be added to', async () => {
    await newTenant()
    for (const sql of ['UPDATE audit_log SET detail = $$1$$', 'DELETE FROM audit_log', 'TRUNCATE audit_log'])
      await expect(kit.store.pool.query(sql)).rejects.toThrow('append-only')
  })
})
