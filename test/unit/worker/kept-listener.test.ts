import { describe, expect, test } from 'vitest'
import { keepListener } from '../../../src/worker/kept-listener.ts'
import { createManualClock, settled } from '../../support/clock.ts'

const checkEveryMs = 5_000

const listening = () => {
  const clock = createManualClock()
  const journal: string[] = []
  /** What the listeners are like, and what becomes of a canary. */
  const world = { isAtQueue: true, isBusy: false, heard: 0, isQueueAway: false, isCanaryWaiting: true }
  let made = 0
  let canaries = 0
  const listener = keepListener(
    () => {
      made += 1
      const no = made
      return {
        isHealthy: () => world.isAtQueue,
        isBusy: () => world.isBusy,
        get heard() {
          return world.heard
        },
        close: (timeoutMs) => {
          journal.push(`close ${no} in ${timeoutMs}`)
          return Promise.resolve()
        },
      }
    },
    {
      clock,
      queue: 'jobs',
      telemetry: {
        state: (fact, details) => void journal.push(`${fact} ${'reason' in details ? details.reason : ''}`),
      },
      canary: {
        ring: () => {
          if (world.isQueueAway) return Promise.reject(new Error('away'))
          canaries += 1
          journal.push(`ring ${canaries}`)
          return Promise.resolve(`canary-${canaries}`)
        },
        isWaiting: (id) => {
          journal.push(`look for ${id}`)
          return world.isQueueAway
            ? Promise.reject(new Error('away'))
            : Promise.resolve(world.isCanaryWaiting)
        },
      },
      checkEveryMs,
    },
  )
  const pass = async (checks: number): Promise<void> => {
    for (let no = 0; no < checks; no += 1) {
      clock.advance(checkEveryMs)
      await settled()
    }
  }
  return { clock, journal, world, listener, made: () => made, pass }
}

describe('a listener that does not come back to its queue', () => {
  test('is replaced after a while', async () => {
    const { journal, world, listener, made, pass } = listening()
    world.isAtQueue = false
    await pass(2)
    expect(made()).toBe(1)
    expect(listener.isHealthy()).toBe(false)
    await pass(1)
    expect(made()).toBe(2)
    expect(journal).toContain('listener.replaced away')
    expect(journal).toContain('close 1 in 1000')
  })

  test('is kept when it recovers by itself', async () => {
    const { world, made, pass } = listening()
    world.isAtQueue = false
    await pass(2)
    world.isAtQueue = true
    await pass(1)
    world.isAtQueue = false
    await pass(2)
    expect(made()).toBe(1)
  })

  test('is not replaced once it is closed', async () => {
    const { clock, world, listener, journal, made, pass } = listening()
    world.isAtQueue = false
    await listener.close(700)
    await pass(12)
    expect(made()).toBe(1)
    expect(journal).toEqual(['close 1 in 700'])
    expect(clock.pendingTimers).toBe(0)
  })
})

describe('a listener that comes back to its queue and hears nothing', () => {
  test('is replaced when a canary waits there for long, and is not healthy before it hears again', async () => {
    const { journal, world, listener, made, pass } = listening()
    await pass(8)
    expect(journal).toEqual(['ring 1', 'look for canary-1', 'listener.replaced deaf', 'close 1 in 1000'])
    expect(made()).toBe(2)
    expect(listener.isHealthy()).toBe(false)
    world.heard += 1
    await pass(1)
    expect(listener.isHealthy()).toBe(true)
  })

  test('is kept when somebody else has taken the canary', async () => {
    const { world, made, pass } = listening()
    world.isCanaryWaiting = false
    await pass(100)
    expect(made()).toBe(1)
  })

  test('is kept while the queue is away', async () => {
    const { world, made, pass } = listening()
    world.isQueueAway = true
    await pass(100)
    expect(made()).toBe(1)
  })

  test('is kept when it hears while it is asked about', async () => {
    const { world, made, pass } = listening()
    await pass(7)
    world.heard += 1
    await pass(1)
    expect(made()).toBe(1)
  })
})

describe('a listener that hears', () => {
  test('is not tried while there are bells', async () => {
    const { journal, world, pass } = listening()
    for (let no = 0; no < 20; no += 1) {
      world.heard += 1
      await pass(1)
    }
    expect(journal).toEqual([])
  })

  test('is not blamed for a canary behind a long line of bells', async () => {
    const { world, made, pass } = listening()
    await pass(2)
    for (let no = 0; no < 20; no += 1) {
      world.heard += 1
      await pass(4)
    }
    expect(made()).toBe(1)
  })

  test('is not blamed for bells that wait for a free hand', async () => {
    const { journal, world, made, pass } = listening()
    world.isBusy = true
    await pass(100)
    expect(made()).toBe(1)
    expect(journal).toEqual([])
  })

  test('is not blamed for a process that was frozen', async () => {
    const { clock, world, made, pass } = listening()
    await pass(2)
    clock.advance(10 * 60_000)
    await settled()
    world.heard += 1
    await pass(1)
    expect(made()).toBe(1)
  })
})
