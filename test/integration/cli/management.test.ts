import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { exitCodes } from '../../../src/cli/exit.ts'
import { seedDelivery } from '../api/callback-kit.ts'
import { type ApiKit, openApiKit } from '../api/kit.ts'
import { clipline, jsonOf } from './command.ts'

let kit: ApiKit
beforeAll(async () => {
  kit = await openApiKit()
  const url = await kit.app.listen({ host: '127.0.0.1', port: 0 })
  vi.stubEnv('CLIPLINE_URL', url)
  vi.stubEnv('CLIPLINE_API_KEY', kit.apiKey)
})
afterAll(async () => {
  vi.unstubAllEnvs()
  await kit.close()
})

describe('clipline tenants', () => {
  test('makes, changes and lists them', async () => {
    const [made] = await jsonOf('tenants', 'create', 'Acme', '--weight', '3', '--queue-bound', '10')
    expect(made).toMatchObject({ name: 'Acme', weight: 3, queue_bound: 10 })
    const [changed] = await jsonOf(
      'tenants',
      'update',
      'Acme',
      '--queue-bound',
      'none',
      '--retention-days',
      '7',
    )
    expect(changed).toMatchObject({ id: made.id, weight: 3, queue_bound: null, retention_days: 7 })
    const listed = await jsonOf('tenants', 'list')
    expect(listed.map(({ name }) => name)).toEqual(['Acme', 'default'])
    const { code, stdout: text } = await clipline('tenants', 'list')
    expect(code).toBe(exitCodes.ok)
    expect(text).toMatch(/^id +name +weight/)
    expect(text).toContain('Acme')
  })

  test('refuses what cannot be meant, with its usage', async () => {
    for (const args of [
      [],
      ['create'],
      ['list', 'x'],
      ['update', 'Acme', '--weight', 'much'],
      ['drop', 'x'],
    ]) {
      const failure = await clipline('tenants', ...args)
      expect(failure.code).toBe(exitCodes.usage)
      expect(failure.stderr).toContain('Usage: clipline tenants')
    }
    const refused = await clipline('tenants', 'create', 'heavy', '--weight', '0')
    expect(refused.code).toBe(exitCodes.refused)
    expect(refused.stderr).toContain('/weight')
    expect((await clipline('tenants', 'update', 'nobody')).stderr).toBe(
      'clipline: there is no tenant nobody\n',
    )
  })
})

describe('clipline keys', () => {
  test('makes a key that works, lists it, and revokes it', async () => {
    const { stdout: text } = await clipline(
      'keys',
      'create',
      '--scopes',
      'jobs:read,jobs:write',
      '--name',
      'mine',
    )
    const apiKey = text.trimEnd()
    const read = () => kit.send({ url: '/v1/jobs', headers: { authorization: `Bearer ${apiKey}` } })
    expect((await read()).statusCode).toBe(200)
    const mine = (await jsonOf('keys', 'list')).find(({ name }) => name === 'mine')
    expect(mine.scopes).toEqual(['jobs:read', 'jobs:write'])
    expect((await clipline('keys', 'list')).stdout).toContain('jobs:read,jobs:write')
    expect((await clipline('keys', 'revoke', mine.id)).stdout).toBe('Revoked.\n')
    expect((await read()).statusCode).toBe(401)
  })

  test('makes keys of other tenants for an administrator', async () => {
    await clipline('tenants', 'create', 'Other')
    const [made] = await jsonOf(
      'keys',
      'create',
      '--tenant',
      'Other',
      '--scopes',
      'jobs:read',
      '--expires-in',
      '30d',
    )
    const days = (Date.parse(made.expires_at) - Date.now()) / 86_400_000
    expect(Math.round(days)).toBe(30)
    expect(await jsonOf('keys', 'list', '--tenant', 'Other')).toMatchObject([{ id: made.id }])
    expect((await clipline('keys', 'revoke', made.id)).code).toBe(exitCodes.refused)
    expect(await jsonOf('keys', 'revoke', made.id, '--tenant', 'Other')).toEqual([
      { id: made.id, revoked: true },
    ])
    expect(await jsonOf('keys', 'list', '--tenant', 'Other')).not.toMatchObject([{ revoked_at: null }])
  })

  test('refuses what cannot be meant, with its usage', async () => {
    for (const args of [
      [],
      ['create'],
      ['revoke'],
      ['create', '--scopes', 'jobs:read', '--expires-in', '1y'],
    ]) {
      const failure = await clipline('keys', ...args)
      expect(failure.code).toBe(exitCodes.usage)
      expect(failure.stderr).toContain('Usage: clipline keys')
    }
  })
})

describe('clipline deliveries', () => {
  test('lists, shows and redelivers them', async () => {
    const url = 'http://127.0.0.1:9/'
    const first = await seedDelivery(kit, { url })
    const second = await seedDelivery(kit, { url })
    await kit.store.prisma.callbackDelivery.update({
      where: { id: first.deliveryId },
      data: {
        state: 'exhausted',
        tries: 1,
        attempts: {
          create: {
            no: 1,
            startedAt: new Date(),
            durationMs: 5,
            outcome: 'retry',
            httpStatus: 502,
            error: 'HTTP 502',
          },
        },
      },
    })
    const ids = (await jsonOf('deliveries', 'list')).map(({ id }) => id)
    expect(ids).toEqual([second.deliveryId, first.deliveryId])
    expect(await jsonOf('deliveries', 'list', '--most', '1')).toMatchObject([{ id: second.deliveryId }])
    expect(await jsonOf('deliveries', 'list', '--job', first.jobId)).toMatchObject([{ id: first.deliveryId }])
    expect(await jsonOf('deliveries', 'list', '--state', 'exhausted')).toMatchObject([
      { id: first.deliveryId },
    ])
    const shown = (await clipline('deliveries', 'show', first.deliveryId)).stdout
    expect(shown).toMatch(/job\.succeeded +exhausted +1 +HTTP 502/)
    expect(shown).toMatch(/^1 +\S+ +5 +retry +502/m)
    expect(await jsonOf('deliveries', 'redeliver', first.deliveryId)).toMatchObject([{ state: 'waiting' }])
    expect((await clipline('deliveries', 'show', 'dlv_none')).code).toBe(exitCodes.refused)
    expect((await clipline('deliveries', 'list', '--most', 'all')).code).toBe(exitCodes.usage)
  })
})
