import { describe, expect, test } from 'vitest'
import type { Removal, RemovalStep } from '../../../src/store/retention.ts'
import { startSweeper } from '../../../src/worker/sweeper.ts'
import { createManualClock, settled } from '../../support/clock.ts'

const now = new Date('2026-08-01T12:00:00Z')
const nothing: Removal = { rows: 0, keys: [] }

const setup = () => {
  const clock = createManualClock()
  const world = {
    isLeader: true,
    removals: new Map<RemovalStep, Removal[]>(),
    files: [] as string[],
    rounds: 0,
    markSweeps: 0,
    walks: 0,
    deleted: [] as string[],
    facts: [] as string[],
    failure: null as Error | null,
  }
  const sweeper = startSweeper({
    clock,
    marks: {
      sweep: () => {
        world.markSweeps += 1
      },
    },
    telemetry: { state: (fact) => world.facts.push(fact) },
    retention: {
      async lead(work) {
        if (world.failure !== null) throw world.failure
        if (world.isLeader) await work(now)
        return world.isLeader
      },
      async remove(step) {
        if (step === 'uploads') world.rounds += 1
        return world.removals.get(step)?.shift() ?? nothing
      },
      findUnused: async (keys) => keys.map(({ key }) => key),
    },
    storage: {
      async *list() {
        world.walks += 1
        for (const key of world.files) yield { key, sizeBytes: 1, modifiedAtMs: 0 }
      },
      delete: async (key) => world.deleted.push(key) > 0,
      sweep: async () => 0,
    },
  })
  const pass = async (ms: number) => {
    clock.advance(ms)
    for (let turns = 0; turns < 50; turns += 1) await settled()
  }
  return { clock, world, sweeper, pass }
}

describe('the sweeper', () => {
  test('works once a minute, not at the start', async () => {
    const { world, pass } = setup()
    await pass(59_999)
    expect(world.rounds).toBe(0)
    await pass(1)
    expect(world.rounds).toBe(1)
    await pass(60_000)
    expect(world.rounds).toBe(2)
  })

  test('deletes the files of the rows that it removed, and goes on soon while there is more', async () => {
    const { world, pass } = setup()
    const many = { rows: 500, keys: Array.from({ length: 500 }, (_, no) => `uploads/a/${no}`) }
    world.removals.set('uploads', [many, { rows: 1, keys: ['uploads/a/last'] }])
    await pass(60_000)
    expect(world.deleted).toHaveLength(500)
    await pass(500)
    expect(world.deleted).toHaveLength(501)
    await pass(500)
    expect(world.rounds).toBe(2)
  })

  test('looks through the files once an hour', async () => {
    const { world, pass } = setup()
    world.files = [`checks/${'0'.repeat(32)}`, 'holiday.mp4']
    await pass(60_000)
    expect(world.walks).toBe(1)
    expect(world.deleted).toEqual([`checks/${'0'.repeat(32)}`])
    for (let minute = 0; minute < 59; minute += 1) await pass(60_000)
    expect(world.walks).toBe(1)
    await pass(60_000)
    expect(world.walks).toBe(2)
  })

  test('sweeps the marks of unsent messages once an hour, whoever leads', async () => {
    const { world, pass } = setup()
    world.isLeader = false
    for (let minute = 0; minute < 60; minute += 1) await pass(60_000)
    expect(world.markSweeps).toBe(1)
    await pass(60_000)
    expect(world.markSweeps).toBe(2)
  })

  test('leaves it to another process that is at it, and takes over later', async () => {
    const { world, pass } = setup()
    world.isLeader = false
    await pass(60_000)
    expect(world.rounds).toBe(0)
    world.isLeader = true
    await pass(60_000)
    expect(world.rounds).toBe(1)
  })

  test('says that it failed, and tries again a minute later', async () => {
    const { world, pass } = setup()
    world.failure = new Error('the database is away')
    await pass(60_000)
    expect(world.facts).toEqual(['sweep.failed'])
    world.failure = null
    await pass(60_000)
    expect(world.rounds).toBe(1)
  })

  test('ends when it is stopped', async () => {
    const { clock, sweeper } = setup()
    await sweeper.stop()
    expect(clock.pendingTimers).toBe(0)
  })
})
