import { expect, onTestFinished, test } from 'vitest'
import { EgressError } from '../../../src/egress/failure.ts'
import { createPinnedPool } from '../../../src/egress/pinned-pool.ts'
import { startReceiver } from './receiver.ts'

const setup = async () => {
  const receiver = await startReceiver((_request, response) => response.end('ok'))
  const pool = createPinnedPool({ connectTimeoutMs: 5_000, connectionsPerOrigin: 4 })
  onTestFinished(() => pool.close())
  const send = async (origin: string) => {
    const { statusCode, body } = await pool.dispatcher.request({ origin, path: '/', method: 'GET' })
    await body.dump()
    return statusCode
  }
  return { receiver, pool, send }
}

test('an origin that was not vetted cannot be connected to', async () => {
  const { receiver, send } = await setup()
  await expect(send(`http://hooks.example.com:${receiver.port}`)).rejects.toThrow(EgressError)
  expect(receiver.connections).toBe(0)
})

test('a pin opens its own origin only, and only until it is taken out', async () => {
  const { receiver, pool, send } = await setup()
  const origin = `http://hooks.example.com:${receiver.port}`
  const unpin = pool.pin({ url: new URL(origin), addresses: ['127.0.0.1'] })
  expect(await send(origin)).toBe(200)
  await expect(send(`http://other.example.com:${receiver.port}`)).rejects.toThrow(EgressError)
  unpin()
  await pool.close()
  expect(receiver.received).toHaveLength(1)
})

test('a peer that is not the pinned address gets not one byte of the request', async () => {
  const { receiver, pool, send } = await setup()
  const origin = `http://127.0.0.1:${receiver.port}`
  pool.pin({ url: new URL(origin), addresses: ['127.0.0.2'] })
  await expect(send(origin)).rejects.toMatchObject({ failure: { outcome: 'refused' } })
  await receiver.drained()
  expect(receiver.received).toEqual([])
})

test('the second of two pins on an origin survives the first', async () => {
  const { receiver, pool, send } = await setup()
  const origin = `http://hooks.example.com:${receiver.port}`
  const target = { url: new URL(origin), addresses: ['127.0.0.1'] }
  const unpin = pool.pin(target)
  pool.pin(target)
  unpin()
  expect(await send(origin)).toBe(200)
})
