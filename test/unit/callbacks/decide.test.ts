import { describe, expect, test } from 'vitest'
import { decideDelivery, isEndpointGivenUp } from '../../../src/callbacks/decide.ts'
import { defaultScheduleMs } from '../../../src/callbacks/schedule.ts'
import type { CallbackEnding } from '../../../src/callbacks/send.ts'

const decide = (ending: CallbackEnding, attempt: number) =>
  decideDelivery({ ending, attempt, scheduleMs: defaultScheduleMs, random: 0.5 })
const failed = (retryAfterMs: number | null = null): CallbackEnding => ({
  outcome: 'retry',
  cause: 'status',
  detail: 'HTTP 500',
  retryAfterMs,
})

describe('a delivery', () => {
  test.each([1, 5, 10])('is delivered by a success at attempt %i', (attempt) => {
    expect(decide({ outcome: 'delivered' }, attempt)).toEqual({ state: 'delivered' })
  })

  test('waits for the next attempt after each failure, and is exhausted after the last', () => {
    expect(decide(failed(), 1)).toEqual({ state: 'waiting', dueInMs: 5_000, attempt: 2 })
    expect(decide(failed(), 2)).toEqual({ state: 'waiting', dueInMs: 300_000, attempt: 3 })
    expect(decide(failed(), 9)).toEqual({ state: 'waiting', dueInMs: 86_400_000, attempt: 10 })
    expect(decide(failed(), 10)).toEqual({ state: 'exhausted' })
    expect(decide(failed(60_000), 10)).toEqual({ state: 'exhausted' })
  })

  test('makes as many attempts as its schedule has', () => {
    const attempts: number[] = []
    let attempt: number | null = 1
    while (attempt !== null) {
      attempts.push(attempt)
      const decision = decide(failed(), attempt)
      attempt = decision.state === 'waiting' ? decision.attempt : null
    }
    expect(attempts).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10])
  })

  test('waits as long as the receiver asked', () => {
    expect(decide(failed(60_000), 1)).toEqual({ state: 'waiting', dueInMs: 60_000, attempt: 2 })
  })

  test('fails for good when the receiver is gone or the target is not allowed', () => {
    expect(decide({ outcome: 'gone' }, 1)).toEqual({ state: 'failed', reason: 'gone' })
    expect(decide({ outcome: 'refused' }, 1)).toEqual({ state: 'failed', reason: 'refused' })
  })

  test('loses no attempt to an interruption of ours, not even the last', () => {
    expect(decide({ outcome: 'interrupted' }, 1)).toEqual({ state: 'waiting', dueInMs: 0, attempt: 1 })
    expect(decide({ outcome: 'interrupted' }, 10)).toEqual({ state: 'waiting', dueInMs: 0, attempt: 10 })
  })
})

describe('an endpoint', () => {
  const dayMs = 86_400_000

  test.each([
    [5 * dayMs, 10, true],
    [50 * dayMs, 1_000, true],
    [5 * dayMs - 1, 1_000, false],
    [50 * dayMs, 9, false],
    [0, 0, false],
  ])('that has failed for %i ms, %i times, is given up: %s', (failingForMs, failures, expected) => {
    expect(isEndpointGivenUp({ failingForMs, failures })).toBe(expected)
  })
})
