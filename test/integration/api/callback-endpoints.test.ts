import { Webhook } from 'standardwebhooks'
import { afterAll, beforeAll, describe, expect, onTestFinished, test, vi } from 'vitest'
import { verifyCallback } from '../../../src/callbacks/signature.ts'
import { createRetentionStore } from '../../../src/store/retention.ts'
import { startReceiver } from '../../support/receiver.ts'
import { type DeliveryKit, openDeliveryKit, seedDelivery } from './callback-kit.ts'
import { type ApiKit, openApiKit, publicUrl } from './kit.ts'

let kit: ApiKit
let deliveries: DeliveryKit
beforeAll(async () => {
  kit = await openApiKit()
  deliveries = openDeliveryKit(kit)
})
afterAll(async () => {
  await deliveries.close()
  await kit.close()
})

const base = '/v1/callback-endpoints'
const create = (body: object, headers: Record<string, string> = {}) =>
  kit.send({ method: 'POST', url: base, payload: body, headers })
const act = (id: string, action: string, body?: object, headers: Record<string, string> = {}) =>
  kit.send({ method: 'POST', url: `${base}/${id}/${action}`, headers, ...(body && { payload: body }) })
const read = async (id: string) => (await kit.send({ url: `${base}/${id}` })).json()

const newReceiver = async (answer?: Parameters<typeof startReceiver>[0]) => {
  const receiver = await startReceiver(answer)
  onTestFinished(receiver.close)
  return receiver
}

