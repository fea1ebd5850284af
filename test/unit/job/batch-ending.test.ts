import { expect, it } from 'vitest'
import { batchEndingOf } from '../../../src/job/batch-ending.ts'

it.each([
  [{ accepted: 3, rejected: 0, succeeded: 3 }, 'completed'],
  [{ accepted: 0, rejected: 0, succeeded: 0 }, 'completed'],
  [{ accepted: 3, rejected: 0, succeeded: 2 }, 'completed_with_errors'],
  [{ accepted: 3, rejected: 1, succeeded: 3 }, 'completed_with_errors'],
  [{ accepted: 3, rejected: 0, succeeded: 0 }, 'failed'],
  [{ accepted: 0, rejected: 2, succeeded: 0 }, 'failed'],
] as const)('%j ends as %s', (lines, state) => {
  expect(batchEndingOf({ ending: null, ...lines })).toBe(state)
  expect(batchEndingOf({ ending: 'canceled', ...lines })).toBe('canceled')
})
