import { describe, expect, test } from 'vitest'
import { createOriginGate } from '../../../src/worker/origin-gate.ts'
import { createManualClock } from '../../support/clock.ts'

const url = 'https://receiver.test/hook'

const setup = (placesPerOrigin = 2) => {
  const clock = createManualClock()
  return { clock, gate: createOriginGate({ clock, placesPerOrigin }) }
}

describe('the gate before a receiver', () => {
  test('lets so many in at a time, and the next one when one leaves', async () => {
    const { gate } = setup()
    const leave = await gate.enter(url)
    await gate.enter(url)
    let hasEntered = false
    const third = gate.enter(url).then((place) => {
      hasEntered = place !== null
    })
    await Promise.resolve()
    expect(hasEntered).toBe(false)
    leave?.()
    await third
    expect(hasEntered).toBe(true)
  })

  test('counts all URLs of an origin together, and other origins apart', async () => {
    const { gate, clock } = setup(1)
    await gate.enter('https://receiver.test/a')
    expect(await gate.enter('https://other.test/a')).not.toBeNull()
    const second = gate.enter('https://receiver.test/b')
    clock.advance(500)
    expect(await second).toBeNull()
  })

  test('keeps nobody waiting for long', async () => {
    const { gate, clock } = setup(1)
    const leave = await gate.enter(url)
    const second = gate.enter(url)
    clock.advance(500)
    expect(await second).toBeNull()
    leave?.()
    expect(await gate.enter(url)).not.toBeNull()
  })

  test('has no line before a receiver that keeps its calls', async () => {
    const { gate, clock } = setup(1)
    await gate.enter(url)
    clock.advance(501)
    expect(await gate.enter(url)).toBeNull()
    expect(clock.pendingTimers).toBe(0)
  })

  test('has a line of 64', async () => {
    const { gate } = setup(1)
    await gate.enter(url)
    for (let no = 0; no < 64; no += 1) void gate.enter(url)
    expect(await gate.enter(url)).toBeNull()
  })

  test('forgets a receiver that has nothing under way, and takes what is no URL for one', async () => {
    const { gate } = setup(1)
    const leave = await gate.enter('not a url')
    leave?.()
    expect(await gate.enter('not a url')).not.toBeNull()
  })

  test('gives a place back only once', async () => {
    const { gate, clock } = setup(1)
    const leave = await gate.enter(url)
    const second = gate.enter(url)
    leave?.()
    leave?.()
    expect(await second).not.toBeNull()
    const third = gate.enter(url)
    clock.advance(500)
    expect(await third).toBeNull()
  })
})
