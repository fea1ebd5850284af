import { createHash } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createAccountDesk } from '../../../src/actions/access-provider.ts'
import type { Scope } from '../../../src/actions/scopes.ts'
import { systemClock } from '../../../src/clock.ts'
import { sealedPlace } from '../../../src/crypto/seal.ts'
import { newId } from '../../../src/job/ids.ts'
import { createProviderAccountStore } from '../../../src/store/provider-accounts.ts'
import { createScriptedProvider } from '../../support/scripted-provider.ts'
import { type ApiKit, openApiKit, publicUrl } from './kit.ts'

let kit: ApiKit
beforeAll(async () => {
  kit = await openApiKit()
})
afterAll(() => kit.close())

const withKey = (key: string) => ({ authorization: `Bearer ${key}` })
const create = (body: object, headers: Record<string, string> = {}, url = '/v1/keys') =>
  kit.send({ method: 'POST', url, payload: body, headers })

describe('keys of one’s own tenant', () => {
  test('are shown once, and kept as a hash alone', async () => {
    const response = await create({ name: 'ingest', scopes: ['jobs:read', 'jobs:write', 'jobs:read'] })
    expect(response.statusCode).toBe(201)
    const { key, ...shown } = response.json()
    expect(key).toMatch(/^clk_[A-Za-z0-9]{43}$/)
    expect(shown).toMatchObject({
      tenant_id: kit.tenantId,
      name: 'ingest',
      scopes: ['jobs:read', 'jobs:write'],
      expires_at: null,
      revoked_at: null,
    })
    expect(response.headers['location']).toBe(`${publicUrl}/v1/keys/${shown.id}`)
    expect((await kit.send({ url: `/v1/keys/${shown.id}` })).json()).toEqual(shown)
    expect((await kit.send({ url: '/v1/keys' })).body).not.toContain(key)
    expect((await kit.send({ url: '/v1/jobs', headers: withKey(key) })).statusCode).toBe(200)
    const { rows } = await kit.store.pool.query('SELECT k::text, a::text FROM api_keys k, audit_log a')
    expect(JSON.stringify(rows)).not.toContain(key.slice(4))
  })

  test('are made once under one idempotency key, which answers the key again', async () => {
    const body = { name: 'once', scopes: ['jobs:read'] }
    const first = await create(body, { 'idempotency-key': 'key-1' })
    const second = await create(body, { 'idempotency-key': 'key-1' })
    expect(second.headers['idempotency-replayed']).toBe('true')
    expect(second.json()).toEqual(first.json())
    const stored = await kit.store.prisma.idempotencyKey.findMany()
    expect(JSON.stringify(stored)).not.toContain(first.json().key.slice(4))
    expect(await kit.store.prisma.apiKey.count({ where: { name: 'once' } })).toBe(1)
  })

  test('are made once, however many ask at once', async () => {
    const body = { name: 'rush', scopes: ['jobs:read'] }
    const responses = await Promise.all(
      Array.from({ length: 10 }, () => create(body, { 'idempotency-key': 'rush' })),
    )
    expect(responses.every(({ statusCode }) => statusCode === 201 || statusCode === 409)).toBe(true)
    expect(await kit.store.prisma.apiKey.count({ where: { name: 'rush' } })).toBe(1)
  })

  test('get no scope that the key that asks lacks', async () => {
    const limited = withKey(await kit.newKey({ scopes: ['keys:write', 'jobs:read'] }))
    const refused = await create({ name: 'more', scopes: ['jobs:read', 'admin', 'jobs:write'] }, limited)
    expect(refused.statusCode).toBe(403)
    expect(refused.json()).toMatchObject({
      code: 'forbidden',
      errors: [{ pointer: '/scopes/1' }, { pointer: '/scopes/2' }],
    })
    expect(await kit.store.prisma.apiKey.count({ where: { name: 'more' } })).toBe(0)
    expect((await create({ name: 'same', scopes: ['jobs:read'] }, limited)).statusCode).toBe(201)
  })

  test('may be managed with keys:write or admin, and with nothing else', async () => {
    const statusWith = async (...scopes: readonly Scope[]) =>
      (await kit.send({ url: '/v1/keys', headers: withKey(await kit.newKey({ scopes })) })).statusCode
    expect(await statusWith('keys:write')).toBe(200)
    expect(await statusWith('admin')).toBe(200)
    expect(await statusWith('jobs:read', 'jobs:write', 'callbacks:write', 'intakes:write')).toBe(403)
  })

  test('may expire, but not in the past', async () => {
    const scopes = ['jobs:read']
    const past = await create({ name: 'late', scopes, expires_at: '2020-01-01T00:00:00Z' })
    expect(past.statusCode).toBe(422)
    expect(past.json()).toMatchObject({ code: 'out_of_range', errors: [{ pointer: '/expires_at' }] })
    const future = await create({ name: 'soon', scopes, expires_at: '2999-01-01T00:00:00+02:00' })
    expect(future.json().expires_at).toBe('2998-12-31T22:00:00.000Z')
    const never = await create({ name: 'never', scopes, expires_at: '9999-12-31T23:59:59-23:59' })
    expect(never.json()).toMatchObject({ status: 400, errors: [{ pointer: '/expires_at' }] })
  })

  test('everything that is wrong with one is named at once', async () => {
    const body = { name: '  ', scopes: ['jobs:fly'], expires_at: 'tomorrow', hash: 'x' }
    const response = await create(body, { 'idempotency-key': 'two words' })
    expect(response.statusCode).toBe(400)
    const pointers = response.json().errors.map(({ pointer }: { pointer: string }) => pointer)
    expect(pointers.sort()).toEqual([
      '/expires_at',
      '/hash',
      '/headers/idempotency-key',
      '/name',
      '/scopes/0',
    ])
  })

  test('what is malformed hides neither a tenant that is not there nor what may not be given', async () => {
    const admin = withKey(await kit.newKey({ scopes: ['admin', 'jobs:read'] }))
    const past = '2020-01-01T00:00:00Z'
    const asked = { tenant_id: 'ten_x', name: 'more', scopes: ['jobs:read', 'jobs:write'], expires_at: past }
    const makeFor = (body: object) => create(body, admin, '/v1/admin/keys')
    expect((await makeFor({ ...asked, name: 7, scopes: ['jobs:fly', 'jobs:write'] })).json()).toMatchObject({
      status: 400,
      errors: [
        { pointer: '/name' },
        { pointer: '/scopes/0', code: 'not_accepted' },
        { pointer: '/scopes/1', code: 'forbidden' },
        { pointer: '/tenant_id', code: 'unknown_tenant' },
        { pointer: '/expires_at', code: 'out_of_range' },
      ],
    })
    expect((await makeFor(asked)).json()).toMatchObject({
      status: 403,
      errors: [{ pointer: '/scopes/1' }, { pointer: '/tenant_id' }, { pointer: '/expires_at' }],
    })
    expect((await makeFor({ ...asked, scopes: ['jobs:read'] })).json()).toMatchObject({
      status: 422,
      code: 'unknown_tenant',
      errors: [{ pointer: '/tenant_id' }, { pointer: '/expires_at' }],
    })
  })

  test('let nobody in once they are revoked, and stay in the list', async () => {
    const { id, key } = (await create({ name: 'leaked', scopes: ['jobs:read'] })).json()
    expect((await kit.send({ url: '/v1/jobs', headers: withKey(key) })).statusCode).toBe(200)
    const revoke = () => kit.send({ method: 'DELETE', url: `/v1/keys/${id}` })
    expect((await revoke()).statusCode).toBe(204)
    expect((await kit.send({ url: '/v1/jobs', headers: withKey(key) })).statusCode).toBe(401)
    const revoked = (await kit.send({ url: `/v1/keys/${id}` })).json()
    expect(revoked.revoked_at).not.toBeNull()
    expect((await revoke()).statusCode).toBe(204)
    expect((await kit.send({ url: `/v1/keys/${id}` })).json()).toEqual(revoked)
  })

  test('of another tenant are not found', async () => {
    const { id } = (await create({ name: 'ours', scopes: ['jobs:read'] })).json()
    const stranger = withKey(
      await kit.newKey({ tenantId: await kit.newTenant('key stranger'), scopes: ['keys:write', 'admin'] }),
    )
    for (const method of ['GET', 'DELETE'] as const)
      expect((await kit.send({ method, url: `/v1/keys/${id}`, headers: stranger })).statusCode).toBe(404)
    const listed = (await kit.send({ url: '/v1/keys', headers: stranger })).json()
    expect(listed.data.map(({ name }: { name: string }) => name)).toEqual(['test'])
  })
})

