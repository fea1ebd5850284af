import { describe, expect, test } from 'vitest'
import { startBookkeeper } from '../../../src/worker/bookkeeper.ts'
import { createManualClock, settled } from '../../support/clock.ts'

const setup = async ({
  taken = [],
  countMs = 0,
}: {
  taken?: readonly (number | Error)[]
  countMs?: number
} = {}) => {
  const clock = createManualClock()
  const journal: string[] = []
  const rollUps = [...taken]
  const bookkeeper = startBookkeeper({
    clock,
    telemetry: { state: (fact) => void journal.push(fact) },
    tallies: {
      rollUp: () => {
        journal.push('roll up')
        const answer = rollUps.shift() ?? 0
        return answer instanceof Error ? Promise.reject(answer) : Promise.resolve(answer)
      },
    },
    depths: {
      count: () => {
        journal.push('count')
        clock.advance(countMs)
        return Promise.resolve()
      },
    },
  })
  const pass = async (seconds: number): Promise<void> => {
    for (let second = 0; second < seconds; second += 1) {
      clock.advance(1_000)
      await settled()
    }
  }
  await settled()
  return { bookkeeper, journal, pass }
}

const times = (journal: readonly string[], words: string) => journal.filter((entry) => entry === words).length

describe('the bookkeeper', () => {
  test('rolls up each second and counts every five', async () => {
    const { journal, pass } = await setup()
    await pass(10)
    expect([times(journal, 'roll up'), times(journal, 'count')]).toEqual([11, 3])
  })

  test('goes on at once while there is more than it takes at a time', async () => {
    const { journal } = await setup({ taken: [5_000, 5_000, 7] })
    expect(times(journal, 'roll up')).toBe(3)
  })

  test('gives a count that takes long a hundredth of its time', async () => {
    const { journal, pass } = await setup({ countMs: 200 })
    await pass(15)
    expect(times(journal, 'count')).toBe(1)
    await pass(7)
    expect(times(journal, 'count')).toBe(2)
  })

  test('says what failed and tries again a second later', async () => {
    const { journal, pass } = await setup({ taken: [new Error('away'), 3] })
    expect(journal).toEqual(['roll up', 'books.failed'])
    await pass(1)
    expect(journal).toEqual(['roll up', 'books.failed', 'roll up', 'count'])
  })

  test('does nothing more once it was stopped', async () => {
    const { bookkeeper, journal, pass } = await setup()
    await bookkeeper.stop()
    await pass(3)
    expect(times(journal, 'roll up')).toBe(1)
  })
})
