import { describe, expect, test } from 'vitest'
import type { RungBell } from '../../../src/store/dispatch.ts'
import { startDispatcher } from '../../../src/worker/dispatcher.ts'
import { createManualClock, settled } from '../../support/clock.ts'

const setup = async (
  ringJobs: (round: number) => Promise<readonly RungBell[]> = () => Promise.resolve([]),
  removeWorker: () => Promise<void> = () => Promise.resolve(),
  others: () => number = () => 1,
  takeLead: () => boolean = () => true,
) => {
  const clock = createManualClock()
  const journal: string[] = []
  let rounds = 0
  const dispatcher = await startDispatcher({
    clock,
    everyMs: 250,
    worker: { id: 'wrk_1', slots: 8 },
    lead: {
      take: () => {
        journal.push('lead?')
        return Promise.resolve(takeLead())
      },
      resign: () => void journal.push('resign'),
    },
    telemetry: { state: (fact) => void journal.push(fact) },
    sharedAccountId: () => Promise.resolve('acc_shared'),
    ring: (queue, bells) => {
      journal.push(`ring ${queue} ${bells.map(({ id }) => id).join(' ')}`)
      return Promise.resolve()
    },
    vacancies: () => 2,
    answerHere: (bells) => void journal.push(`answer ${bells.map(({ id }) => id).join(' ')}`),
    writer: {
      claimJob: () => Promise.resolve(null),
      transitionJob: () => Promise.resolve({ outcome: 'stale' }),
      renewLeases: () => Promise.resolve({ lost: [], canceled: [] }),
      idle: () => Promise.resolve(),
      stats: { statements: 0, operations: 0 },
    },
    dispatch: {
      ringJobs: () => {
        rounds += 1
        journal.push('round')
        return ringJobs(rounds)
      },
      ringDeliveries: () => Promise.resolve([]),
      listExpired: () => {
        journal.push('expire')
        return Promise.resolve([])
      },
      recordWorker: ({ id, slots }) => {
        journal.push(`record ${id} ${slots}`)
        return Promise.resolve({ others: others() })
      },
      unringJobs: () => Promise.resolve(),
      removeWorker: (id) => {
        journal.push(`remove ${id}`)
        return removeWorker()
      },
    },
  })
  const pass = async (ms: number): Promise<void> => {
    clock.advance(ms)
    await settled()
  }
  await settled()
  return { clock, journal, dispatcher, pass }
}

const roundsIn = (journal: readonly string[]) => journal.filter((words) => words === 'round').length

