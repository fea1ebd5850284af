import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { applyPatch } from '../../../src/job/apply-patch.ts'
import { cancelJob, type Decidable, decide, failJob, releaseJob } from '../../../src/job/decide.ts'
import { failureCatalog, failureCodes } from '../../../src/job/failure.ts'
import type { Job } from '../../../src/job/job.ts'
import { lifecycle } from '../../../src/job/lifecycle.ts'
import { back, done, fail, hold, type StageOutcome, wait } from '../../../src/job/outcome.ts'
import { planFor, progressAt } from '../../../src/job/plan.ts'
import { makeJob } from '../../support/job.ts'

const plan = planFor({ messageCount: 2, hasInputs: false, purpose: 'video' })

const decideOn = (outcome: StageOutcome, job: Partial<Job> = {}, rest: Partial<Decidable> = {}) =>
  decide({
    job: makeJob(job),
    plan,
    outcome,
    retryDelaysMs: [1_000, 5_000],
    stageMs: 40,
    random: 0.5,
    newRenderId: 'render_new',
    ...rest,
  })

describe('a stage that is done', () => {
  test('leads to the next one under the same lease, with a clean slate', () => {
    const decision = decideOn(done({ accountId: 'acc_2' }), {
      tries: 2,
      crashCount: 1,
      notes: { waiting_for: 'retry' },
      timings: { auth_ms: 10, queued_ms: 5 },
    })
    expect(decision).toEqual({
      verb: 'advance',
      patch: {
        accountId: 'acc_2',
        notes: {},
        tries: 0,
        crashCount: 0,
        timings: { auth_ms: 50, queued_ms: 5 },
        stage: 'session',
        messageNo: 0,
        progress: progressAt(plan, { stage: 'session', messageNo: 0 }, 0),
      },
      events: [
        { type: 'job.stage_finished', data: { stage: 'auth', message_no: 0, ms: 40 } },
        {
          type: 'job.stage_started',
          data: {
            stage: 'session',
            message_no: 0,
            progress: progressAt(plan, { stage: 'session', messageNo: 0 }, 0),
          },
        },
      ],
      dueInMs: null,
      attempt: { outcome: 'done', failureCode: null, note: null },
    })
  })

  test('leads from one message to the next', () => {
    const { patch } = decideOn(done(), { stage: 'confirm', messageNo: 0 })
    expect(patch).toMatchObject({ stage: 'generate', messageNo: 1 })
  })

  test('hands over the notes it wants kept, but never the reason of an old wait', () => {
    const { patch } = decideOn(done({ notes: { is_second: true, waiting_for: 'rendering' } }), {
      stage: 'export',
      messageNo: 1,
      renderId: 'render_1',
    })
    expect(patch.notes).toEqual({ is_second: true })
  })

  test('never lowers the progress', () => {
    const { patch, events } = decideOn(done(), { stage: 'session', progress: 0.9 })
    expect(patch.progress).toBe(0.9)
    expect(events.at(-1)).toMatchObject({ type: 'job.stage_started', data: { progress: 0.9 } })
  })

  test('leaves its timing out when nobody knows it', () => {
    const { patch, events } = decideOn(done(), { timings: { queued_ms: 5 } }, { stageMs: null })
    expect(patch.timings).toEqual({ queued_ms: 5 })
    expect(events[0]).toMatchObject({ data: { ms: null } })
  })

  test('ends the job when it was the last one', () => {
    const decision = decideOn(done({ artifactId: 'art_1' }), {
      stage: 'deliver',
      messageNo: 1,
      progress: 0.95,
    })
    expect(decision.verb).toBe('succeed')
    expect(decision.patch).toMatchObject({ artifactId: 'art_1', progress: 1, notes: {}, tries: 0 })
    expect(decision.patch.stage).toBeUndefined()
    expect(decision.events.map(({ type }) => type)).toEqual(['job.stage_finished', 'job.succeeded'])
    expect(decision.events[1]).toMatchObject({ data: { artifact_id: 'art_1' } })
  })

  test('ends a message of a conversation without an artifact', () => {
    const decision = decideOn(
      done(),
      { stage: 'confirm' },
      { plan: planFor({ messageCount: 1, hasInputs: false, purpose: 'message' }) },
    )
    expect(decision.events[1]).toEqual({ type: 'job.succeeded', data: { artifact_id: null } })
  })
})

