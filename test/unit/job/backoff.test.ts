import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { jittered, retryDelayMs } from '../../../src/job/backoff.ts'

const random = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true })

describe('jitter', () => {
  test('stays within its share on both sides and is a whole number of milliseconds', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 0, max: 86_400_000 }),
        fc.double({ min: 0, max: 1, noNaN: true }),
        random,
        (ms, share, chance) => {
          const result = jittered(ms, share, chance)
          expect(Number.isInteger(result)).toBe(true)
          expect(result).toBeGreaterThanOrEqual(Math.max(0, Math.floor(ms * (1 - share))))
          expect(result).toBeLessThanOrEqual(Math.ceil(ms * (1 + share)))
        },
      ),
    )
  })

  test('leaves the middle of its range alone', () => {
    expect(jittered(1_000, 0.2, 0.5)).toBe(1_000)
    expect(jittered(1_000, 0.2, 0)).toBe(800)
    expect(jittered(1_000, 0, 0.9)).toBe(1_000)
  })
})

describe('the delay before a retry', () => {
  const delaysMs = [1_000, 5_000, 15_000]

  test('comes from the schedule and ends with it', () => {
    const delays = [0, 1, 2, 3].map((tries) =>
      retryDelayMs(delaysMs, tries, { retryAfterMs: null, random: 0.5 }),
    )
    expect(delays).toEqual([1_000, 5_000, 15_000, null])
  })

  test('never undercuts what the provider asked for', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 0, max: 2 }),
        fc.integer({ min: 0, max: 600_000 }),
        random,
        (tries, retryAfterMs, chance) => {
          expect(retryDelayMs(delaysMs, tries, { retryAfterMs, random: chance })).toBeGreaterThanOrEqual(
            retryAfterMs,
          )
        },
      ),
    )
  })

  test('does not outlive the schedule because the provider asked for a pause', () => {
    expect(retryDelayMs(delaysMs, 3, { retryAfterMs: 5_000, random: 0 })).toBeNull()
  })
})
