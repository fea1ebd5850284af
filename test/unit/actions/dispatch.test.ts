import { describe, expect, test } from 'vitest'
import { dispatchDue, expireOverdue } from '../../../src/actions/dispatch.ts'
import type { DispatchStore, ExpiredJob, RungBell } from '../../../src/store/dispatch.ts'
import type { TransitionInput } from '../../../src/store/writer.ts'

const setup = (
  due: {
    readonly jobs?: readonly RungBell[]
    readonly deliveries?: readonly RungBell[]
    readonly expired?: readonly ExpiredJob[]
  },
  { isQueueAway = false } = {},
) => {
  const journal: string[] = []
  const transitions: TransitionInput[] = []
  const dispatch: DispatchStore = {
    ringJobs: () => {
      journal.push('mark jobs')
      return Promise.resolve(due.jobs ?? [])
    },
    ringDeliveries: () => {
      journal.push('mark deliveries')
      return Promise.resolve(due.deliveries ?? [])
    },
    listExpired: () => Promise.resolve(due.expired ?? []),
    recordWorker: () => Promise.resolve({ others: 1 }),
    unringJobs: () => Promise.resolve(),
    removeWorker: () => Promise.resolve(),
  }
  const deps = {
    dispatch,
    sharedAccountId: () => Promise.resolve('acc_shared'),
    ring: (queue: string, bells: readonly RungBell[]) => {
      journal.push(`ring ${queue} ${bells.length}`)
      return isQueueAway ? Promise.reject(new Error('no queue')) : Promise.resolve()
    },
    writer: {
      transitionJob: (input: TransitionInput) => {
        transitions.push(input)
        return Promise.resolve({ outcome: 'stale' as const })
      },
      claimJob: () => Promise.resolve(null),
      renewLeases: () => Promise.resolve({ lost: [], canceled: [] }),
      idle: () => Promise.resolve(),
      stats: { statements: 0, operations: 0 },
    },
    telemetry: { state: (fact: string) => void journal.push(fact) },
  }
  return { deps, journal, transitions }
}

const bells = (count: number): RungBell[] =>
  Array.from({ length: count }, (_, no) => ({ id: `job_${no}`, ringNo: 1 }))

describe('a round of the dispatcher', () => {
  test('rings only after the marks are committed', async () => {
    const { deps, journal } = setup({ jobs: bells(2), deliveries: bells(1) })
    expect(await dispatchDue(deps)).toEqual({ jobs: 2, hasMore: false })
    expect(journal).toEqual([
      'mark jobs',
      'mark deliveries',
      'ring jobs 2',
      'ring deliveries 1',
      'dispatch.rang',
    ])
  })

  test('rings nothing when nothing is due', async () => {
    const { deps, journal } = setup({})
    expect(await dispatchDue(deps)).toEqual({ jobs: 0, hasMore: false })
    expect(journal).toEqual(['mark jobs', 'mark deliveries'])
  })

  test('says that there may be more when it took all that a round may take', async () => {
    expect(await dispatchDue(setup({ jobs: bells(1_000) }).deps)).toEqual({ jobs: 1_000, hasMore: true })
    expect(await dispatchDue(setup({ deliveries: bells(2_000) }).deps)).toEqual({ jobs: 0, hasMore: true })
  })

  test('rests while the bells of deliveries that are out leave room for a part of what is due', async () => {
    expect(await dispatchDue(setup({ deliveries: bells(1_999) }).deps)).toEqual({ jobs: 0, hasMore: false })
  })

  test('fails when the queue is away: what was marked is rung again later', async () => {
    await expect(dispatchDue(setup({ jobs: bells(1) }, { isQueueAway: true }).deps)).rejects.toThrow(
      'no queue',
    )
  })
})

describe('jobs that nobody began in time', () => {
  test('end with the deadline that passed, under no lease', async () => {
    const { deps, transitions } = setup({
      expired: [
        { id: 'job_1', seq: 1, code: 'start_deadline_exceeded' },
        { id: 'job_2', seq: 4, code: 'deadline_exceeded' },
      ],
    })
    await expireOverdue(deps)
    expect(transitions).toMatchObject([
      { verb: 'expire', jobId: 'job_1', seq: 1, patch: { failureCode: 'start_deadline_exceeded' } },
      {
        verb: 'expire',
        jobId: 'job_2',
        seq: 4,
        events: [{ type: 'job.failed', data: { code: 'deadline_exceeded' } }],
      },
    ])
    for (const transition of transitions) {
      expect(transition.attempts).toBeUndefined()
      expect(transition.epoch).toBeUndefined()
    }
  })
})