describe('endpoints for callbacks', () => {
  test('one is made with a secret that is shown once and kept sealed', async () => {
    const response = await create({ url: 'https://public.example/hooks', description: 'orders' })
    expect(response.statusCode).toBe(201)
    const { secret, ...endpoint } = response.json()
    expect(secret).toMatch(/^whsec_/)
    expect(endpoint).toMatchObject({
      url: 'https://public.example/hooks',
      events: ['job.succeeded', 'job.failed', 'job.canceled'],
      description: 'orders',
      state: 'enabled',
      failures: 0,
    })
    expect(response.headers['location']).toBe(`${publicUrl}${base}/${endpoint.id}`)
    expect(await read(endpoint.id)).toEqual(endpoint)
    const { rows } = await kit.store.pool.query('SELECT * FROM callback_endpoints, idempotency_keys')
    expect(JSON.stringify(rows)).not.toContain(secret.slice(6))
  })

  test('everything that is wrong is named at once', async () => {
    const response = await create(
      { url: 'https://private.example/', events: ['job.exploded'], secret: 'x' },
      { 'idempotency-key': 'two words' },
    )
    expect(response.statusCode).toBe(400)
    const pointers = response.json().errors.map(({ pointer }: { pointer: string }) => pointer)
    expect(pointers.sort()).toEqual(['/events/0', '/headers/idempotency-key', '/secret', '/url'])
  })

  test.each([
    'https://private.example/',
    'https://mixed.example/',
    'http://public.example/',
    'https://10.0.0.1/',
  ])('the target %s is refused, at first and when it is changed to', async (url) => {
    const refused = await create({ url })
    expect(refused.statusCode).toBe(422)
    expect(refused.json()).toMatchObject({ code: 'url_not_allowed', errors: [{ pointer: '/url' }] })
    expect(refused.json().detail).toMatch(/[^.]\.$/)
    const { id } = (await create({ url: 'https://public.example/' })).json()
    const changed = await kit.send({ method: 'PATCH', url: `${base}/${id}`, payload: { url } })
    expect(changed.statusCode).toBe(422)
    expect((await read(id)).url).toBe('https://public.example/')
  })

  test('the same request under one key makes one endpoint, and answers its secret again', async () => {
    const body = { url: 'https://public.example/once' }
    const first = await create(body, { 'idempotency-key': 'endpoint-1' })
    const second = await create(body, { 'idempotency-key': 'endpoint-1' })
    expect(second.statusCode).toBe(201)
    expect(second.headers['idempotency-replayed']).toBe('true')
    expect(second.headers['location']).toBe(first.headers['location'])
    expect(second.json()).toEqual(first.json())
    const other = await create({ url: 'https://public.example/other' }, { 'idempotency-key': 'endpoint-1' })
    expect(other.json().code).toBe('idempotency_key_reused')
    const stored = await kit.store.prisma.idempotencyKey.findMany()
    expect(JSON.stringify(stored)).not.toContain(first.json().secret.slice(6))
    expect(await kit.store.prisma.callbackEndpoint.count({ where: { url: body.url } })).toBe(1)
  })

  test('a change leaves what it does not name', async () => {
    const { id } = (await create({ url: 'https://public.example/a', description: 'a' })).json()
    const response = await kit.send({
      method: 'PATCH',
      url: `${base}/${id}`,
      payload: { events: ['job.failed', 'job.failed', 'callback_endpoint.disabled'] },
    })
    expect(response.json()).toMatchObject({
      url: 'https://public.example/a',
      description: 'a',
      events: ['job.failed', 'callback_endpoint.disabled'],
    })
    const cleared = await kit.send({ method: 'PATCH', url: `${base}/${id}`, payload: { description: null } })
    expect(cleared.json().description).toBeNull()
    const unknown = await kit.send({ method: 'PATCH', url: `${base}/${id}`, payload: { state: 'disabled' } })
    expect(unknown.json().errors).toMatchObject([{ pointer: '/state', code: 'unknown_field' }])
  })

  test('the list comes in pages, newest first', async () => {
    const other = await kit.newTenant('many endpoints')
    const headers = {
      authorization: `Bearer ${await kit.newKey({ tenantId: other, scopes: ['callbacks:read', 'callbacks:write'] })}`,
    }
    const ids: string[] = []
    for (const no of [1, 2, 3])
      ids.unshift((await create({ url: `https://public.example/${no}` }, headers)).json().id)
    const first = (await kit.send({ url: `${base}?limit=2`, headers })).json()
    const rest = (await kit.send({ url: `${base}?limit=2&cursor=${first.next_cursor}`, headers })).json()
    const listed = [...first.data, ...rest.data].map(({ id }) => id)
    expect(listed).toEqual(ids)
    expect(rest.next_cursor).toBeNull()
  })

  test('a tenant has at most fifty, however many are asked for at once', async () => {
    const tenantId = await kit.newTenant('fifty endpoints')
    const headers = {
      authorization: `Bearer ${await kit.newKey({ tenantId, scopes: ['callbacks:read', 'callbacks:write'] })}`,
    }
    const url = 'https://public.example/'
    await kit.store.prisma.callbackEndpoint.createMany({
      data: Array.from({ length: 47 }, (_, no) => ({ id: `cbe_${no}`, tenantId, url, secretSealed: 'x' })),
    })
    const ask = (no: number) => create({ url }, { ...headers, 'idempotency-key': `of-fifty-${no}` })
    const answers = await Promise.all([1, 2, 3, 4, 5, 6].map(ask))
    expect(answers.map(({ statusCode }) => statusCode).sort()).toEqual([201, 201, 201, 422, 422, 422])
    const refused = answers.find(({ statusCode }) => statusCode === 422)
    expect(refused?.json()).toMatchObject({
      code: 'out_of_range',
      detail: 'The body asks for one endpoint more than the 50 that a tenant may have; delete one first.',
    })
    expect(await kit.store.prisma.callbackEndpoint.count({ where: { tenantId } })).toBe(50)
    expect(await kit.store.prisma.idempotencyKey.count({ where: { tenantId } })).toBe(3)

    await kit.send({ method: 'DELETE', url: `${base}/cbe_0`, headers })
    const retried = answers.findIndex(({ statusCode }) => statusCode === 422) + 1
    expect((await ask(retried)).statusCode).toBe(201)
  })

  test('of another tenant nothing is found', async () => {
    const { id } = (await create({ url: 'https://public.example/mine' })).json()
    const { deliveryId } = await seedDelivery(kit, { endpointId: id })
    const stranger = await kit.newKey({
      tenantId: await kit.newTenant('stranger'),
      scopes: ['callbacks:read', 'callbacks:write'],
    })
    const calls = [
      ['GET', `${base}/${id}`],
      ['PATCH', `${base}/${id}`],
      ['DELETE', `${base}/${id}`],
      ['POST', `${base}/${id}/rotate`],
      ['POST', `${base}/${id}/enable`],
      ['POST', `${base}/${id}/disable`],
      ['POST', `${base}/${id}/test`],
      ['GET', `/v1/callback-deliveries/${deliveryId}`],
      ['POST', `/v1/callback-deliveries/${deliveryId}/redeliver`],
    ] as const
    for (const [method, url] of calls) {
      const response = await kit.send({
        method,
        url,
        headers: { authorization: `Bearer ${stranger}` },
        ...(method === 'PATCH' && { payload: {} }),
      })
      expect([method, url, response.statusCode]).toEqual([method, url, 404])
    }
    expect((await read(id)).id).toBe(id)
  })
})

