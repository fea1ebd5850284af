import { describe, expect, test } from 'vitest'
import { createRateLimiter } from '../../../src/api/rate-limit.ts'
import { createManualClock } from '../../support/clock.ts'

const setup = () => {
  const clock = createManualClock()
  return { clock, limiter: createRateLimiter(clock) }
}

describe('a rate limit', () => {
  test('allows a burst of a minute’s worth, then an even flow', () => {
    const { clock, limiter } = setup()
    const take = () => limiter.take('key', 60).isAllowed
    expect(Array.from({ length: 61 }, take)).toEqual([...Array(60).fill(true), false])
    clock.advance(1_000)
    expect([take(), take()]).toEqual([true, false])
    clock.advance(3_600_000)
    expect(Array.from({ length: 61 }, take)).toEqual([...Array(60).fill(true), false])
  })

  test('says what is left, when it is full again, and when to come back', () => {
    const { limiter } = setup()
    expect(limiter.take('key', 2)).toEqual({
      isAllowed: true,
      perMinute: 2,
      left: 1,
      fullInS: 30,
      retryAfterS: 0,
    })
    limiter.take('key', 2)
    expect(limiter.take('key', 2)).toMatchObject({ isAllowed: false, left: 0, fullInS: 60, retryAfterS: 30 })
  })

  test('a refused request costs nothing', () => {
    const { clock, limiter } = setup()
    limiter.take('key', 1)
    for (let no = 0; no < 100; no += 1) limiter.take('key', 1)
    clock.advance(60_000)
    expect(limiter.take('key', 1).isAllowed).toBe(true)
  })

  test('each name has a bucket of its own', () => {
    const { limiter } = setup()
    limiter.take('one', 1)
    expect(limiter.take('two', 1).isAllowed).toBe(true)
  })
})
