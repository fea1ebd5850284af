import { describe, expect, test } from 'vitest'
import type { OriginEntry } from '../../../src/actions/deliver-callback.ts'
import { createOriginGate } from '../../../src/worker/origin-gate.ts'
import { createManualClock } from '../../support/clock.ts'

const url = 'https://receiver.test/hook'

const setup = (placesPerOrigin = 2, crowdedFrom = 1_000) => {
  const clock = createManualClock()
  return { clock, gate: createOriginGate({ clock, placesPerOrigin, crowdedFrom }) }
}

const sentAway = { againInMs: expect.any(Number) }
const hasPlace = { leave: expect.any(Function) }

const leave = (entry: OriginEntry): void => {
  if ('leave' in entry) entry.leave()
}

const pauseOf = (entry: OriginEntry): number => ('againInMs' in entry ? entry.againInMs : 0)

describe('the gate before a receiver', () => {
  test('lets so many in at a time, and the next one when one leaves', async () => {
    const { gate } = setup()
    const first = await gate.enter(url)
    await gate.enter(url)
    let hasEntered = false
    const third = gate.enter(url).then((place) => {
      hasEntered = 'leave' in place
    })
    await Promise.resolve()
    expect(hasEntered).toBe(false)
    leave(first)
    await third
    expect(hasEntered).toBe(true)
  })

  test('counts all URLs of an origin together, and other origins apart', async () => {
    const { gate, clock } = setup(1)
    await gate.enter('https://receiver.test/a')
    expect(await gate.enter('https://other.test/a')).toEqual(hasPlace)
    const second = gate.enter('https://receiver.test/b')
    clock.advance(500)
    expect(await second).toEqual(sentAway)
  })

  test('keeps nobody waiting for long', async () => {
    const { gate, clock } = setup(1)
    const first = await gate.enter(url)
    const second = gate.enter(url)
    clock.advance(500)
    expect(await second).toEqual(sentAway)
    leave(first)
    expect(await gate.enter(url)).toEqual(hasPlace)
  })

  test('has no line before a receiver that keeps its calls', async () => {
    const { gate, clock } = setup(1)
    await gate.enter(url)
    clock.advance(501)
    expect(await gate.enter(url)).toEqual(sentAway)
    expect(clock.pendingTimers).toBe(0)
  })

  test('has a line of 64', async () => {
    const { gate } = setup(1)
    await gate.enter(url)
    for (let no = 0; no < 64; no += 1) void gate.enter(url)
    expect(await gate.enter(url)).toEqual(sentAway)
  })

  test('forgets a receiver that has nothing under way, and takes what is no URL for one', async () => {
    const { gate } = setup(1)
    const first = await gate.enter('not a url')
    leave(first)
    expect(await gate.enter('not a url')).toEqual(hasPlace)
  })

  test('gives a place back only once', async () => {
    const { gate, clock } = setup(1)
    const first = await gate.enter(url)
    const second = gate.enter(url)
    leave(first)
    leave(first)
    expect(await second).toEqual(hasPlace)
    const third = gate.enter(url)
    clock.advance(500)
    expect(await third).toEqual(sentAway)
  })

  const sendAway = async (gate: ReturnType<typeof setup>['gate'], count: number): Promise<number[]> => {
    const entries = await Promise.all(Array.from({ length: count }, () => gate.enter(url)))
    return entries.map(pauseOf)
  }

  test('sends those of a receiver that hangs away for longer and longer, up to two minutes', async () => {
    const { gate, clock } = setup(4)
    for (let no = 0; no < 4; no += 1) await gate.enter(url)
    clock.advance(8_000)
    const pauses = await sendAway(gate, 200)
    expect(pauses.slice(0, 4)).toEqual([2_000, 2_000, 3_000, 4_000])
    expect(pauses.at(-1)).toBe(120_000)
    clock.advance(120_000)
    expect(pauseOf(await gate.enter(url))).toBeLessThan(120_000)
  })

  test('sends a crowd away from a quick receiver for two seconds alone', async () => {
    const { gate, clock } = setup(4)
    for (let no = 0; no < 4 + 64; no += 1) void gate.enter(url)
    clock.advance(20)
    expect(new Set(await sendAway(gate, 200))).toEqual(new Set([2_000]))
  })

  test('begins anew with a receiver that has let all of its calls go', async () => {
    const { gate, clock } = setup(1)
    const first = await gate.enter(url)
    clock.advance(15_000)
    expect((await sendAway(gate, 100)).at(-1)).toBe(120_000)
    leave(first)
    await gate.enter(url)
    clock.advance(501)
    expect(await sendAway(gate, 1)).toEqual([2_000])
  })

  test('lets a receiver have one place alone while many calls are under way, so that those that hang leave some', async () => {
    const { gate, clock } = setup(2, 4)
    const first = await gate.enter('https://one.test')
    const others = ['https://one.test', 'https://two.test', 'https://two.test']
    for (const other of others) await gate.enter(other)
    expect(await gate.enter('https://three.test')).toEqual(hasPlace)
    const [second, third] = [gate.enter('https://three.test'), gate.enter('https://one.test')]
    leave(first)
    clock.advance(500)
    expect([await second, await third]).toEqual([sentAway, sentAway])
  })

  test('lets all have theirs again once it is quiet', async () => {
    const { gate } = setup(2, 2)
    const first = await gate.enter('https://one.test')
    leave(await gate.enter('https://two.test'))
    expect(await gate.enter('https://one.test')).toEqual(hasPlace)
    const third = gate.enter('https://one.test')
    leave(first)
    expect(await third).toEqual(hasPlace)
  })
})