describe('a secret that is rotated', () => {
  test('signs together with the former one while they overlap', async () => {
    const receiver = await newReceiver()
    const made = (await create({ url: receiver.url })).json()
    const rotated = await act(made.id, 'rotate', { overlap_s: 60 })
    expect(rotated.statusCode).toBe(200)
    expect(rotated.json().secret).not.toBe(made.secret)
    expect(rotated.json().previous_secret_expires_at).not.toBeNull()
    expect((await read(made.id)).secret).toBeUndefined()

    await act(made.id, 'test')
    await deliveries.deliverDue()
    const [call] = receiver.calls
    for (const secret of [made.secret, rotated.json().secret])
      new Webhook(secret).verify(call!.body.toString(), call!.headers as Record<string, string>)

    await act(made.id, 'rotate', { overlap_s: 0 })
    await act(made.id, 'test')
    await deliveries.deliverDue()
    expect(() =>
      new Webhook(rotated.json().secret).verify(
        receiver.calls[1]!.body.toString(),
        receiver.calls[1]!.headers as Record<string, string>,
      ),
    ).toThrow()
    expect((await read(made.id)).previous_secret_expires_at).toBeNull()
  })

  test('overlaps for a day when nothing is said', async () => {
    const { id } = (await create({ url: 'https://public.example/' })).json()
    const rotated = (await act(id, 'rotate')).json()
    const overlapMs = Date.parse(rotated.previous_secret_expires_at) - Date.now()
    expect(Math.round(overlapMs / 3_600_000)).toBe(24)
  })
})

describe('a test of an endpoint', () => {
  test('is a delivery of its own, signed and recorded', async () => {
    const receiver = await newReceiver()
    const { id, secret } = (await create({ url: receiver.url })).json()
    const response = await act(id, 'test')
    expect(response.statusCode).toBe(202)
    expect(response.json()).toMatchObject({
      job_id: null,
      endpoint_id: id,
      state: 'waiting',
      event: { type: 'callback_endpoint.test', sequence: 0 },
    })
    expect(kit.wakes).toContain('dispatch')

    await deliveries.deliverDue()
    const [call] = receiver.calls
    const headers = call!.headers as Record<string, string>
    const body = new Webhook(secret).verify(call!.body.toString(), headers) as { data: { endpoint: object } }
    expect(body).toMatchObject({ type: 'callback_endpoint.test', data: { endpoint: { id } } })
    expect(body.data.endpoint).not.toHaveProperty('secret')
    expect(headers['webhook-id']).toBe(response.json().event.id)

    const recorded = (
      await kit.send({ url: new URL(response.headers['location'] as string).pathname })
    ).json()
    expect(recorded).toMatchObject({
      state: 'delivered',
      tries: [{ no: 1, outcome: 'delivered', http_status: 204 }],
    })
  })

  test('can be verified by the public key alone', async () => {
    const receiver = await newReceiver()
    const { id } = (await create({ url: receiver.url })).json()
    await act(id, 'test')
    await deliveries.deliverDue()
    const jwks = await kit.app.inject({ url: '/.well-known/clipline-keys.json' })
    expect(jwks.statusCode).toBe(200)
    expect(jwks.headers['cache-control']).toContain('public')
    const [key] = jwks.json().keys
    expect(key).toMatchObject({ kty: 'OKP', crv: 'Ed25519', use: 'sig', alg: 'EdDSA' })
    expect(Object.keys(key).sort()).toEqual(['alg', 'crv', 'kid', 'kty', 'use', 'x'])
    const publicKey = `whpk_${Buffer.from(key.x, 'base64url').toString('base64')}`
    const [call] = receiver.calls
    const verified = verifyCallback({ ...call!, keys: [publicKey], nowMs: Date.now() })
    expect(verified.outcome).toBe('verified')
  })

  test('is tried once', async () => {
    const receiver = await newReceiver(() => 500)
    const { id } = (await create({ url: receiver.url })).json()
    const { id: deliveryId } = (await act(id, 'test')).json()
    await deliveries.deliverDue()
    const delivery = (await kit.send({ url: `/v1/callback-deliveries/${deliveryId}` })).json()
    expect(delivery).toMatchObject({ state: 'exhausted', tries: [{ outcome: 'retry', error: 'HTTP 500' }] })
  })

  test('is made once under one key', async () => {
    const { id } = (await create({ url: 'https://public.example/' })).json()
    const headers = { 'idempotency-key': 'test-1' }
    const first = await act(id, 'test', undefined, headers)
    const second = await act(id, 'test', undefined, headers)
    expect(second.json()).toEqual(first.json())
    expect(await kit.store.prisma.callbackDelivery.count({ where: { endpointId: id } })).toBe(1)
  })
})

