import { createHistogram } from 'node:perf_hooks'
import { describe, expect, test } from 'vitest'
import { createLoopGauge } from '../../../src/actions/loop-gauge.ts'
import { createManualClock } from '../../support/clock.ts'

const setup = () => {
  const clock = createManualClock()
  const delays = createHistogram()
  const delayAll = (...delaysMs: readonly number[]) => {
    for (const ms of delaysMs) delays.record(Math.round(ms * 1e6))
  }
  return { clock, delayAll, gauge: createLoopGauge({ clock, delays, mostDelayMs: 250 }) }
}

const prompt = Array.from({ length: 490 }, () => 20)
const late = Array.from({ length: 10 }, () => 400)

describe('the event loop', () => {
  test('is behind when more than one in a hundred delays of the last window were long', () => {
    const { clock, delayAll, gauge } = setup()
    delayAll(...prompt, ...late)
    expect(gauge.isBehind()).toBe(false)
    clock.advance(10_000)
    expect(gauge.isBehind()).toBe(true)
  })

  test('is not behind for a few slow moments', () => {
    const { clock, delayAll, gauge } = setup()
    delayAll(...prompt, 900, 2_000)
    clock.advance(10_000)
    expect(gauge.isBehind()).toBe(false)
  })

  test('has caught up when a window was quiet', () => {
    const { clock, delayAll, gauge } = setup()
    delayAll(...prompt, ...late)
    clock.advance(10_000)
    expect(gauge.isBehind()).toBe(true)
    delayAll(...prompt)
    clock.advance(9_999)
    expect(gauge.isBehind()).toBe(true)
    clock.advance(1)
    expect(gauge.isBehind()).toBe(false)
  })
})
