import { EventEmitter } from 'node:events'
import type { FastifyReply } from 'fastify'
import { describe, expect, test, vi } from 'vitest'
import { createStreamRoom } from '../../../src/api/streams/stream-room.ts'
import { createManualClock } from '../../support/clock.ts'

/** A response that keeps what is written. It closes with its end, unless its client does not read that far. */
const createResponse = ({ isReadToEnd = true } = {}) => {
  const emitter = new EventEmitter()
  const written: string[] = []
  const raw = Object.assign(emitter, {
    written,
    closed: false,
    destroyed: false,
    writableEnded: false,
    writableNeedDrain: false,
    writableLength: 0,
    writeHead: () => undefined,
    write(text: string) {
      written.push(text)
      raw.writableLength += text.length
      return true
    },
    end(text: string) {
      written.push(text)
      raw.writableEnded = true
      if (isReadToEnd) raw.close()
    },
    destroy() {
      raw.destroyed = true
      raw.close()
    },
    close() {
      if (raw.closed) return
      raw.closed = true
      emitter.emit('close')
    },
  })
  return raw
}

const setup = (limits: { maxPerKey?: number; max?: number } = {}) => {
  const clock = createManualClock()
  const endedKeys = new Set<string>()
  const room = createStreamRoom({
    clock,
    maxPerKey: 10,
    max: 10,
    listEndedKeys: async (keyIds) => new Set(keyIds.filter((keyId) => endedKeys.has(keyId))),
    ...limits,
  })
  const open = (keyId = 'key_1', client: { isReadToEnd?: boolean } = {}) => {
    const raw = createResponse(client)
    const reply = { raw, getHeaders: () => ({}), hijack: () => undefined } as unknown as FastifyReply
    return { raw, stream: room.open(reply, keyId) }
  }
  return { clock, room, open, endedKeys }
}

describe('the room of event streams', () => {
  test('sends a heartbeat every 15 s to all, with one timer', () => {
    const { clock, open } = setup()
    const [one, two] = [open(), open()]
    expect(clock.pendingTimers).toBe(1)
    clock.advance(45_000)
    for (const { raw } of [one, two])
      expect(raw.written).toEqual(['retry: 2000\n\n', ...Array(3).fill(': heartbeat\n\n')])
  })

  test('ends a stream after an hour, and says when to come back', () => {
    const { clock, room, open } = setup()
    const { raw } = open()
    clock.advance(3_600_000)
    expect(raw.written.at(-1)).toBe('retry: 2000\n\n')
    expect(raw.writableEnded).toBe(true)
    expect(room.size).toBe(0)
    clock.advance(60_000)
    expect(clock.pendingTimers).toBe(0)
  })

  test('ends the streams of a key that was revoked or has expired, with the next heartbeat', async () => {
    const { clock, open, endedKeys } = setup()
    const [revoked, good] = [open('key_1'), open('key_2')]
    clock.advance(15_000)
    endedKeys.add('key_1')
    clock.advance(15_000)
    await vi.waitFor(() => expect(revoked.raw.writableEnded).toBe(true))
    expect(good.raw.writableEnded).toBe(false)
  })

  test('drops a client that does not read, at 64 KiB', () => {
    const { room, open } = setup()
    const { raw, stream } = open()
    for (let no = 0; no < 100; no += 1) stream?.send('x'.repeat(1_024))
    expect(raw.destroyed).toBe(true)
    expect(raw.writableLength).toBeLessThan(67_000)
    expect(room.size).toBe(0)
    expect(stream?.send('more')).toBe(false)
  })

  test('leaves the time between two heartbeats for reading the end of a stream, then cuts it off', () => {
    const { clock, room, open } = setup()
    const { raw, stream } = open('key_1', { isReadToEnd: false })
    stream?.end()
    clock.advance(15_000)
    expect(raw.destroyed).toBe(false)
    expect(room.size).toBe(1)
    clock.advance(15_000)
    expect(raw.destroyed).toBe(true)
    expect(room.size).toBe(0)
  })

  test('has a bound for each key and one for all, and closing makes room', () => {
    const { open } = setup({ maxPerKey: 2, max: 3 })
    const first = open('a')
    expect([open('a').stream, open('b').stream].every((stream) => stream !== null)).toBe(true)
    expect(open('a').stream).toBeNull()
    expect(open('c').stream).toBeNull()
    first.raw.close()
    expect(open('a').stream).not.toBeNull()
  })

  test('whoever waits for room stops waiting when the client goes', async () => {
    const { open } = setup()
    const { raw, stream } = open()
    raw.writableNeedDrain = true
    const waiting = stream?.whenDrained()
    raw.close()
    expect(await waiting).toBe(false)
    expect(raw.listenerCount('drain')).toBe(0)
  })

  test('closes with all its streams, and opens no more', () => {
    const { room, open } = setup()
    const { raw } = open()
    room.close()
    expect(raw.writableEnded).toBe(true)
    expect(open().stream).toBeNull()
  })
})