describe('a render id', () => {
  test('is given to a job before its last look, or when it enters its export without one', () => {
    expect(decideOn(done(), { stage: 'generate', messageNo: 1 }).patch.renderId).toBe('render_new')
    expect(decideOn(done(), { stage: 'confirm', messageNo: 1 }).patch.renderId).toBe('render_new')
    expect(decideOn(back('export', 'lost'), { stage: 'render', messageNo: 1 }).patch.renderId).toBe(
      'render_new',
    )
  })

  test('is kept as long as nobody drops it', () => {
    const job = { stage: 'render', messageNo: 1, renderId: 'render_1' } as const
    expect(decideOn(back('export', 'lost'), job).patch.renderId).toBeUndefined()
    expect(decideOn(back('export', 'failed', { renderId: null }), job).patch.renderId).toBe('render_new')
  })

  test('is dropped when another message is sent, of which another render comes', () => {
    const job = { stage: 'confirm', messageNo: 1, renderId: 'render_1' } as const
    expect(decideOn(back('generate', 'absent'), job).patch.renderId).toBeNull()
  })

  test('is given nowhere else', () => {
    expect(decideOn(done(), { stage: 'generate', messageNo: 0 }).patch.renderId).toBeUndefined()
    expect(decideOn(done(), { stage: 'confirm', messageNo: 0 }).patch.renderId).toBeUndefined()
  })
})

describe('a stage that waits', () => {
  test('frees the lease, keeps its notes and uses up no try', () => {
    const decision = decideOn(wait(30_000, 'rendering'), {
      stage: 'render',
      messageNo: 1,
      tries: 1,
      crashCount: 2,
      notes: { pending_ms: 3 },
    })
    expect(decision).toEqual({
      verb: 'park',
      patch: { notes: { pending_ms: 3, waiting_for: 'rendering' }, tries: 0, crashCount: 0 },
      events: [{ type: 'job.waiting', data: { stage: 'render', reason: 'rendering', due_in_ms: 30_000 } }],
      dueInMs: 30_000,
      attempt: { outcome: 'wait', failureCode: null, note: 'rendering' },
    })
  })

  test('forgets its earlier failures when it has looked, and keeps them when it was held', () => {
    expect(decideOn(wait(1, 'rendering'), { tries: 7 }).patch.tries).toBe(0)
    expect(decideOn(hold(1, 'provider_down'), { tries: 7 }).patch.tries).toBeUndefined()
  })

  test('replaces its notes with those that it gives', () => {
    expect(
      decideOn(wait(1, 'settling', { notes: { looks: 1 } }), { notes: { looks: 0 } }).patch.notes,
    ).toEqual({
      looks: 1,
      waiting_for: 'settling',
    })
  })

  test('says so once for each reason', () => {
    const waitingFor = (reason: string) =>
      ({ stage: 'render', messageNo: 1, notes: { waiting_for: reason } }) as const
    expect(decideOn(wait(1, 'rendering'), waitingFor('rendering')).events).toEqual([])
    expect(decideOn(wait(1, 'rendering'), waitingFor('render_pending')).events).toHaveLength(1)
  })

  test('says so again after a rescue, which has put the job in another light', () => {
    const job = { stage: 'render', messageNo: 1, notes: { waiting_for: 'rendering' }, crashCount: 1 } as const
    expect(decideOn(wait(1, 'rendering'), job).events).toHaveLength(1)
  })

  test('comes back within a tenth of its time', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 0, max: 600_000 }),
        fc.double({ min: 0, max: 0.999, noNaN: true }),
        (ms, random) => {
          const { dueInMs } = decideOn(wait(ms, 'r'), {}, { random })
          expect(Math.abs(Number(dueInMs) - ms)).toBeLessThanOrEqual(Math.ceil(ms / 10))
        },
      ),
    )
  })
})

