import { expect, test } from 'vitest'
import type { Clock } from '../../src/clock.ts'
import { coalesce } from '../../src/wake.ts'

const setup = () => {
  const timers: (() => void)[] = []
  const clock: Clock = {
    nowMs: () => 0,
    monotonicMs: () => 0,
    after: (_ms, callback) => {
      timers.push(callback)
      return () => undefined
    },
  }
  const sent: string[] = []
  return {
    notify: coalesce(clock, (topic) => sent.push(topic)),
    sent,
    rest: () => {
      for (const callback of timers.splice(0)) callback()
    },
  }
}

test('of many notifications the first goes out at once and the others become one', () => {
  const { notify, sent, rest } = setup()
  for (let no = 0; no < 100; no += 1) notify('dispatch')
  expect(sent).toEqual(['dispatch'])
  rest()
  expect(sent).toEqual(['dispatch', 'dispatch'])
  rest()
  expect(sent).toHaveLength(2)
  notify('dispatch')
  expect(sent).toHaveLength(3)
})

test('topics do not wait for each other', () => {
  const { notify, sent } = setup()
  notify('dispatch')
  notify('cancel')
  notify('dispatch')
  expect(sent).toEqual(['dispatch', 'cancel'])
})
