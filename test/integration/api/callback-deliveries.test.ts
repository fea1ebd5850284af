import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { Webhook } from 'standardwebhooks'
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest'
import { ensureBootstrapSecret } from '../../../src/actions/ensure-bootstrap-secret.ts'
import { systemClock } from '../../../src/clock.ts'
import { type ClaimedDelivery, createDeliveryStore } from '../../../src/store/deliveries.ts'
import { startReceiver } from '../../support/receiver.ts'
import { type DeliveryKit, openDeliveryKit, seedDelivery } from './callback-kit.ts'
import { type ApiKit, openApiKit } from './kit.ts'

let kit: ApiKit
let deliveries: DeliveryKit
beforeAll(async () => {
  kit = await openApiKit()
  deliveries = openDeliveryKit(kit)
  await ensureBootstrapSecret(kit.deps, { tenantId: kit.tenantId, secret: null })
})
afterAll(async () => {
  await deliveries.close()
  await kit.close()
})

const base = '/v1/callback-deliveries'
const read = async (id: string) => (await kit.send({ url: `${base}/${id}` })).json()
const redeliver = (id: string) => kit.send({ method: 'POST', url: `${base}/${id}/redeliver` })
const secretOf = async () => (await kit.send({ url: '/v1/callback-secret' })).json()
const rotate = async (body?: object) =>
  (
    await kit.send({ method: 'POST', url: '/v1/callback-secret/rotate', ...(body && { payload: body }) })
  ).json()

const newReceiver = async (answer?: Parameters<typeof startReceiver>[0]) => {
  const receiver = await startReceiver(answer)
  onTestFinished(receiver.close)
  return receiver
}

type Call = Awaited<ReturnType<typeof newReceiver>>['calls'][number]
const isSignedBy = (secret: string, { body, headers }: Call): boolean => {
  try {
    new Webhook(secret).verify(body.toString(), headers as Record<string, string>)
    return true
  } catch {
    return false
  }
}