describe('a disabled endpoint', () => {
  const gone = async () => {
    const receiver = await newReceiver((_call, no) => (no === 1 ? 410 : 204))
    const made = (await create({ url: receiver.url })).json()
    const first = await seedDelivery(kit, { endpointId: made.id })
    await deliveries.deliverDue()
    return { receiver, made, first }
  }

  test('is one that answered 410', async () => {
    const { made, first } = await gone()
    expect(await read(made.id)).toMatchObject({ state: 'disabled', disabled_reason: 'gone' })
    const delivery = (await kit.send({ url: `/v1/callback-deliveries/${first.deliveryId}` })).json()
    expect(delivery).toMatchObject({ state: 'failed', tries: [{ outcome: 'gone', http_status: 410 }] })
    expect(deliveries.facts).toContainEqual({
      fact: 'endpoint.disabled',
      details: { endpointId: made.id, reason: 'gone' },
    })
  })

  test('is one that answered 410 also where another call was taken at the same time', async () => {
    const receiver = await newReceiver((_call, no) => (no === 2 ? 410 : 204))
    const { id } = (await create({ url: receiver.url })).json()
    for (let no = 0; no < 3; no += 1) await seedDelivery(kit, { endpointId: id })
    await deliveries.deliverDue()
    expect(receiver.calls).toHaveLength(3)
    expect(await read(id)).toMatchObject({ state: 'disabled', disabled_reason: 'gone' })
  })

  test('is none that was moved away from where the 410 came from', async () => {
    const called = Promise.withResolvers<void>()
    const answer = Promise.withResolvers<number>()
    const receiver = await newReceiver(() => {
      called.resolve()
      return answer.promise
    })
    const { id } = (await create({ url: receiver.url })).json()
    await seedDelivery(kit, { endpointId: id })
    const trying = deliveries.deliverDue()
    await called.promise
    await kit.send({ method: 'PATCH', url: `${base}/${id}`, payload: { url: 'https://public.example/new' } })
    answer.resolve(410)
    await trying
    expect(await read(id)).toMatchObject({ state: 'enabled', url: 'https://public.example/new' })
  })

  test('takes no test and no redelivery', async () => {
    const { made, first } = await gone()
    expect((await act(made.id, 'test')).json()).toMatchObject({ status: 409, code: 'endpoint_disabled' })
    const redelivery = await kit.send({
      method: 'POST',
      url: `/v1/callback-deliveries/${first.deliveryId}/redeliver`,
    })
    expect(redelivery.json().code).toBe('endpoint_disabled')
  })

  test('gets what had to wait once it is enabled again', async () => {
    const { receiver, made } = await gone()
    const { deliveryId } = await seedDelivery(kit, { endpointId: made.id })
    await deliveries.deliverDue()
    expect(receiver.calls).toHaveLength(1)
    const waiting = (await kit.send({ url: `/v1/callback-deliveries/${deliveryId}` })).json()
    expect(waiting).toMatchObject({ state: 'waiting', next_try_at: null, tries: [] })
    expect(await deliveries.deliverDue()).toBe(0)

    const enabled = await act(made.id, 'enable')
    expect(enabled.json()).toMatchObject({ state: 'enabled', disabled_reason: null, failures: 0 })
    await deliveries.deliverDue()
    expect(receiver.calls).toHaveLength(2)
    const delivered = (await kit.send({ url: `/v1/callback-deliveries/${deliveryId}` })).json()
    expect(delivered.state).toBe('delivered')
  })

  test('is one that was disabled by hand, until it is enabled', async () => {
    const receiver = await newReceiver()
    const { id } = (await create({ url: receiver.url })).json()
    const { deliveryId } = await seedDelivery(kit, { endpointId: id })
    const disabled = (await act(id, 'disable')).json()
    expect(disabled).toMatchObject({
      state: 'disabled',
      disabled_reason: 'requested',
      failures: 0,
      links: { disable: null, enable: `${publicUrl}${base}/${id}/enable` },
    })
    expect((await act(id, 'disable')).json()).toEqual(disabled)
    await deliveries.deliverDue()
    expect(receiver.calls).toHaveLength(0)
    // A transaction that anybody has open on the server holds the feed back.
    const feed = () => kit.send({ url: '/v1/events?type=callback_endpoint.disabled&limit=100' })
    const told = async () =>
      (await feed()).json().data.filter(({ data }: { data: object }) => Object.values(data).includes(id))
    await vi.waitFor(
      async () => expect(await told()).toMatchObject([{ data: { endpoint_id: id, reason: 'requested' } }]),
      { timeout: 10_000 },
    )

    const enabled = (await act(id, 'enable')).json()
    expect(enabled).toMatchObject({ state: 'enabled', disabled_reason: null, links: { enable: null } })
    await deliveries.deliverDue()
    expect(receiver.calls).toHaveLength(1)
    const delivered = (await kit.send({ url: `/v1/callback-deliveries/${deliveryId}` })).json()
    expect(delivered.state).toBe('delivered')
  })

  test('is told of to the other endpoints that want to know', async () => {
    const watcher = await newReceiver()
    const { id, secret } = (await create({ url: watcher.url, events: ['callback_endpoint.disabled'] })).json()
    const { made } = await gone()
    await deliveries.deliverDue()
    const told = watcher.calls.map(({ body, headers }) =>
      new Webhook(secret).verify(body.toString(), headers as Record<string, string>),
    )
    expect(told).toContainEqual(
      expect.objectContaining({
        type: 'callback_endpoint.disabled',
        data: expect.objectContaining({
          endpoint: expect.objectContaining({ id: made.id, state: 'disabled', disabled_reason: 'gone' }),
        }),
      }),
    )
    await kit.send({ method: 'DELETE', url: `${base}/${id}` })
  })
})

