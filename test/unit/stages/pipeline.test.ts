import { describe, expect, test } from 'vitest'
import { stageNames } from '../../../src/job/plan.ts'
import { stages } from '../../../src/stages/index.ts'
import { stageTimings } from '../../support/stage-kit.ts'

describe('the pipeline', () => {
  test('has every stage once, under its own name, in order', () => {
    expect(Object.keys(stages)).toEqual([...stageNames])
    for (const name of stageNames) expect(stages[name].name).toBe(name)
  })

  test('gives every stage a time and a rising schedule of retries', () => {
    for (const name of stageNames) {
      const { timeoutMs, retryDelaysMs } = stages[name]
      expect(timeoutMs(stageTimings)).toBeGreaterThanOrEqual(60_000)
      expect(retryDelaysMs.length).toBeGreaterThan(3)
      expect([...retryDelaysMs]).toEqual([...retryDelaysMs].sort((a, b) => a - b))
    }
  })

  test('gives a message all the time that its stream may take', () => {
    expect(stages.generate.timeoutMs(stageTimings)).toBeGreaterThan(stageTimings.messageMaxMs)
  })

  test('looks for a message of unknown fate for a day', () => {
    const totalMs = stages.confirm.retryDelaysMs.reduce((sum, delayMs) => sum + delayMs, 0)
    expect(totalMs).toBeGreaterThan(23.5 * 3_600_000)
    expect(totalMs).toBeLessThan(24.5 * 3_600_000)
  })
})
