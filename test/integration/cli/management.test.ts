import { Readable } from 'node:stream'
import { afterAll, beforeAll, describe, expect, onTestFinished, test, vi } from 'vitest'
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

describe('clipline provider-accounts', () => {
  const accounts = (...args: readonly string[]) => jsonOf('provider-accounts', ...args)
  const feedStdin = (text: string) => {
    const stdin = Readable.from([text]) as unknown as typeof process.stdin
    const spy = vi.spyOn(process, 'stdin', 'get').mockReturnValue(stdin)
    onTestFinished(() => spy.mockRestore())
  }

  test('makes one with the token on stdin, changes its limit and lists it, without its token', async () => {
    await jsonOf('tenants', 'create', 'Studio')
    feedStdin('nemo-token-of-studio\n')
    const [made] = await accounts('create', '--tenant', 'Studio', '--max-concurrency', '50')
    expect(made).toMatchObject({ kind: 'token', max_concurrency: 50 })
    const [changed] = await accounts('update', made.id, '--max-concurrency', '200')
    expect(changed).toEqual({ ...made, max_concurrency: 200 })
    expect(await accounts('list')).toContainEqual(changed)
    const { stdout } = await clipline('provider-accounts', 'list')
    expect(stdout).toMatch(/^id +tenant_id +kind +max_concurrency/)
    expect(stdout).toContain(made.id)
    expect(JSON.stringify([made, changed, stdout])).not.toContain('nemo-token')
    const row = await kit.store.prisma.providerAccount.findUniqueOrThrow({ where: { id: made.id } })
    expect(row.tenantId).toBe(made.tenant_id)
  })

  test('takes the token from CLIPLINE_PROVIDER_TOKEN before stdin, and gives a tenant one account', async () => {
    await jsonOf('tenants', 'create', 'Agency')
    feedStdin('no token')
    vi.stubEnv('CLIPLINE_PROVIDER_TOKEN', 'nemo-token-of-agency')
    onTestFinished(() => void vi.stubEnv('CLIPLINE_PROVIDER_TOKEN', undefined))
    expect(await accounts('create', '--tenant', 'Agency')).toMatchObject([{ max_concurrency: 1_000 }])
    const again = await clipline('provider-accounts', 'create', '--tenant', 'Agency')
    expect(again.code).toBe(exitCodes.refused)
    expect(again.stderr).not.toContain('nemo-token')
  })

  test('refuses what cannot be meant, with its usage, and takes no token as an argument', async () => {
    feedStdin(' \n')
    for (const args of [
      [],
      ['create'],
      ['create', '--tenant', 'Acme'],
      ['create', '--tenant', 'Acme', '--token', 'nemo-token'],
      ['create', 'nemo-token', '--tenant', 'Acme'],
      ['list', 'x'],
      ['update'],
      ['update', 'acc_1'],
      ['update', 'acc_1', '--max-concurrency', 'none'],
    ]) {
      const failure = await clipline('provider-accounts', ...args)
      expect(failure.code).toBe(exitCodes.usage)
      expect(failure.stderr).toContain('Usage: clipline provider-accounts')
    }
    const absent = await clipline('provider-accounts', 'update', 'acc_none', '--max-concurrency', '1')
    expect(absent.code).toBe(exitCodes.refused)
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
