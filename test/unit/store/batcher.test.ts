import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { createBatcher } from '../../../src/store/batcher.ts'
import { createManualClock, type ManualClock, settled } from '../../support/clock.ts'

interface Flight {
  readonly operations: readonly number[]
  land(): void
  crash(error: Error): void
}

const setup = (
  options: {
    maxBatch?: number
    maxInFlight?: number
    weightOf?: (operation: number) => number
    rest?: { clock: ManualClock; ms: number }
  } = {},
) => {
  const flights: Flight[] = []
  const batcher = createBatcher<number, string>({
    maxBatch: 100,
    maxInFlight: 1,
    isFatal: (error) => error instanceof RangeError,
    flush: (operations) =>
      new Promise((resolve, reject) => {
        flights.push({
          operations,
          land: () => resolve(operations.map((operation) => `did ${operation}`)),
          crash: reject,
        })
      }),
    ...options,
  })
  const land = async (no: number): Promise<void> => {
    flights[no]?.land()
    await settled()
  }
  return { batcher, flights, land }
}

const batches = (flights: readonly Flight[]) => flights.map(({ operations }) => operations)

describe('a batcher', () => {
  test('sends what is asked for in one turn together', async () => {
    const { batcher, flights, land } = setup()
    const results = Promise.all([batcher.run(1), batcher.run(2), batcher.run(3)])
    await settled()
    expect(batches(flights)).toEqual([[1, 2, 3]])
    await land(0)
    expect(await results).toEqual(['did 1', 'did 2', 'did 3'])
    expect(batcher.stats).toEqual({ statements: 1, operations: 3 })
  })

  test('gathers while a statement is in flight, in the order of asking', async () => {
    const { batcher, flights, land } = setup()
    void batcher.run(1)
    await settled()
    for (const operation of [2, 3, 4]) {
      void batcher.run(operation)
      await settled()
    }
    expect(batches(flights)).toEqual([[1]])
    await land(0)
    expect(batches(flights)).toEqual([[1], [2, 3, 4]])
  })

  test('fills a statement by the weight of its operations', async () => {
    const weightOf = (operation: number) => (operation % 10 === 0 ? 0 : 1)
    const { batcher, flights, land } = setup({ maxBatch: 2, weightOf })
    for (const operation of [1, 10, 2, 20, 3, 30]) void batcher.run(operation)
    await settled()
    await land(0)
    expect(batches(flights)).toEqual([
      [1, 10, 2, 20],
      [3, 30],
    ])
  })

  test('sends no more at a time than it may, and no larger batch', async () => {
    const { batcher, flights, land } = setup({ maxBatch: 2, maxInFlight: 2 })
    for (const operation of [1, 2, 3, 4, 5, 6, 7]) void batcher.run(operation)
    await settled()
    expect(batches(flights)).toEqual([
      [1, 2],
      [3, 4],
    ])
    await land(1)
    expect(batches(flights).at(-1)).toEqual([5, 6])
    await land(2)
    expect(batches(flights).at(-1)).toEqual([7])
  })

  test('answers each operation with its own result, whatever lands first', () =>
    fc.assert(
      fc.asyncProperty(
        fc.array(fc.nat({ max: 3 }), { minLength: 1, maxLength: 30 }),
        fc.integer({ min: 1, max: 5 }),
        fc.integer({ min: 1, max: 3 }),
        async (pauses, maxBatch, maxInFlight) => {
          const { batcher, flights } = setup({ maxBatch, maxInFlight })
          const results = pauses.map(async (pause, no) => {
            for (let turn = 0; turn < pause; turn += 1) await settled()
            return batcher.run(no)
          })
          let isDone = false
          const all = Promise.all(results).then((answers) => {
            isDone = true
            return answers
          })
          while (!isDone) {
            for (const flight of [...flights].reverse()) flight.land()
            await settled()
          }
          expect(await all).toEqual(pauses.map((_, no) => `did ${no}`))
          for (const batch of batches(flights)) expect(batch.length).toBeLessThanOrEqual(maxBatch)
        },
      ),
      { numRuns: 50 },
    ))

  test('keeps one bad operation from failing its neighbors', async () => {
    const flushed: (readonly number[])[] = []
    const batcher = createBatcher<number, string>({
      maxBatch: 10,
      maxInFlight: 1,
      isFatal: () => false,
      flush: (operations) => {
        flushed.push(operations)
        return operations.includes(13)
          ? Promise.reject(new Error('malformed'))
          : Promise.resolve(operations.map(String))
      },
    })
    const results = await Promise.allSettled([1, 13, 2].map((operation) => batcher.run(operation)))
    expect(results).toMatchObject([
      { status: 'fulfilled', value: '1' },
      { status: 'rejected', reason: { message: 'malformed' } },
      { status: 'fulfilled', value: '2' },
    ])
    expect(flushed).toEqual([[1, 13, 2], [1], [13], [2]])
  })

  test('does not take a batch apart when the connection is gone', async () => {
    const { batcher, flights } = setup()
    const results = Promise.allSettled([batcher.run(1), batcher.run(2)])
    await settled()
    flights[0]?.crash(new RangeError('gone'))
    expect(await results).toMatchObject([{ status: 'rejected' }, { status: 'rejected' }])
    expect(flights).toHaveLength(1)
  })

  test('goes on after a failure', async () => {
    const { batcher, flights, land } = setup()
    const failed = batcher.run(1)
    await settled()
    const waiting = batcher.run(2)
    flights[0]?.crash(new RangeError('gone'))
    await expect(failed).rejects.toThrow('gone')
    await settled()
    await land(1)
    expect(await waiting).toBe('did 2')
  })

  test('is idle when nothing waits and nothing is in flight', async () => {
    const { batcher, flights, land } = setup()
    await batcher.idle()
    void batcher.run(1)
    await settled()
    void batcher.run(2)
    let isIdle = false
    const idle = batcher.idle().then(() => {
      isIdle = true
    })
    await land(0)
    expect(isIdle).toBe(false)
    await land(1)
    await idle
    expect(batches(flights)).toEqual([[1], [2]])
  })
})