describe('the provider account of a tenant', () => {
  const url = '/v1/provider-account'
  const token = 'nmv_usr_own_token'

  test('is none at first', async () => {
    expect((await kit.send({ url })).statusCode).toBe(404)
    expect((await kit.send({ method: 'DELETE', url })).statusCode).toBe(404)
  })

  test('is set, replaced and removed, and its token never shown', async () => {
    const set = await kit.send({ method: 'PUT', url, payload: { token } })
    expect(set.statusCode).toBe(200)
    expect(kit.wakes).toContain('accounts')
    expect((await kit.send({ url })).json()).toEqual(set.json())
    expect(set.body).not.toContain(token)
    const replaced = await kit.send({ method: 'PUT', url, payload: { token: 'another_token' } })
    expect(replaced.json().id).toBe(set.json().id)
    const listed = await kit.send({ url: '/v1/admin/provider-accounts' })
    expect(listed.json().data).toMatchObject([{ id: set.json().id, tenant_id: kit.tenantId, kind: 'token' }])
    const { rows } = await kit.store.pool.query(
      'SELECT p::text, a::text FROM provider_accounts p, audit_log a',
    )
    for (const text of [listed.body, JSON.stringify(rows)]) {
      expect(text).not.toContain(token)
      expect(text).not.toContain('another_token')
    }
    expect((await kit.send({ method: 'DELETE', url })).statusCode).toBe(204)
    expect((await kit.send({ url })).statusCode).toBe(404)
    expect(await kit.store.prisma.providerAccount.count()).toBe(0)
  })

  test('is what the jobs of the tenant are done with, and of nobody else', async () => {
    const desk = createAccountDesk({
      accounts: createProviderAccountStore({ pool: kit.store.pool }),
      provider: createScriptedProvider({}, []),
      sealer: kit.deps.sealer,
      clock: systemClock,
      telemetry: { state: () => undefined },
      attribution: { source: 'test', version: '1', platform: 'test' },
      configuredToken: 'shared_token',
      configuredClientId: null,
      fingerprint: (secret) => createHash('sha256').update(secret).digest('hex'),
    })
    const other = await kit.newTenant('without an account')
    const tokenOf = async (tenantId: string) => {
      desk.forget()
      const access = await desk.find({ tenantId, accountId: null })
      return access.outcome === 'ready' ? access.token : access.outcome
    }
    expect(await tokenOf(kit.tenantId)).toBe('shared_token')
    await kit.send({ method: 'PUT', url, payload: { token } })
    expect(await tokenOf(kit.tenantId)).toBe(token)
    expect(await tokenOf(other)).toBe('shared_token')
    await kit.send({ method: 'PUT', url, payload: { token: 'another_token' } })
    expect(await tokenOf(kit.tenantId)).toBe('another_token')
    const { id } = (await kit.send({ url })).json()
    await kit.send({ method: 'DELETE', url })
    expect(await tokenOf(kit.tenantId)).toBe('shared_token')
    expect(await desk.find({ tenantId: kit.tenantId, accountId: id })).toMatchObject({ outcome: 'failed' })
    await kit.store.prisma.providerAccount.deleteMany()
  })

  test('is one, however many tokens come at once', async () => {
    const responses = await Promise.all(
      Array.from({ length: 8 }, (_, no) =>
        kit.send({ method: 'PUT', url, payload: { token: `${token}_${no}` } }),
      ),
    )
    expect(new Set(responses.map(({ statusCode }) => statusCode))).toEqual(new Set([200]))
    expect(await kit.store.prisma.providerAccount.count()).toBe(1)
  })

  test.each([undefined, '', 'short', 'with a blank', 'ümlaut_token', 42])(
    'is not made with the token %j',
    async (bad) => {
      const response = await kit.send({ method: 'PUT', url, payload: { token: bad } })
      expect(response.statusCode).toBe(400)
      expect(response.json().errors).toMatchObject([{ pointer: '/token' }])
    },
  )
})