describe('an endpoint for which very much waits', () => {
  const url = 'https://public.example/busy'
  const rest = async (most: number) =>
    (await createRetentionStore(kit.store).remove('waiting_deliveries', { now: new Date(), most })).rows
  /** Half of them put aside, half of them to be tried again tomorrow. */
  const seedMany = async (endpointId: string, count: number) => {
    await kit.store.pool.query(
      `INSERT INTO callback_deliveries
         (id, tenant_id, endpoint_id, event_seq, event_id, event_type, state, due_at, body)
       SELECT new_id('dlv'), $1, $2, 0, new_id('evt'), 'job.succeeded', 'waiting',
         CASE no % 2 WHEN 0 THEN 'infinity' ELSE now() + interval '1 day' END, '{}'
       FROM generate_series(1, $3) AS no`,
      [kit.tenantId, endpointId, count],
    )
  }
  /** How many of them are in which state, and when they are due. */
  const count = async (endpointId: string) => {
    const { rows } = await kit.store.pool.query(
      `SELECT count(*) FILTER (WHERE due_at = 'infinity')::int AS aside,
         count(*) FILTER (WHERE due_at <= now())::int AS due,
         count(*) FILTER (WHERE state = 'failed')::int AS failed
       FROM callback_deliveries WHERE endpoint_id = $1`,
      [endpointId],
    )
    return rows[0]
  }
  const forget = (endpointId: string) =>
    kit.store.prisma.callbackDelivery.deleteMany({ where: { endpointId } })

  test('gets what was put aside a thousand at once, and the rest by and by', async () => {
    const [enabled, disabled] = [await create({ url }), await create({ url })].map((made) => made.json().id)
    for (const id of [enabled, disabled]) await act(id, 'disable')
    await seedMany(enabled, 3_000)
    await seedMany(disabled, 10)
    await act(enabled, 'enable')
    expect(await count(enabled)).toEqual({ aside: 500, due: 1_000, failed: 0 })
    const rounds = [await rest(300), await rest(300), await rest(300)]
    expect(rounds).toEqual([300, 200, 0])
    expect(await count(enabled)).toEqual({ aside: 0, due: 1_500, failed: 0 })
    expect(await count(disabled)).toEqual({ aside: 5, due: 0, failed: 0 })
    for (const id of [enabled, disabled]) await forget(id)
  })

  test('gives all of it up when it is deleted, as well little by little', async () => {
    const { id } = (await create({ url })).json()
    await act(id, 'disable')
    await seedMany(id, 1_200)
    expect((await kit.send({ method: 'DELETE', url: `${base}/${id}` })).statusCode).toBe(204)
    expect((await count(id)).failed).toBe(1_000)
    expect([await rest(150), await rest(150), await rest(150)]).toEqual([150, 50, 0])
    expect((await count(id)).failed).toBe(1_200)
    await forget(id)
  })
})