describe('a batcher that rests', () => {
  const setupResting = (maxBatch = 100) => {
    const clock = createManualClock()
    return { clock, ...setup({ maxBatch, maxInFlight: 2, rest: { clock, ms: 20 } }) }
  }

  test('starts at once when it is idle, and then gathers for a while', async () => {
    const { batcher, flights, clock, land } = setupResting()
    void batcher.run(1)
    void batcher.run(2)
    await settled()
    void batcher.run(3)
    await land(0)
    void batcher.run(4)
    await settled()
    expect(batches(flights)).toEqual([[1, 2]])
    clock.advance(20)
    expect(batches(flights)).toEqual([
      [1, 2],
      [3, 4],
    ])
  })

  test('makes nobody wait who comes alone after one who came alone', async () => {
    const { batcher, flights, land } = setupResting()
    void batcher.run(1)
    await settled()
    await land(0)
    void batcher.run(2)
    await settled()
    expect(batches(flights)).toEqual([[1], [2]])
  })

  test('does not rest with a full batch', async () => {
    const { batcher, flights } = setupResting(2)
    void batcher.run(1)
    await settled()
    void batcher.run(2)
    void batcher.run(3)
    await settled()
    expect(batches(flights)).toEqual([[1], [2, 3]])
  })

  test('is not idle while it rests', async () => {
    const { batcher, clock, land } = setupResting()
    void batcher.run(1)
    void batcher.run(2)
    await settled()
    await land(0)
    void batcher.run(3)
    let isIdle = false
    void batcher.idle().then(() => {
      isIdle = true
    })
    await settled()
    expect(isIdle).toBe(false)
    clock.advance(20)
    await land(1)
    expect(isIdle).toBe(true)
  })
})