describe('provider accounts, for an administrator', () => {
  const base = '/v1/admin/provider-accounts'
  const token = 'nmv_usr_of_a_tenant'
  const make = (payload: object, headers: Record<string, string> = {}) => create(payload, headers, base)
  const limit = (id: string, payload: object) => kit.send({ method: 'PATCH', url: `${base}/${id}`, payload })

  test('are made for a tenant with a limit, once under one idempotency key, and read', async () => {
    const tenantId = await kit.newTenant('with an account')
    const asked = { tenant_id: tenantId, token, max_concurrency: 50 }
    const headers = { 'idempotency-key': 'account-1' }
    const made = await make(asked, headers)
    expect([made.statusCode, made.json()]).toEqual([
      201,
      expect.objectContaining({ tenant_id: tenantId, kind: 'token', max_concurrency: 50 }),
    ])
    expect(made.headers['location']).toBe(`${publicUrl}${base}/${made.json().id}`)
    const again = await make(asked, headers)
    expect([again.headers['idempotency-replayed'], again.json()]).toEqual(['true', made.json()])
    const read = await kit.send({ url: `${base}/${made.json().id}` })
    expect(read.json()).toEqual(made.json())
    expect(JSON.stringify(await kit.store.prisma.providerAccount.findMany())).not.toContain(token)
    const own = withKey(await kit.newKey({ tenantId, scopes: ['keys:write'] }))
    expect((await kit.send({ url: '/v1/provider-account', headers: own })).json().id).toBe(made.json().id)
    const { tokenSealed } = await kit.store.prisma.providerAccount.findUniqueOrThrow({
      where: { id: made.json().id },
    })
    const place = sealedPlace({ table: 'provider_accounts', rowId: made.json().id, tenantId })
    expect(kit.deps.sealer.open(tokenSealed ?? '', place)).toBe(token)
  })

  test('are one a tenant, and of a tenant that is there', async () => {
    const tenantId = await kit.newTenant('with one account')
    expect((await make({ tenant_id: tenantId, token })).json().max_concurrency).toBe(1_000)
    const second = await make({ tenant_id: tenantId, token })
    expect([second.statusCode, second.json().code]).toEqual([409, 'account_taken'])
    const nobody = await make({ tenant_id: 'ten_x', token })
    expect([nobody.statusCode, nobody.json().code]).toEqual([422, 'unknown_tenant'])
    expect((await make({ tenant_id: tenantId, token: 'short', max_concurrency: -1 })).json()).toMatchObject({
      code: 'invalid_request',
      errors: [{ pointer: '/token' }, { pointer: '/max_concurrency' }],
    })
    // What is malformed does not hide that the tenant is not there.
    expect((await make({ tenant_id: 'ten_x', token: 'short' })).json()).toMatchObject({
      status: 400,
      errors: [{ pointer: '/token' }, { pointer: '/tenant_id', code: 'unknown_tenant' }],
    })
  })

  test('get another limit, which the audit log tells of', async () => {
    const id = newId('account', Date.now())
    await kit.store.prisma.providerAccount.create({ data: { id, kind: 'token', identity: id } })
    const limited = await limit(id, { max_concurrency: 0 })
    expect([limited.statusCode, limited.json()]).toEqual([
      200,
      expect.objectContaining({ id, tenant_id: null, max_concurrency: 0 }),
    ])
    const { maxConcurrency } = await kit.store.prisma.providerAccount.findUniqueOrThrow({ where: { id } })
    expect(maxConcurrency).toBe(0)
    const { data } = (await kit.send({ url: '/v1/admin/audit?action=provider_account.updated' })).json()
    expect(data).toMatchObject([{ subject_id: id, tenant_id: kit.tenantId, detail: { max_concurrency: 0 } }])
    expect((await limit(id, {})).json()).toEqual(limited.json())
    expect((await limit('acc_x', { max_concurrency: 1 })).statusCode).toBe(404)
    for (const payload of [{ max_concurrency: -1 }, { max_concurrency: '5' }, { token }])
      expect((await limit(id, payload)).statusCode).toBe(400)
  })
})