describe('a stage that fails', () => {
  test('is tried again within its schedule when the code allows it', () => {
    const decision = decideOn(fail('provider_unavailable', 'HTTP 503'), {
      tries: 1,
      crashCount: 1,
      notes: { looks: 2 },
    })
    expect(decision).toEqual({
      verb: 'retry',
      patch: { tries: 2, crashCount: 0, notes: { looks: 2, waiting_for: 'retry' } },
      events: [
        {
          type: 'job.retrying',
          data: { stage: 'auth', code: 'provider_unavailable', message: 'HTTP 503', try: 2, delay_ms: 5_000 },
        },
      ],
      dueInMs: 5_000,
      attempt: { outcome: 'fail', failureCode: 'provider_unavailable', note: 'HTTP 503' },
    })
  })

  test('waits as long as the provider asks, and a little longer', () => {
    expect(decideOn(fail('provider_rate_limited', 'slow down', { retryAfterMs: 90_000 })).dueInMs).toBe(
      94_500,
    )
  })

  test('keeps what it found, whether it is tried again or not', () => {
    const patch = { creditsSpent: 7, notes: { a: 1 } }
    expect(decideOn(fail('internal', 'x', { patch })).patch).toMatchObject({
      creditsSpent: 7,
      notes: { a: 1 },
    })
    expect(decideOn(fail('invalid_input', 'x', { patch })).patch).toMatchObject({
      creditsSpent: 7,
      notes: { a: 1 },
    })
  })

  test.each(failureCodes)('with %s ends the job exactly when its code or its schedule says so', (code) => {
    const isScheduled = failureCatalog[code].retry === 'schedule'
    expect(decideOn(fail(code, 'x'), { tries: 0 }).verb).toBe(isScheduled ? 'retry' : 'fail')
    expect(decideOn(fail(code, 'x'), { tries: 2 }).verb).toBe('fail')
  })

  test('ends the job with the code, the message, the place and whether a redrive can help', () => {
    expect(decideOn(fail('awaiting_input', 'which fox?'), { stage: 'confirm' })).toEqual({
      verb: 'fail',
      patch: { failureCode: 'awaiting_input', failureMessage: 'which fox?', failureStage: 'confirm' },
      events: [
        {
          type: 'job.failed',
          data: { code: 'awaiting_input', message: 'which fox?', stage: 'confirm', retryable: true },
        },
      ],
      dueInMs: null,
      attempt: { outcome: 'fail', failureCode: 'awaiting_input', note: 'which fox?' },
    })
  })

  test('is never tried more often than its schedule is long', () => {
    const delays = fc.array(fc.integer({ min: 0, max: 60_000 }), { maxLength: 12 })
    fc.assert(
      fc.property(fc.constantFrom(...failureCodes), delays, (code, retryDelaysMs) => {
        let job = makeJob()
        let retries = 0
        for (;;) {
          const decision = decideOn(fail(code, 'x'), job, { retryDelaysMs })
          if (decision.verb === 'fail') break
          retries += 1
          job = applyPatch(job, decision.patch, job.seq + 1)
        }
        expect(retries).toBe(failureCatalog[code].retry === 'never' ? 0 : retryDelaysMs.length)
      }),
    )
  })
})

describe('a stage that sends the job back', () => {
  test('makes it due at once at the earlier stage, with a clean slate', () => {
    const decision = decideOn(back('generate', 'proven absent', { creditsSpent: 1 }), {
      stage: 'confirm',
      tries: 3,
      crashCount: 1,
      notes: { looks: 6 },
    })
    expect(decision).toEqual({
      verb: 'retry',
      patch: { creditsSpent: 1, renderId: null, stage: 'generate', tries: 0, crashCount: 0, notes: {} },
      events: [
        {
          type: 'job.retrying',
          data: { stage: 'generate', code: 'repeat', message: 'proven absent', try: 0, delay_ms: 0 },
        },
      ],
      dueInMs: 0,
      attempt: { outcome: 'wait', failureCode: null, note: 'proven absent' },
    })
  })
})

describe('an ending from outside', () => {
  test('cancels with what was spent', () => {
    expect(cancelJob('render', { creditsSpent: 5 })).toEqual({
      verb: 'cancel',
      patch: { creditsSpent: 5 },
      events: [{ type: 'job.canceled', data: { stage: 'render' } }],
      dueInMs: null,
      attempt: { outcome: 'canceled', failureCode: null, note: null },
    })
    expect(cancelJob('auth').patch).toEqual({})
  })

  test('fails in any stage', () => {
    expect(failJob('upload', 'deadline_exceeded', 'late')).toMatchObject({
      verb: 'fail',
      patch: { failureCode: 'deadline_exceeded', failureMessage: 'late', failureStage: 'upload' },
    })
  })

  test('hands the job back without using up a try', () => {
    expect(releaseJob('upload')).toEqual({
      verb: 'release',
      patch: {},
      events: [{ type: 'job.waiting', data: { stage: 'upload', reason: 'handed_back', due_in_ms: 0 } }],
      dueInMs: 0,
      attempt: { outcome: 'released', failureCode: null, note: null },
    })
  })
})

describe('every decision', () => {
  const outcomes = fc.oneof(
    fc.constant(done()),
    fc.constant(wait(5, 'w')),
    fc.constantFrom(...failureCodes).map((code) => fail(code, 'f')),
    fc.constant(back('session', 'b')),
  )

  test('is allowed for the holder of a running job, and is due exactly when it lets go without an end', () => {
    fc.assert(
      fc.property(outcomes, fc.constantFrom(...plan), (outcome, here) => {
        const { verb, dueInMs } = decideOn(outcome, here)
        expect(lifecycle[verb].from).toEqual(['running'])
        expect(dueInMs !== null).toBe(lifecycle[verb].to === 'waiting')
      }),
    )
  })
})

describe('a job after a transition', () => {
  test('has the patched columns and the new event number, and none of the rows beside it', () => {
    const job = makeJob({ notes: { a: 1 } })
    const patch = { ...failJob('auth', 'internal', 'x').patch, rows: [], progress: 0.5 }
    expect(applyPatch(job, patch, 9)).toEqual({ ...job, failureCode: 'internal', progress: 0.5, seq: 9 })
  })
})
