import { describe, expect, test } from 'vitest'
import type { UnexplainedCredits } from '../../../src/store/account-books.ts'
import { startBookkeeper } from '../../../src/worker/bookkeeper.ts'
import { createManualClock, settled } from '../../support/clock.ts'

const setup = async ({
  taken = [],
  countMs = 0,
  unexplained = [],
  broken = [],
}: {
  taken?: readonly (number | Promise<number> | Error)[]
  countMs?: number
  unexplained?: readonly UnexplainedCredits[]
  broken?: readonly Error[]
} = {}) => {
  const clock = createManualClock()
  const journal: string[] = []
  const rollUps = [...taken]
  const breaks = [...broken]
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
    books: {
      keep: () => {
        journal.push('keep books')
        const error = breaks.shift()
        return error === undefined ? Promise.resolve(unexplained) : Promise.reject(error)
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
    expect(journal).toEqual(['roll up', 'books.failed', 'roll up', 'count', 'keep books'])
  })

  test('tries what failed again no oftener than it would be done', async () => {
    const { journal, pass } = await setup({ broken: [new Error('unreadable')] })
    await pass(59)
    expect([times(journal, 'keep books'), times(journal, 'books.failed')]).toEqual([1, 1])
    await pass(1)
    expect([times(journal, 'keep books'), times(journal, 'books.failed')]).toEqual([2, 1])
  })

  test('keeps the books of accounts each minute, and tells what they do not explain', async () => {
    const change = { accountId: 'acc_1', credits: 30, since: new Date(1), until: new Date(2) }
    const { journal, pass } = await setup({ unexplained: [change, { ...change, credits: -5 }] })
    expect(journal.slice(-2)).toEqual(['credits.unexplained', 'credits.added'])
    await pass(59)
    expect(times(journal, 'keep books')).toBe(1)
    await pass(1)
    expect(times(journal, 'keep books')).toBe(2)
  })

  test('is stopped in the middle of a round, however much there is to catch up with', async () => {
    const { promise: asked, resolve: answer } = Promise.withResolvers<number>()
    const { bookkeeper, journal } = await setup({ taken: [5_000, asked, 5_000, 5_000] })
    const stopped = bookkeeper.stop()
    answer(5_000)
    await stopped
    expect(journal).toEqual(['roll up', 'roll up'])
  })

  test('does nothing more once it was stopped', async () => {
    const { bookkeeper, journal, pass } = await setup()
    await bookkeeper.stop()
    await pass(3)
    expect(times(journal, 'roll up')).toBe(1)
  })
})
