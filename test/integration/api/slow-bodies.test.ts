import { once } from 'node:events'
import { type AddressInfo, connect, type Socket } from 'node:net'
import { text } from 'node:stream/consumers'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { createManualClock } from '../../support/clock.ts'
import { type ApiKit, openApiKit } from './kit.ts'

describe('a body that comes too slowly', () => {
  const clock = createManualClock(Date.now())
  let kit: ApiKit
  beforeAll(async () => {
    kit = await openApiKit({ deps: { clock } })
    await kit.app.listen({ host: '127.0.0.1', port: 0 })
  })
  afterAll(() => kit.close())

  const begin = async (path: string, type: string) => {
    const arrived = once(kit.app.server, 'request')
    const socket = connect((kit.app.server.address() as AddressInfo).port, '127.0.0.1')
    socket.on('error', () => socket.destroy())
    socket.write(
      `POST ${path} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ${kit.apiKey}\r\nContent-Type: ${type}\r\nContent-Length: 100000\r\n\r\n{`,
    )
    const [received] = await arrived
    return { socket, peer: received.socket as Socket }
  }

  test.each([
    ['/v1/jobs', 'application/json'],
    ['/v1/uploads', 'image/png'],
  ])('is cut off: %s', async (path, type) => {
    const { socket } = await begin(path, type)
    const answer = text(socket)
    clock.advance(15_000)
    expect(await answer).toContain('HTTP/1.1 408')
    expect(await kit.listFiles()).toEqual([])
  })

  test('is left alone while it moves', async () => {
    const { socket, peer } = await begin('/v1/jobs', 'application/json')
    for (let round = 0; round < 6; round += 1) {
      const before = peer.bytesRead
      socket.write('x'.repeat(6_000))
      await vi.waitFor(() => expect(peer.bytesRead).toBe(before + 6_000))
      clock.advance(5_000)
    }
    expect(peer.closed).toBe(false)
    socket.destroy()
  })

  test('is left alone while it is we who do not take it', async () => {
    const { promise: written, resolve: write } = Promise.withResolvers<void>()
    const whole = kit.deps.batchLines
    const take = async () => {
      await written
      return { outcome: 'not_open' }
    }
    Object.assign(kit.deps, { batchLines: { ...whole, take } })
    const { id } = (await kit.send({ method: 'POST', url: '/v1/batches', payload: {} })).json()
    const arrived = once(kit.app.server, 'request')
    const socket = connect((kit.app.server.address() as AddressInfo).port, '127.0.0.1')
    socket.write(
      `POST /v1/batches/${id}/lines HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ${kit.apiKey}\r\nContent-Type: application/x-ndjson\r\nContent-Length: 20000000\r\n\r\n`,
    )
    socket.write(`${JSON.stringify({ prompt: 'x'.repeat(7_900) })}\n`.repeat(2_500))
    const [received] = await arrived
    await vi.waitFor(() =>
      expect(received.readableLength).toBeGreaterThanOrEqual(received.readableHighWaterMark),
    )
    clock.advance(15_000)
    expect(received.socket.closed).toBe(false)
    const answer = once(socket, 'data')
    write()
    expect(String(await answer)).toContain('HTTP/1.1 409')
    socket.destroy()
    Object.assign(kit.deps, { batchLines: whole })
  })

  test('who goes on sending after the answer is cut off', async () => {
    const { socket, peer } = await begin('/v1/nothing', 'application/json')
    const closed = new Promise((resolve) => peer.once('close', resolve))
    const [answer] = await once(socket, 'data')
    expect(String(answer)).toContain('HTTP/1.1 404')
    clock.advance(5_000)
    await closed
  })
})
