import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { run as deliveries } from '../../../src/cli/deliveries.ts'
import { type CommandFailed, exitCodes } from '../../../src/cli/exit.ts'
import { run as keys } from '../../../src/cli/keys.ts'
import { run as tenants } from '../../../src/cli/tenants.ts'
import { seedDelivery } from '../api/callback-kit.ts'
import { type ApiKit, openApiKit } from '../api/kit.ts'

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

type Run = (args: readonly string[]) => Promise<number>

/** What a command writes, and how it ends. */
const call = async (run: Run, ...args: readonly string[]) => {
  let text = ''
  const spy = vi.spyOn(process.stdout, 'write').mockImplementation((chunk) => {
    text += String(chunk)
    return true
  })
  try {
    return { code: await run(args), text }
  } finally {
    spy.mockRestore()
  }
}

const failureOf = async (run: Run, ...args: readonly string[]): Promise<CommandFailed> =>
  call(run, ...args).then(
    () => {
      throw new Error('the command succeeded')
    },
    (error: CommandFailed) => error,
  )

const jsonOf = async (run: Run, ...args: readonly string[]) => {
  const { text } = await call(run, ...args, '--json')
  return text
    .trimEnd()
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line))
}

describe('clipline tenants', () => {
  test('makes, changes and lists them', async () => {
    const [made] = await jsonOf(tenants, 'create', 'Acme', '--weight', '3', '--queue-bound', '10')
    expect(made).toMatchObject({ name: 'Acme', weight: 3, queue_bound: 10 })
    const [changed] = await jsonOf(
      tenants,
      'update',
      'Acme',
      '--queue-bound',
      'none',
      '--retention-days',
      '7',
    )
    expect(changed).toMatchObject({ id: made.id, weight: 3, queue_bound: null, retention_days: 7 })
    const listed = await jsonOf(tenants, 'list')
    expect(listed.map(({ name }) => name)).toEqual(['Acme', 'default'])
    const { code, text } = await call(tenants, 'list')
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
      const failure = await failureOf(tenants, ...args)
      expect(failure.exitCode).toBe(exitCodes.usage)
      expect(failure.message).toContain('Usage: clipline tenants')
    }
    const refused = await failureOf(tenants, 'create', 'heavy', '--weight', '0')
    expect(refused.exitCode).toBe(exitCodes.refused)
    expect(refused.message).toContain('/weight')
    expect((await failureOf(tenants, 'update', 'nobody')).message).toBe('there is no tenant nobody')
  })
})

describe('clipline keys', () => {
  test('makes a key that works, lists it, and revokes it', async () => {
    const { text } = await call(keys, 'create', '--scopes', 'jobs:read,jobs:write', '--name', 'mine')
    const apiKey = text.trimEnd()
    const read = () => kit.send({ url: '/v1/jobs', headers: { authorization: `Bearer ${apiKey}` } })
    expect((await read()).statusCode).toBe(200)
    const mine = (await jsonOf(keys, 'list')).find(({ name }) => name === 'mine')
    expect(mine.scopes).toEqual(['jobs:read', 'jobs:write'])
    expect((await call(keys, 'list')).text).toContain('jobs:read,jobs:write')
    expect((await call(keys, 'revoke', mine.id)).text).toBe('Revoked.\n')
    expect((await read()).statusCode).toBe(401)
  })

  test('makes keys of other tenants for an administrator', async () => {
    await call(tenants, 'create', 'Other')
    const [made] = await jsonOf(
      keys,
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
    expect(await jsonOf(keys, 'list', '--tenant', 'Other')).toMatchObject([{ id: made.id }])
    expect((await failureOf(keys, 'revoke', made.id)).exitCode).toBe(exitCodes.refused)
    expect(await jsonOf(keys, 'revoke', made.id, '--tenant', 'Other')).toEqual([
      { id: made.id, revoked: true },
    ])
    expect(await jsonOf(keys, 'list', '--tenant', 'Other')).not.toMatchObject([{ revoked_at: null }])
  })

  test('refuses what cannot be meant, with its usage', async () => {
    for (const args of [
      [],
      ['create'],
      ['revoke'],
      ['create', '--scopes', 'jobs:read', '--expires-in', '1y'],
    ]) {
      const failure = await failureOf(keys, ...args)
      expect(failure.exitCode).toBe(exitCodes.usage)
      expect(failure.message).toContain('Usage: clipline keys')
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
    const ids = (await jsonOf(deliveries, 'list')).map(({ id }) => id)
    expect(ids).toEqual([second.deliveryId, first.deliveryId])
    expect(await jsonOf(deliveries, 'list', '--most', '1')).toMatchObject([{ id: second.deliveryId }])
    expect(await jsonOf(deliveries, 'list', '--job', first.jobId)).toMatchObject([{ id: first.deliveryId }])
    expect(await jsonOf(deliveries, 'list', '--state', 'exhausted')).toMatchObject([{ id: first.deliveryId }])
    const shown = (await call(deliveries, 'show', first.deliveryId)).text
    expect(shown).toMatch(/job\.succeeded +exhausted +1 +HTTP 502/)
    expect(shown).toMatch(/^1 +\S+ +5 +retry +502/m)
    expect(await jsonOf(deliveries, 'redeliver', first.deliveryId)).toMatchObject([{ state: 'waiting' }])
    expect((await failureOf(deliveries, 'show', 'dlv_none')).exitCode).toBe(exitCodes.refused)
    expect((await failureOf(deliveries, 'list', '--most', 'all')).exitCode).toBe(exitCodes.usage)
  })
})
