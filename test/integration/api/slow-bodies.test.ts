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

  test('who goes on sending after the answer is cut off', async () => {
    const { socket, peer } = await begin('/v1/nothing', 'application/json')
    const closed = new Promise((resolve) => peer.once('close', resolve))
    const [answer] = await once(socket, 'data')
    expect(String(answer)).toContain('HTTP/1.1 404')
    clock.advance(5_000)
    await closed
  })
})
