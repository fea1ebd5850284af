import { describe, expect, test } from 'vitest'
import type { HeldLease, Heartbeat as Renewal } from '../../../src/store/writer.ts'
import { startHeartbeat } from '../../../src/worker/heartbeat.ts'
import { createManualClock, settled } from '../../support/clock.ts'

const leaseMs = 30_000
const certainMs = 25_000
const everyMs = 10_000

const setup = (renew?: (leases: readonly HeldLease[]) => Promise<Renewal>) => {
  const clock = createManualClock()
  const renewals: (readonly HeldLease[])[] = []
  const facts: { fact: string; details: unknown }[] = []
  const heartbeat = startHeartbeat({
    clock,
    leaseMs,
    telemetry: { state: (fact, details) => void facts.push({ fact, details }) },
    writer: {
      renewLeases: (leases) => {
        renewals.push(leases)
        return renew?.(leases) ?? Promise.resolve({ lost: [], canceled: [] })
      },
      claimJob: () => Promise.resolve(null),
      transitionJob: () => Promise.resolve({ outcome: 'stale' }),
      idle: () => Promise.resolve(),
      stats: { statements: 0, operations: 0 },
    },
  })
  const take = (jobId: string, epoch = 1) => heartbeat.take(jobId, epoch, clock.monotonicMs())
  const pass = async (ms: number): Promise<void> => {
    clock.advance(ms)
    await settled()
  }
  return { clock, renewals, facts, heartbeat, take, pass }
}

const lose = (jobId: string) => () => Promise.resolve({ lost: [jobId], canceled: [] })
const cancel = (jobId: string) => () => Promise.resolve({ lost: [], canceled: [jobId] })

describe('the heartbeat', () => {
  test('renews all leases of the process in one call, three times in the length of one', async () => {
    const { renewals, take, pass } = setup()
    take('job_1')
    take('job_2', 7)
    await pass(everyMs)
    await pass(everyMs)
    const both = [
      { jobId: 'job_1', epoch: 1 },
      { jobId: 'job_2', epoch: 7 },
    ]
    expect(renewals).toEqual([both, both])
  })

  test('asks nothing when nothing is held, and nothing of what was let go', async () => {
    const { renewals, heartbeat, take, pass, clock } = setup()
    await pass(everyMs)
    const lease = take('job_1')
    expect(heartbeat.held).toBe(1)
    lease.end()
    await pass(everyMs)
    expect(renewals).toEqual([])
    expect(heartbeat.held).toBe(0)
    expect(clock.pendingTimers).toBe(1)
  })

  test('keeps a lease for as long as it is renewed', async () => {
    const { take, pass } = setup()
    const lease = take('job_1')
    for (let beat = 0; beat < 20; beat += 1) await pass(everyMs)
    expect(lease.stopReason).toBeNull()
    expect(lease.isHeld()).toBe(true)
  })

  test('beats at once when asked, and never twice at a time', async () => {
    const answers: ((renewal: Renewal) => void)[] = []
    const { renewals, heartbeat, take, pass } = setup(() => new Promise((resolve) => answers.push(resolve)))
    take('job_1')
    void heartbeat.beat()
    await pass(everyMs)
    expect(renewals).toHaveLength(1)
    answers[0]?.({ lost: [], canceled: [] })
    await settled()
    expect(renewals).toHaveLength(1)
  })

  test('that is asked for while one is under way follows it, as that one may have looked too early', async () => {
    const answers: ((renewal: Renewal) => void)[] = []
    const { renewals, heartbeat, take } = setup(() => new Promise((resolve) => answers.push(resolve)))
    const lease = take('job_1')
    void heartbeat.beat()
    void heartbeat.beat()
    void heartbeat.beat()
    expect(renewals).toHaveLength(1)
    answers[0]?.({ lost: [], canceled: [] })
    await settled()
    expect(renewals).toHaveLength(2)
    answers[1]?.({ lost: [], canceled: ['job_1'] })
    await settled()
    expect(renewals).toHaveLength(2)
    expect(lease.stopReason).toBe('canceled')
  })

  test('says who is in a stage', () => {
    const { heartbeat, take } = setup()
    take('job_1').enterStage('generate')
    expect(heartbeat.isIn('generate')).toBe(true)
    expect(heartbeat.isIn('render')).toBe(false)
  })

  test('ends', async () => {
    const { renewals, heartbeat, take, pass } = setup()
    take('job_1')
    heartbeat.stop()
    await pass(everyMs)
    expect(renewals).toEqual([])
  })

  test('that ends in the middle of a beat sets no further one', async () => {
    const { renewals, clock, heartbeat, take, pass } = setup(() => {
      heartbeat.stop()
      return Promise.resolve({ lost: [], canceled: [] })
    })
    const lease = take('job_1')
    await pass(everyMs)
    await pass(everyMs)
    expect(renewals).toHaveLength(1)
    lease.end()
    expect(clock.pendingTimers).toBe(0)
  })
})

