import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { retryAfterMs } from '../../../src/callbacks/retry-after.ts'
import { defaultScheduleMs, nextAttempt } from '../../../src/callbacks/schedule.ts'

const hourMs = 3_600_000
const next = (attemptsMade: number, override: { retryAfterMs?: number | null; random?: number } = {}) =>
  nextAttempt({ scheduleMs: defaultScheduleMs, attemptsMade, retryAfterMs: null, random: 0.5, ...override })

describe('the default schedule', () => {
  test('makes ten attempts over 75 hours and 35 minutes', () => {
    expect(defaultScheduleMs).toHaveLength(10)
    const totalMs = defaultScheduleMs.reduce((sum, pauseMs) => sum + pauseMs, 0)
    expect(totalMs).toBe(75 * hourMs + 35 * 60_000 + 5_000)
  })

  test('pauses as documented when chance is in the middle', () => {
    expect(defaultScheduleMs.map((_pauseMs, attemptsMade) => next(attemptsMade))).toEqual([
      0, 5_000, 300_000, 1_800_000, 7_200_000, 18_000_000, 36_000_000, 50_400_000, 72_000_000, 86_400_000,
    ])
  })
})

describe('nextAttempt', () => {
  test('has none after the last', () => {
    expect(next(9)).not.toBeNull()
    expect(next(10)).toBeNull()
    expect(next(11)).toBeNull()
    expect(nextAttempt({ scheduleMs: [], attemptsMade: 0, retryAfterMs: 1_000, random: 0 })).toBeNull()
  })

  test('stays within 20 % of the schedule, whatever chance says, and reaches both ends', () => {
    fc.assert(
      fc.property(
        fc.nat(9),
        fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }),
        (attemptsMade, random) => {
          const pauseMs = defaultScheduleMs[attemptsMade]!
          const dueInMs = next(attemptsMade, { random })!
          expect(dueInMs).toBeGreaterThanOrEqual(Math.floor(pauseMs * 0.8))
          expect(dueInMs).toBeLessThanOrEqual(Math.ceil(pauseMs * 1.2))
          expect(Number.isInteger(dueInMs)).toBe(true)
        },
      ),
    )
    expect(next(1, { random: 0 })).toBe(4_000)
    expect(next(1, { random: 0.999_999 })).toBe(6_000)
  })

  test('waits as long as the receiver asks, up to a day, but never shorter than the schedule', () => {
    expect(next(1, { retryAfterMs: 60_000 })).toBe(60_000)
    expect(next(1, { retryAfterMs: 1_000 })).toBe(5_000)
    expect(next(1, { retryAfterMs: 0 })).toBe(5_000)
    expect(next(1, { retryAfterMs: 23 * hourMs })).toBe(23 * hourMs)
    expect(next(1, { retryAfterMs: 25 * hourMs })).toBe(24 * hourMs)
    expect(next(1, { retryAfterMs: Number.MAX_VALUE })).toBe(24 * hourMs)
    expect(next(9, { random: 0.75, retryAfterMs: 25 * hourMs })).toBe(26.4 * hourMs)
  })
})

describe('Retry-After', () => {
  const nowMs = Date.UTC(1994, 10, 6, 8, 48, 37)

  test.each([
    ['0', 0],
    ['1', 1_000],
    ['120', 120_000],
    [' 120 ', 120_000],
    ['9999999999', 9_999_999_999_000],
    ['Sun, 06 Nov 1994 08:49:37 GMT', 60_000],
    ['Sunday, 06-Nov-94 08:49:37 GMT', 60_000],
    ['Sun Nov  6 08:49:37 1994', 60_000],
    ['Sun, 06 Nov 1994 08:48:37 GMT', 0],
    ['Sun, 06 Nov 1994 08:00:00 GMT', 0],
  ])('of %j asks for %i ms', (header, expected) => {
    expect(retryAfterMs(header, nowMs)).toBe(expected)
  })

  test.each([
    undefined,
    '',
    'soon',
    '-1',
    '+1',
    '1.5',
    '1e3',
    '0x10',
    '1 second',
    '99999999999',
    '1994-11-06T08:49:37Z',
    'Sun, 06 Nov 1994 08:49:37',
    'Sun, 06 Nov 1994 08:49:37 +0200',
    'Sun, 99 Nov 1994 08:49:37 GMT',
    'Sun, 06 Foo 1994 08:49:37 GMT',
    ['1', '2'],
  ])('of %j asks for nothing', (header) => {
    expect(retryAfterMs(header, nowMs)).toBeNull()
  })
})