/** Says nothing until it is told to answer. */
const startHangingReceiver = async () => {
  const { promise: called, resolve: onCall } = Promise.withResolvers<void>()
  let isAnswering = false
  const server = createServer((_request, response) => {
    onCall()
    if (isAnswering) response.writeHead(204).end()
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  onTestFinished(() => {
    server.closeAllConnections()
    server.close()
  })
  const { port } = server.address() as AddressInfo
  return {
    url: `http://127.0.0.1:${port}/`,
    called,
    answer: () => {
      isAnswering = true
    },
  }
}

describe('deliveries of callbacks', () => {
  test('show every try with what was answered', async () => {
    const receiver = await newReceiver((_call, no) => (no === 1 ? 502 : 200))
    const { jobId, deliveryId, eventId } = await seedDelivery(kit, { url: receiver.url })
    await deliveries.deliverDue()
    expect(await read(deliveryId)).toMatchObject({ state: 'waiting', delivered_at: null })
    expect((await read(deliveryId)).next_try_at).not.toBeNull()
    await deliveries.passTime()
    await deliveries.deliverDue()
    expect(await read(deliveryId)).toMatchObject({
      id: deliveryId,
      job_id: jobId,
      endpoint_id: null,
      url: receiver.url,
      event: { id: eventId, type: 'job.succeeded', sequence: 7 },
      state: 'delivered',
      next_try_at: null,
      tries: [
        { no: 1, outcome: 'retry', http_status: 502, error: 'HTTP 502', response: '' },
        { no: 2, outcome: 'delivered', http_status: 200, error: null },
      ],
    })
  })

  test('are listed by job, endpoint and state, in pages', async () => {
    const receiver = await newReceiver()
    const endpoint = (
      await kit.send({ method: 'POST', url: '/v1/callback-endpoints', payload: { url: receiver.url } })
    ).json()
    const own = await seedDelivery(kit, { url: receiver.url })
    const first = await seedDelivery(kit, { endpointId: endpoint.id })
    await deliveries.deliverDue()
    const second = await seedDelivery(kit, { endpointId: endpoint.id })
    const list = async (query: string) =>
      (await kit.send({ url: `${base}?${query}` })).json().data.map(({ id }: { id: string }) => id)
    expect(await list(`job_id=${own.jobId}`)).toEqual([own.deliveryId])
    expect(await list(`endpoint_id=${endpoint.id}`)).toEqual([second.deliveryId, first.deliveryId])
    expect(await list(`endpoint_id=${endpoint.id}&state=delivered`)).toEqual([first.deliveryId])
    const page = await kit.send({ url: `${base}?endpoint_id=${endpoint.id}&limit=1` })
    expect(page.headers['link']).toContain('rel="next"')
    expect(await list(`endpoint_id=${endpoint.id}&cursor=${page.json().next_cursor}`)).toEqual([
      first.deliveryId,
    ])
    expect((await kit.send({ url: `${base}?state=lost` })).statusCode).toBe(400)
    await deliveries.deliverDue()
  })

  test('are made again with the same id and bytes, and the secret of now', async () => {
    const receiver = await newReceiver()
    const { deliveryId } = await seedDelivery(kit, { url: receiver.url })
    await deliveries.deliverDue()
    const before = await read(deliveryId)
    const { secret } = await rotate({ overlap_s: 0 })

    const response = await redeliver(deliveryId)
    expect(response.statusCode).toBe(202)
    expect(response.headers['retry-after']).toBe('2')
    expect(response.json()).toMatchObject({ state: 'waiting', delivered_at: before.delivered_at })
    await deliveries.deliverDue()
    const [first, second] = receiver.calls
    expect(second?.headers['webhook-id']).toBe(first?.headers['webhook-id'])
    expect(second?.body.equals(first!.body)).toBe(true)
    expect([isSignedBy(secret, first!), isSignedBy(secret, second!)]).toEqual([false, true])
    expect(await read(deliveryId)).toMatchObject({
      state: 'delivered',
      delivered_at: before.delivered_at,
      tries: [{ no: 1 }, { no: 2, outcome: 'delivered' }],
    })
  })

  test('that told an endpoint of an erased job are not made again', async () => {
    const receiver = await newReceiver()
    const { deliveryId, jobId } = await seedDelivery(kit, { url: receiver.url })
    await deliveries.deliverDue()
    const endpoint = await kit.send({
      method: 'POST',
      url: '/v1/callback-endpoints',
      payload: { url: receiver.url, events: ['job.canceled'] },
    })
    await kit.store.pool.query('UPDATE callback_deliveries SET endpoint_id = $2 WHERE id = $1', [
      deliveryId,
      endpoint.json().id,
    ])
    await kit.store.pool.query(`UPDATE jobs SET state = 'canceled', finished_at = now() WHERE id = $1`, [
      jobId,
    ])
    expect((await kit.send({ method: 'DELETE', url: `/v1/jobs/${jobId}` })).statusCode).toBe(204)
    expect((await redeliver(deliveryId)).json().code).toBe('receiver_gone')
    expect((await read(deliveryId)).state).toBe('delivered')
  })

  test('that are exhausted have a whole schedule of tries when they are made again', async () => {
    const receiver = await newReceiver(() => 500)
    const { deliveryId } = await seedDelivery(kit, { url: receiver.url })
    const exhaust = async () => {
      for (let no = 0; no < 10; no += 1) {
        await deliveries.deliverDue()
        await deliveries.passTime()
      }
    }
    await exhaust()
    expect((await read(deliveryId)).state).toBe('exhausted')
    expect(receiver.calls).toHaveLength(10)
    await redeliver(deliveryId)
    await exhaust()
    const delivery = await read(deliveryId)
    expect(delivery.state).toBe('exhausted')
    expect(delivery.tries.map(({ no }: { no: number }) => no)).toEqual(
      Array.from({ length: 20 }, (_, index) => index + 1),
    )
  })

  test('that wait have their next try at once when they are made again', async () => {
    const receiver = await newReceiver((_call, no) => (no === 1 ? 500 : 204))
    const { deliveryId } = await seedDelivery(kit, { url: receiver.url })
    await deliveries.deliverDue()
    expect(await deliveries.deliverDue()).toBe(0)
    await redeliver(deliveryId)
    await deliveries.deliverDue()
    expect((await read(deliveryId)).state).toBe('delivered')
  })

  test('that wait have a whole schedule of tries when they are made again', async () => {
    const receiver = await newReceiver(() => 500)
    const { deliveryId } = await seedDelivery(kit, { url: receiver.url })
    const tryOften = async (times: number) => {
      for (let no = 0; no < times; no += 1) {
        await deliveries.deliverDue()
        await deliveries.passTime()
      }
    }
    await tryOften(4)
    await redeliver(deliveryId)
    await tryOften(9)
    expect((await read(deliveryId)).state).toBe('waiting')
    await tryOften(1)
    const { state, tries } = await read(deliveryId)
    expect([state, tries.length]).toEqual(['exhausted', 14])
  })

  test.each([500, 204])(
    'that are just tried are made again after that try, which answers %i',
    async (answered) => {
      const called = Promise.withResolvers<void>()
      const answer = Promise.withResolvers<number>()
      const receiver = await newReceiver((_call, no) => {
        called.resolve()
        return no === 1 ? answer.promise : 500
      })
      const { deliveryId } = await seedDelivery(kit, { url: receiver.url })
      const lastOfSchedule = { tries: 9 }
      await kit.store.prisma.callbackDelivery.update({ where: { id: deliveryId }, data: lastOfSchedule })
      const trying = deliveries.deliverDue()
      await called.promise
      await redeliver(deliveryId)
      answer.resolve(answered)
      await trying
      expect((await read(deliveryId)).state).toBe('waiting')
      for (let no = 0; no < 10; no += 1) {
        expect((await read(deliveryId)).state).toBe('waiting')
        await deliveries.deliverDue()
        await deliveries.passTime()
      }
      expect((await read(deliveryId)).state).toBe('exhausted')
      expect(receiver.calls).toHaveLength(11)
    },
  )

  test('are not taken from their holder by one whose claim was lost in a crash of the database', async () => {
    const receiver = await newReceiver()
    const { deliveryId } = await seedDelivery(kit, { url: receiver.url })
    const store = createDeliveryStore({ pool: kit.store.jobPool, clock: systemClock, leaseMs: 60_000 })
    const claim = async () => (await store.claim(deliveryId)) as ClaimedDelivery
    const before = await kit.store.prisma.callbackDelivery.findUniqueOrThrow({ where: { id: deliveryId } })
    const former = await claim()
    // What is not on the disk yet is as it was.
    await kit.store.prisma.callbackDelivery.update({ where: { id: deliveryId }, data: before })
    const holder = await claim()
    const failed = {
      id: deliveryId,
      durationMs: 5,
      outcome: 'refused',
      httpStatus: null,
      error: null,
      responseHead: null,
      next: { state: 'failed' },
    } as const
    await store.record({ ...failed, epoch: former.epoch })
    await store.postpone({ id: deliveryId, epoch: former.epoch, dueInMs: 0 })
    expect(await store.claim(deliveryId)).toBeNull()
    expect(await read(deliveryId)).toMatchObject({ state: 'waiting', tries: [] })
    await store.record({ ...failed, epoch: holder.epoch })
    expect(await read(deliveryId)).toMatchObject({ state: 'failed', tries: [{ no: 1 }] })
  })

  test('are given no body by one whose lease has run out, who then sends nothing', async () => {
    const { deliveryId } = await seedDelivery(kit, { url: 'http://127.0.0.1:9' })
    const store = createDeliveryStore({ pool: kit.store.jobPool, clock: systemClock, leaseMs: 0 })
    const claim = async () => (await store.claim(deliveryId)) as ClaimedDelivery
    const [former, holder] = [await claim(), await claim()]
    expect(await store.keepBody(former, '{"from":"former"}')).toBeNull()
    expect(await store.keepBody(holder, '{"from":"holder"}')).toBe('{"from":"holder"}')
    expect((await claim()).body).toBe('{"from":"holder"}')
    await kit.store.prisma.callbackDelivery.update({
      where: { id: deliveryId },
      data: { state: 'delivered', body: null },
    })
    expect(await store.keepBody(holder, '{"from":"holder"}')).toBeNull()
  })

  test('that a stopping process cuts off are not counted, and made by the next one', async () => {
    const stopping = new AbortController()
    const hanging = await startHangingReceiver()
    const { deliveryId } = await seedDelivery(kit, { url: hanging.url })
    const cutOff = deliveries.deliverDue(stopping.signal)
    await hanging.called
    stopping.abort()
    await cutOff
    expect(await read(deliveryId)).toMatchObject({ state: 'waiting', tries: [] })
    hanging.answer()
    await deliveries.deliverDue()
    expect(await read(deliveryId)).toMatchObject({ state: 'delivered', tries: [{ no: 1 }] })
  })
})

test.each([-10, 10])(
  'a worker whose clock is %i minutes off signs with the time of the database',
  async (minutes) => {
    const clock = { ...systemClock, nowMs: () => systemClock.nowMs() + minutes * 60_000 }
    const worker = openDeliveryKit(kit, { clock })
    onTestFinished(worker.close)
    const receiver = await newReceiver()
    await seedDelivery(kit, { url: receiver.url })
    await worker.deliverDue()
    const [call] = receiver.calls
    expect(Math.abs(Number(call?.headers['webhook-timestamp']) - Date.now() / 1_000)).toBeLessThan(30)
    expect(isSignedBy((await secretOf()).secret, call as Call)).toBe(true)
  },
)

describe('the secret of a tenant', () => {
  test('is the one that signs the callbacks of its jobs', async () => {
    const receiver = await newReceiver()
    await seedDelivery(kit, { url: receiver.url })
    await deliveries.deliverDue()
    expect(isSignedBy((await secretOf()).secret, receiver.calls[0]!)).toBe(true)
  })

  test('is followed by another, and both sign while they overlap', async () => {
    const receiver = await newReceiver()
    const before = await secretOf()
    const rotated = await rotate({ overlap_s: 600 })
    expect(rotated.previous.secret).toBe(before.secret)
    expect(rotated).toEqual(await secretOf())
    await seedDelivery(kit, { url: receiver.url })
    await deliveries.deliverDue()
    const signed = [before.secret, rotated.secret].map((secret) => isSignedBy(secret, receiver.calls[0]!))
    expect(signed).toEqual([true, true])

    await kit.store.prisma.tenant.update({
      where: { id: kit.tenantId },
      data: { previousSecretUntil: new Date(Date.now() - 1_000) },
    })
    expect((await secretOf()).previous).toBeNull()
    await seedDelivery(kit, { url: receiver.url })
    await deliveries.deliverDue()
    expect(isSignedBy(before.secret, receiver.calls[1]!)).toBe(false)
  })

  test('is made for a tenant that has none yet, and stays', async () => {
    const tenantId = await kit.newTenant('without a secret')
    const key = await kit.newKey({ tenantId, scopes: ['callbacks:read'] })
    const readTheirs = async () =>
      (await kit.send({ url: '/v1/callback-secret', headers: { authorization: `Bearer ${key}` } })).json()
    const first = await readTheirs()
    expect(first).toMatchObject({ secret: expect.stringMatching(/^whsec_/), previous: null })
    expect(await readTheirs()).toEqual(first)
    expect(first.secret).not.toBe((await secretOf()).secret)
  })

  test.each([-1, 2_592_001, 1.5, '60', null])('does not overlap for %j', async (overlap_s) => {
    const response = await kit.send({
      method: 'POST',
      url: '/v1/callback-secret/rotate',
      payload: { overlap_s },
    })
    expect(response.statusCode).toBe(400)
    expect(response.json().errors).toMatchObject([{ pointer: '/overlap_s' }])
  })
})
