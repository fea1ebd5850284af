import { describe, expect, test } from 'vitest'
import { tryPatiently } from '../../src/patience.ts'
import { createManualClock, settled } from '../support/clock.ts'

const failing = (times: number) => {
  const tries: number[] = []
  const clock = createManualClock()
  const work = (): Promise<string> => {
    tries.push(clock.monotonicMs())
    return tries.length > times ? Promise.resolve('done') : Promise.reject(new Error(`no. ${tries.length}`))
  }
  const pass = async (ms: number): Promise<void> => {
    await settled()
    for (let passed = 0; passed < ms; passed += 100) {
      clock.advance(100)
      await settled()
    }
  }
  return { clock, tries, work, pass }
}

describe('patience', () => {
  test('tries again after growing pauses, and gives what came of it', async () => {
    const { clock, tries, work, pass } = failing(3)
    const tried = tryPatiently({ clock, forMs: 60_000 }, work)
    await pass(1_000)
    expect(await tried).toBe('done')
    expect(tries).toEqual([0, 100, 300, 700])
    expect(clock.pendingTimers).toBe(0)
  })

  test('has an end, and then tells what went wrong last', async () => {
    const { clock, tries, work, pass } = failing(1_000)
    const tried = expect(tryPatiently({ clock, forMs: 10_000 }, work)).rejects.toThrow(/no\. \d+/)
    await pass(20_000)
    await tried
    expect(tries.at(-1)).toBeGreaterThanOrEqual(10_000)
    expect(clock.pendingTimers).toBe(0)
  })

  test('ends at once when it is told to, with a last try', async () => {
    const { clock, tries, work, pass } = failing(1_000)
    const ending = new AbortController()
    const tried = expect(
      tryPatiently({ clock, forMs: 60_000, signal: ending.signal }, work),
    ).rejects.toThrow()
    await pass(400)
    ending.abort()
    await tried
    expect(tries).toEqual([0, 100, 300, 400])
    expect(clock.pendingTimers).toBe(0)
  })
})
