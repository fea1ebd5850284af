import { describe, expect, test } from 'vitest'
import { headStartSeconds, messagesOf, onUnknownChoices, priorities } from '../../../src/job/job.ts'
import { LeaseLost } from '../../../src/job/leases.ts'
import { makeRequest } from '../../support/job.ts'

describe('a job request', () => {
  test('has the prompt and then the steps as its messages', () => {
    expect(messagesOf(makeRequest({ prompt: 'a fox', steps: ['slower', 'add snow'] }))).toEqual([
      'a fox',
      'slower',
      'add snow',
    ])
  })

  test('fails on an unknown outcome unless it says otherwise', () => {
    expect(onUnknownChoices[0]).toBe('fail')
  })
})

describe('a priority', () => {
  test('is a bounded head start in the line, so that nothing starves', () => {
    expect(priorities.map((priority) => headStartSeconds[priority])).toEqual([-300, 0, 300])
  })
})

describe('a lost lease', () => {
  test('is told from other errors by its name', () => {
    expect(new LeaseLost('x')).toMatchObject({ name: 'LeaseLost', message: 'x' })
  })
})
