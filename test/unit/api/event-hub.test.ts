import { describe, expect, test } from 'vitest'
import { createEventHub } from '../../../src/api/streams/event-hub.ts'
import type { EventTail, StoredEvent } from '../../../src/store/job-events.ts'
import { createManualClock, settled } from '../../support/clock.ts'

const event = (jobId: string, seq: number, xid: string, tenantId = 'ten_1'): StoredEvent => ({
  id: `evt_${jobId}_${seq}`,
  jobId,
  tenantId,
  seq,
  type: 'job.progress',
  at: new Date(0),
  data: {},
  cursor: { xid, feedId: seq },
})

const setup = () => {
  const clock = createManualClock()
  const asked: unknown[] = []
  const answers: (EventTail | readonly EventTail[] | Error)[] = []
  const hub = createEventHub({
    clock,
    log: { info: () => undefined, warn: () => undefined, error: () => undefined },
    tickMs: 100,
    events: {
      readTailStart: async () => '10',
      async *readTail(from) {
        asked.push(from)
        const answer = answers.shift() ?? { events: [], settledXid: from.xid }
        if (answer instanceof Error) throw answer
        yield* [answer].flat()
      },
    },
  })
  const follow = async (jobId: string | null, tenantId = 'ten_1') => {
    const seen: number[] = []
    const stop = await hub.follow({
      tenantId,
      jobId,
      onEvents: (batch) => seen.push(...batch.map(({ seq }) => seq)),
    })
    return { seen, stop }
  }
  const tick = async (ms = 100) => {
    clock.advance(ms)
    await settled()
  }
  return { clock, hub, asked, answers, follow, tick }
}

describe('the event hub', () => {
  test('asks nothing while nobody follows', async () => {
    const { asked, tick, follow, clock } = setup()
    await tick()
    const { stop } = await follow('job_1')
    await tick()
    expect(asked).toHaveLength(1)
    stop()
    await tick(1_000)
    expect(asked).toHaveLength(1)
    expect(clock.pendingTimers).toBe(0)
  })

  test('asks once for all who follow', async () => {
    const { asked, tick, follow } = setup()
    await Promise.all([follow('job_1'), follow('job_1'), follow('job_2'), follow('job_3', 'ten_2')])
    await tick()
    expect(asked).toEqual([{ xid: '10', tenantIds: ['ten_1', 'ten_2'], jobIds: ['job_1', 'job_2', 'job_3'] }])
  })

  test('gives each job its events in order, and none of another tenant', async () => {
    const { answers, tick, follow } = setup()
    const [one, two, stranger] = await Promise.all([
      follow('job_1'),
      follow('job_2'),
      follow('job_1', 'ten_2'),
    ])
    answers.push({
      events: [event('job_1', 3, '11'), event('job_2', 7, '12'), event('job_1', 2, '12')],
      settledXid: '13',
    })
    await tick()
    expect([one.seen, two.seen, stranger.seen]).toEqual([[2, 3], [7], []])
  })

  test('gives a feed only what is settled, and the rest when it is', async () => {
    const { answers, asked, tick, follow } = setup()
    const [feed, job] = await Promise.all([follow(null), follow('job_2')])
    answers.push({
      events: [event('job_1', 1, '11'), event('job_2', 5, '12')],
      settledXid: '12',
    })
    answers.push({ events: [event('job_2', 5, '12')], settledXid: '13' })
    await tick()
    expect([feed.seen, job.seen]).toEqual([[1], [5]])
    await tick()
    expect(feed.seen).toEqual([1, 5])
    expect(asked).toMatchObject([{ xid: '10', jobIds: null }, { xid: '12' }])
  })

  test('a long tail comes in pages: a feed goes no further than what is settled for all of them', async () => {
    const { answers, asked, tick, follow } = setup()
    const [feed, job] = await Promise.all([follow(null), follow('job_1')])
    answers.push([
      { events: [event('job_2', 1, '11'), event('job_1', 3, '13')], settledXid: '12' },
      { events: [event('job_1', 2, '14'), event('job_2', 4, '15')], settledXid: '12' },
    ])
    await tick()
    expect([feed.seen, job.seen]).toEqual([[1], [2, 3]])
    await tick(200)
    expect(asked).toMatchObject([{ xid: '10' }, { xid: '12' }])
  })

  test('the longer the tail, the longer the rest, however often it is poked', async () => {
    const { answers, asked, hub, tick, follow } = setup()
    await follow('job_1')
    answers.push([
      { events: [], settledXid: '10' },
      { events: [], settledXid: '10' },
    ])
    await tick()
    hub.poke()
    await tick(199)
    expect(asked).toHaveLength(1)
    await tick(1)
    expect(asked).toHaveLength(2)
  })

  test('looks soon when it is poked', async () => {
    const { asked, hub, tick, follow } = setup()
    await follow('job_1')
    hub.poke()
    await tick(5)
    expect(asked).toHaveLength(1)
  })

  test('an error costs a rest, and nothing is lost', async () => {
    const { answers, asked, tick, follow } = setup()
    const { seen } = await follow('job_1')
    answers.push(new Error('away'), { events: [event('job_1', 1, '11')], settledXid: '12' })
    await tick()
    await tick(999)
    expect(asked).toHaveLength(1)
    await tick(1)
    expect(seen).toEqual([1])
    expect(asked).toMatchObject([{ xid: '10' }, { xid: '10' }])
  })

  test('who comes in the middle of a look waits for it, as it does not look for them', async () => {
    const { clock, hub, tick, answers, asked } = setup()
    const gate = Promise.withResolvers<void>()
    await hub.follow({ tenantId: 'ten_1', jobId: 'job_1', onEvents: () => undefined })
    answers.push({ events: [], settledXid: '20' })
    clock.advance(100)
    let isFollowing = false
    const second = hub
      .follow({ tenantId: 'ten_1', jobId: 'job_2', onEvents: () => gate.resolve() })
      .then(() => {
        isFollowing = true
      })
    expect(isFollowing).toBe(false)
    await second
    answers.push({ events: [event('job_2', 1, '20')], settledXid: '21' })
    await tick()
    await gate.promise
    expect(asked).toMatchObject([{ jobIds: ['job_1'] }, { xid: '20', jobIds: ['job_1', 'job_2'] }])
  })
})
