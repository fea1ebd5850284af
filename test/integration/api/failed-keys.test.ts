import { afterEach, describe, expect, test } from 'vitest'
import { newApiKey } from '../../../src/crypto/api-key.ts'
import { createManualClock } from '../../support/clock.ts'
import { type ApiKit, type KitOptions, openApiKit } from './kit.ts'

describe('wrong API keys', () => {
  let kit: ApiKit | null = null
  afterEach(async () => {
    await kit?.close()
    kit = null
  })
  const open = async (settings: NonNullable<KitOptions['settings']> = {}) => {
    const clock = createManualClock()
    kit = await openApiKit({ settings: { failedKeysPerMinute: 3, ...settings }, deps: { clock } })
    return { kit, clock }
  }
  const ask = (from: ApiKit, key: string, more: { address?: string; forwarded?: string } = {}) =>
    from.app.inject({
      url: '/v1/jobs',
      remoteAddress: more.address ?? '192.0.2.7',
      headers: {
        authorization: `Bearer ${key}`,
        ...(more.forwarded && { 'x-forwarded-for': more.forwarded }),
      },
    })
  const statuses = async (answers: Promise<{ statusCode: number }>[]) =>
    (await Promise.all(answers)).map(({ statusCode }) => statusCode)

  test('are answered 401 with what is left, then 429 with when to come back, and no key is looked up', async () => {
    const { kit, clock } = await open()
    const first = await ask(kit, newApiKey())
    expect([first.statusCode, first.headers['ratelimit-policy'], first.headers['ratelimit']]).toEqual([
      401,
      '"failed-keys";q=3;w=60',
      '"failed-keys";r=2;t=20',
    ])
    await ask(kit, 'nonsense')
    await ask(kit, newApiKey())
    const known = await kit.newKey({ scopes: ['jobs:read'] })
    const refused = await ask(kit, known)
    expect([refused.statusCode, refused.json().code, refused.headers['retry-after']]).toEqual([
      429,
      'rate_limited',
      '20',
    ])
    clock.advance(20_000)
    expect((await ask(kit, known)).statusCode).toBe(200)
  })

  test('of one address do not shut out another one, nor a key that was let in before', async () => {
    const { kit } = await open()
    expect((await ask(kit, kit.apiKey)).statusCode).toBe(200)
    for (let no = 0; no < 5; no += 1) await ask(kit, newApiKey())
    expect(await statuses([ask(kit, newApiKey()), ask(kit, kit.apiKey)])).toEqual([429, 200])
    expect(await statuses([ask(kit, newApiKey(), { address: '192.0.2.8' })])).toEqual([401])
  })

  test('of one IPv6 network count together', async () => {
    const { kit } = await open()
    for (const host of ['1', '2', '3:4', 'ffff:1:2:3'])
      await ask(kit, newApiKey(), { address: `2001:db8:1:2:${host.includes(':') ? host : `:${host}`}` })
    const answers = [
      ask(kit, newApiKey(), { address: '2001:db8:1:2::99' }),
      ask(kit, newApiKey(), { address: '2001:db8:1:3::99' }),
    ]
    expect(await statuses(answers)).toEqual([429, 401])
  })

  test('cannot be put down to others by X-Forwarded-For', async () => {
    const { kit } = await open()
    for (let no = 0; no < 4; no += 1) await ask(kit, newApiKey(), { forwarded: `198.51.100.${no}` })
    const forged = ['203.0.113.9', '127.0.0.1', '192.0.2.7, 203.0.113.9', '::1']
    for (const forwarded of forged)
      expect([forwarded, (await ask(kit, newApiKey(), { forwarded })).statusCode]).toEqual([forwarded, 429])
  })

  test('count for whom a trusted proxy names, and for nobody that it was told of', async () => {
    const { kit } = await open({ trustedProxies: ['192.0.2.0/24'] })
    for (let no = 0; no < 4; no += 1) await ask(kit, newApiKey(), { forwarded: `10.9.9.${no}, 198.51.100.1` })
    const answers = [
      ask(kit, newApiKey(), { forwarded: '10.1.1.1, 198.51.100.1' }),
      ask(kit, newApiKey(), { forwarded: '198.51.100.1, 198.51.100.2' }),
      ask(kit, newApiKey(), { address: '203.0.113.1', forwarded: '198.51.100.1' }),
    ]
    expect(await statuses(answers)).toEqual([429, 401, 401])
  })

  test('a request without a key is not one with a wrong key', async () => {
    const { kit } = await open()
    for (let no = 0; no < 5; no += 1) await kit.app.inject({ url: '/v1/jobs', remoteAddress: '192.0.2.7' })
    expect((await ask(kit, newApiKey())).statusCode).toBe(401)
  })
})