describe('an endpoint that does nothing but fail', () => {
  const failing = async (streak: { readonly days: number; readonly failures: number }) => {
    const receiver = await newReceiver((_call, no) => (no === 1 ? 500 : 204))
    const { id } = (await create({ url: receiver.url })).json()
    await kit.store.prisma.callbackEndpoint.update({
      where: { id },
      data: {
        failures: streak.failures,
        failingSince: new Date(Date.now() - streak.days * 86_400_000 - 60_000),
      },
    })
    await seedDelivery(kit, { endpointId: id })
    await deliveries.deliverDue()
    return id as string
  }

  test('is disabled after five days and ten tries', async () => {
    const id = await failing({ days: 5, failures: 9 })
    expect(await read(id)).toMatchObject({ state: 'disabled', disabled_reason: 'failing', failures: 10 })
  })

  test.each([
    { days: 4, failures: 500 },
    { days: 9, failures: 8 },
  ])('is left alone after %o', async (streak) => {
    const id = await failing(streak)
    expect(await read(id)).toMatchObject({ state: 'enabled', failures: streak.failures + 1 })
  })

  test('starts anew with the first success', async () => {
    const id = await failing({ days: 4, failures: 500 })
    await deliveries.passTime()
    await deliveries.deliverDue()
    expect(await read(id)).toMatchObject({ failures: 0, failing_since: null })
  })

  test('starts anew with another URL, and with nothing else that is changed', async () => {
    const id = await failing({ days: 4, failures: 500 })
    const change = async (payload: object) =>
      (await kit.send({ method: 'PATCH', url: `${base}/${id}`, payload })).json()
    const { url } = await read(id)
    expect(await change({ url, description: 'the same' })).toMatchObject({ failures: 501 })
    expect(await change({ description: 'another' })).toMatchObject({ failures: 501 })
    const moved = await change({ url: 'https://public.example/mended' })
    expect(moved).toMatchObject({ failures: 0, failing_since: null, description: 'another' })
  })

  test('counts the tries of one batch together', async () => {
    const receiver = await newReceiver(() => 503)
    const { id } = (await create({ url: receiver.url })).json()
    for (let no = 0; no < 5; no += 1) await seedDelivery(kit, { endpointId: id })
    await deliveries.deliverDue()
    const endpoint = await read(id)
    expect(endpoint.failures).toBe(5)
    expect(endpoint.failing_since).not.toBeNull()
  })
})

describe('an endpoint that is deleted', () => {
  test('gets nothing any more, and what waited for it is given up', async () => {
    const receiver = await newReceiver()
    const { id } = (await create({ url: receiver.url })).json()
    const before = await seedDelivery(kit, { endpointId: id })
    expect((await kit.send({ method: 'DELETE', url: `${base}/${id}` })).statusCode).toBe(204)
    expect((await kit.send({ method: 'DELETE', url: `${base}/${id}` })).statusCode).toBe(404)
    const meanwhile = await seedDelivery(kit, { endpointId: id })
    await deliveries.deliverDue()
    expect(receiver.calls).toHaveLength(0)
    for (const { deliveryId } of [before, meanwhile]) {
      const delivery = (await kit.send({ url: `/v1/callback-deliveries/${deliveryId}` })).json()
      expect(delivery).toMatchObject({ state: 'failed', url: null })
      const again = await kit.send({ method: 'POST', url: `/v1/callback-deliveries/${deliveryId}/redeliver` })
      expect(again.json()).toMatchObject({ status: 409, code: 'receiver_gone' })
    }
  })
})