describe('a holder is told to stop', () => {
  test('when somebody else has its lease', async () => {
    const { take, pass } = setup(lose('job_1'))
    const [lost, kept] = [take('job_1'), take('job_2')]
    await pass(everyMs)
    expect(lost.stopReason).toBe('lost')
    expect(lost.signal.reason).toBe('lost')
    expect(lost.isHeld()).toBe(false)
    expect(kept.stopReason).toBeNull()
  })

  test('when its job is to be canceled, and keeps its lease to tidy up', async () => {
    const { renewals, take, pass } = setup(cancel('job_1'))
    const lease = take('job_1')
    await pass(everyMs)
    expect(lease.stopReason).toBe('canceled')
    expect(lease.signal.aborted).toBe(true)
    expect(lease.isHeld()).toBe(true)
    await pass(everyMs)
    expect(renewals).toHaveLength(2)
  })

  test('at the moment from which its lease is no longer certain, not at the next beat', async () => {
    const { facts, take, pass } = setup(() => Promise.reject(new Error('away')))
    await pass(4_000)
    const lease = take('job_1')
    await pass(certainMs - 1)
    expect(lease.stopReason).toBeNull()
    expect(lease.isHeld()).toBe(true)
    await pass(1)
    expect(lease.stopReason).toBe('lost')
    expect(lease.isHeld()).toBe(false)
    expect(facts[0]).toMatchObject({ fact: 'heartbeat.failed', details: { leases: 1 } })
  })

  test('by the time since the lease was asked for, however late the answer came', async () => {
    const { heartbeat, clock } = setup()
    clock.advance(100_000)
    const late = heartbeat.take('job_1', 1, 100_000 - certainMs)
    expect(late.isHeld()).toBe(false)
    const tight = heartbeat.take('job_2', 1, 100_000 - certainMs + 1)
    expect(tight.isHeld()).toBe(true)
    clock.advance(1)
    expect(tight.stopReason).toBe('lost')
    expect(late.stopReason).toBe('lost')
  })

  test('by the monotonic clock: steps of the wall clock mean nothing', async () => {
    const { clock, take, pass } = setup()
    const lease = take('job_1')
    clock.stepWallClock(3_600_000)
    await pass(everyMs)
    clock.stepWallClock(-7_200_000)
    await pass(everyMs)
    expect(lease.stopReason).toBeNull()
  })

  test('counts a renewal from when it was asked for, not from its answer', async () => {
    const answers: ((renewal: Renewal) => void)[] = []
    const { clock, take, pass } = setup(() => new Promise((resolve) => answers.push(resolve)))
    const lease = take('job_1')
    await pass(everyMs)
    await pass(14_000)
    answers[0]?.({ lost: [], canceled: [] })
    await settled()
    clock.advance(certainMs - 14_000 - 1)
    expect(lease.stopReason).toBeNull()
    clock.advance(1)
    expect(lease.stopReason).toBe('lost')
  })

  test('and its lost lease runs out, so that another one may take over', async () => {
    let isAway = true
    const { renewals, take, pass } = setup(() =>
      isAway ? Promise.reject(new Error('away')) : Promise.resolve({ lost: [], canceled: [] }),
    )
    const lease = take('job_1')
    for (const ms of [everyMs, everyMs, certainMs - 2 * everyMs]) await pass(ms)
    isAway = false
    await pass(everyMs)
    await pass(everyMs)
    expect(renewals).toHaveLength(2)
    expect(lease.stopReason).toBe('lost')
  })

  test('of a loss last: neither a cancel nor an ending process changes it', async () => {
    const { heartbeat, take, pass } = setup(() => Promise.resolve({ lost: ['job_1'], canceled: ['job_1'] }))
    const lease = take('job_1')
    await pass(everyMs)
    heartbeat.stopHolders([])
    expect(lease.stopReason).toBe('lost')
  })
})

describe('a job that is let go and taken again', () => {
  test('while a beat is under way is not stopped by its answer', async () => {
    const answers: ((renewal: Renewal) => void)[] = []
    const { take, pass } = setup(() => new Promise((resolve) => answers.push(resolve)))
    take('job_1').end()
    take('job_2').end()
    const first = take('job_1', 1)
    await pass(everyMs)
    first.end()
    const second = take('job_1', 2)
    answers[0]?.({ lost: ['job_1'], canceled: [] })
    await settled()
    expect(second.stopReason).toBeNull()
  })

  test('before its first holder has noticed tells that one that it has lost', () => {
    const { heartbeat, take } = setup()
    const [first, second] = [take('job_1', 1), take('job_1', 2)]
    expect(first.stopReason).toBe('lost')
    expect(second.stopReason).toBeNull()
    first.end()
    expect(heartbeat.held).toBe(1)
  })
})

describe('a process that ends', () => {
  test('stops its holders, but a spared stage only after its end', () => {
    const { heartbeat, take } = setup()
    const [generating, polling, idle] = [take('job_1'), take('job_2'), take('job_3')]
    generating.enterStage('generate')
    polling.enterStage('render')
    heartbeat.stopHolders(['generate'])
    expect(generating.signal.aborted).toBe(false)
    expect(generating.stopReason).toBe('stopping')
    expect(generating.isHeld()).toBe(true)
    expect([polling.signal.aborted, idle.signal.aborted]).toEqual([true, true])
    heartbeat.stopHolders([])
    expect(generating.signal.aborted).toBe(true)
    expect(generating.stopReason).toBe('stopping')
  })

  test('stops at once whoever still gets a job', () => {
    const { heartbeat, take } = setup()
    heartbeat.stopHolders(['generate'])
    expect(take('job_1').stopReason).toBe('stopping')
  })

  test('leaves a cancel what it is', async () => {
    const { heartbeat, take, pass } = setup(cancel('job_1'))
    const lease = take('job_1')
    await pass(everyMs)
    heartbeat.stopHolders([])
    expect(lease.stopReason).toBe('canceled')
  })

  test('can still be told of a cancel while it spares a stage', async () => {
    const { heartbeat, take, pass } = setup(cancel('job_1'))
    const lease = take('job_1')
    lease.enterStage('generate')
    heartbeat.stopHolders(['generate'])
    await pass(everyMs)
    expect(lease.stopReason).toBe('canceled')
    expect(lease.signal.aborted).toBe(true)
  })
})
