import { describe, expect, test } from 'vitest'
import { failureCatalog, failureCodes, isFailureCode } from '../../../src/job/failure.ts'

describe('the failure catalog', () => {
  test('says of each code what it is and what a person can do', () => {
    for (const code of failureCodes) {
      const { title, hint } = failureCatalog[code]
      expect(code).toMatch(/^[a-z]+(_[a-z]+)*$/)
      expect(title).toMatch(/^[A-Z].*[^.]$/)
      expect(hint).toMatch(/^[A-Z].*\.$/)
    }
  })

  test('lets Clipline retry only what a client may redrive as well', () => {
    for (const code of failureCodes)
      if (failureCatalog[code].retry === 'schedule') expect(failureCatalog[code].isRetryable).toBe(true)
  })

  test('never lets a stage repeat by itself what may have cost money', () => {
    for (const code of ['generation_outcome_unknown', 'generation_failed', 'awaiting_input'] as const)
      expect(failureCatalog[code].retry).toBe('never')
  })

  test('tells its codes from other words', () => {
    expect(isFailureCode('render_failed')).toBe(true)
    expect(isFailureCode('repeat')).toBe(false)
  })
})