describe('the dispatcher', () => {
  test('says who works before its first round, and goes round at every tick', async () => {
    const { journal, pass } = await setup()
    expect(journal).toEqual(['record wrk_1 8', 'lead?', 'expire', 'round'])
    await pass(250)
    await pass(250)
    expect(roundsIn(journal)).toBe(3)
  })

  test('expires each second and says each ten seconds that it is there', async () => {
    const { journal, pass } = await setup()
    for (let ticks = 0; ticks < 40; ticks += 1) await pass(250)
    expect(journal.filter((words) => words === 'expire')).toHaveLength(11)
    expect(journal.filter((words) => words.startsWith('record'))).toHaveLength(2)
  })

  test('goes round at once when it is woken', async () => {
    const { journal, dispatcher } = await setup()
    dispatcher.wake()
    await settled()
    expect(roundsIn(journal)).toBe(2)
  })

  test('leaves the rounds to whoever leads, and asks at every tick whether the lead is free', async () => {
    let isFree = false
    const { journal, dispatcher, pass } = await setup(undefined, undefined, undefined, () => isFree)
    dispatcher.wake()
    dispatcher.hurry()
    await pass(250)
    expect(journal).toEqual(['record wrk_1 8', 'lead?', 'lead?'])
    isFree = true
    await pass(250)
    expect(roundsIn(journal)).toBe(1)
    dispatcher.wake()
    await settled()
    expect(roundsIn(journal)).toBe(2)
  })

  test('goes round once more when it was woken in the middle of a round', async () => {
    const ends: (() => void)[] = []
    const { journal, dispatcher } = await setup(() => new Promise((resolve) => ends.push(() => resolve([]))))
    dispatcher.wake()
    dispatcher.wake()
    await settled()
    expect(roundsIn(journal)).toBe(1)
    ends[0]?.()
    await settled()
    expect(roundsIn(journal)).toBe(2)
  })

  test('goes on at once when a round could not take all', async () => {
    const many = Array.from({ length: 1_000 }, (_, no) => ({ id: `job_${no}`, ringNo: 1 }))
    const { journal } = await setup((round) => Promise.resolve(round === 1 ? many : []))
    expect(roundsIn(journal)).toBe(2)
  })

  test('goes round soon when there is room for more and the last round found some', async () => {
    const { journal, dispatcher, pass } = await setup((round) =>
      Promise.resolve(round <= 2 ? [{ id: 'job_1', ringNo: round }] : []),
    )
    dispatcher.hurry()
    dispatcher.hurry()
    await pass(10)
    expect(roundsIn(journal)).toBe(2)
    await pass(10)
    expect(roundsIn(journal)).toBe(2)
    dispatcher.hurry()
    await pass(10)
    expect(roundsIn(journal)).toBe(3)
    dispatcher.hurry()
    await pass(200)
    expect(roundsIn(journal)).toBe(3)
  })

  test('hurries after the round that is under way', async () => {
    const ends: (() => void)[] = []
    const { journal, dispatcher, pass } = await setup(
      () => new Promise((resolve) => ends.push(() => resolve([{ id: 'job_1', ringNo: 1 }]))),
    )
    dispatcher.hurry()
    await pass(20)
    expect(roundsIn(journal)).toBe(1)
    ends[0]?.()
    await settled()
    await pass(10)
    expect(roundsIn(journal)).toBe(2)
  })

  test('rings through the queue while others work', async () => {
    const { journal } = await setup(() => Promise.resolve([{ id: 'job_1', ringNo: 1 }]))
    expect(journal).toContain('ring jobs job_1')
  })

  test('answers the bells of jobs here as long as nobody else works', async () => {
    const ring = () => Promise.resolve([{ id: 'job_1', ringNo: 1 }])
    const { journal } = await setup(ring, undefined, () => 0)
    expect(journal).toContain('answer job_1')
    expect(journal).not.toContain('ring jobs job_1')
  })

  test('answers here what a dead process left behind, as far as there are places', async () => {
    const bells = ['job_1', 'job_2', 'job_3', 'job_4'].map((id, no) => ({
      id,
      ringNo: 1,
      ...(no > 0 && { isUrgent: true }),
    }))
    const { journal } = await setup((round) => Promise.resolve(round === 1 ? bells : []))
    expect(journal.filter((words) => /^(answer|ring) /.test(words))).toEqual([
      'answer job_2 job_3',
      'ring jobs job_1 job_4',
    ])
  })

  test('rings through the queue from when it has heard of another one', async () => {
    let others = 0
    const ring = () => Promise.resolve([{ id: 'job_1', ringNo: 1 }])
    const { journal, pass } = await setup(ring, undefined, () => others)
    others = 1
    await pass(10_000)
    await pass(250)
    expect(journal.filter((words) => /^(answer|ring) /.test(words)).at(-1)).toBe('ring jobs job_1')
  })

  test('leaves the lead to others after a round that failed, and asks for it again with the next tick', async () => {
    const { journal, pass } = await setup((round) =>
      round === 1 ? Promise.reject(new Error('away')) : Promise.resolve([]),
    )
    expect(journal.slice(-2)).toEqual(['dispatch.failed', 'resign'])
    await pass(250)
    expect(roundsIn(journal)).toBe(2)
  })

  test('stops after the round that is under way, and says that nobody works here any more', async () => {
    const ends: (() => void)[] = []
    const { journal, dispatcher, clock } = await setup(
      () => new Promise((resolve) => ends.push(() => resolve([]))),
    )
    const stopped = dispatcher.stop()
    await settled()
    expect(journal).not.toContain('remove wrk_1')
    ends[0]?.()
    await stopped
    expect(journal.slice(-2)).toEqual(['resign', 'remove wrk_1'])
    dispatcher.wake()
    await settled()
    expect(roundsIn(journal)).toBe(1)
    expect(clock.pendingTimers).toBe(0)
  })

  test('begins nothing with the bells of the round in which it was stopped: they go through the queue', async () => {
    const ends: (() => void)[] = []
    const { journal, dispatcher } = await setup(
      () => new Promise((resolve) => ends.push(() => resolve([{ id: 'job_1', ringNo: 1, isUrgent: true }]))),
      undefined,
      () => 0,
    )
    const stopped = dispatcher.stop()
    ends[0]?.()
    await stopped
    expect(journal).toContain('ring jobs job_1')
    expect(journal).not.toContain('answer job_1')
  })

  test('stops even when the database is away', async () => {
    const { dispatcher, journal } = await setup(undefined, () => Promise.reject(new Error('away')))
    await dispatcher.stop()
    expect(journal.slice(-3)).toEqual(['resign', 'remove wrk_1', 'dispatch.failed'])
  })
})
