import { describe, expect, test } from 'vitest'
import { LeaseLost } from '../../../src/job/leases.ts'
import { stages } from '../../../src/stages/index.ts'
import type { TransitionResult } from '../../../src/store/writer.ts'
import { createStageGate } from '../../../src/worker/stage-gate.ts'
import { settled } from '../../support/clock.ts'
import { createRunKit, type RunKit, type RunScript } from '../../support/run-kit.ts'
import { creditsOf, emptyState, providerError, stateOf, turnOf } from '../../support/scripted-provider.ts'
import { permitOf } from '../../support/stage-kit.ts'

const run = async (script: RunScript): Promise<RunKit> => {
  const kit = createRunKit(script)
  await kit.run()
  return kit
}

const verbsOf = ({ transitions }: RunKit) => transitions.map(({ verb }) => verb)
const factsOf = ({ facts }: RunKit) => facts.map(({ fact }) => fact)
const stale: TransitionResult = { outcome: 'stale' }
const applied = (seq: number) =>
  ({ outcome: 'applied', seq, epoch: 1, isCancelRequested: false, deliveries: [] }) as const

describe('working on a job', () => {
  test('carries it from stage to stage under one lease until it has to wait', async () => {
    const kit = await run({
      provider: {
        session: { sessionId: '99', taskId: null, userId: null },
        state: [emptyState, stateOf('made')],
        credits: [creditsOf(1_000), creditsOf(900)],
        send: { outcome: 'ended', turn: turnOf('answered') },
        submit: { outcome: 'submitted' },
        render: { status: 'pending', progressPercent: 5 },
      },
    })
    expect(verbsOf(kit)).toEqual(['advance', 'advance', 'advance', 'park'])
    expect(kit.lease.stages).toEqual(['auth', 'session', 'generate', 'confirm', 'export', 'render'])
    expect(kit.lease.isEnded).toBe(true)
    const seqs = kit.transitions.map(({ seq }) => seq)
    expect(seqs).toEqual([3, 7, 9, 13])
    expect(kit.transitions.every(({ epoch }) => epoch === 1)).toBe(true)
    expect(kit.transitions[1]?.patch?.renderId).toMatch(/^render_[0-9a-f-]{36}$/)
    expect(kit.transitions[2]?.patch?.renderId).toBeUndefined()
    expect(kit.transitions[2]?.attempts?.map(({ position }) => position?.stage)).toEqual([
      'confirm',
      'export',
    ])
    expect(kit.transitions[1]?.attempts).toMatchObject([{ outcome: 'done', failureCode: null }])
  })

  test('does nothing without a claim', async () => {
    const kit = await run({ claim: null })
    expect(kit.journal).toEqual([])
    expect(factsOf(kit)).toEqual([])
  })

  test('counts its lease from before it asked for it', async () => {
    const kit = createRunKit({ transitions: [() => stale] })
    kit.clock.advance(5_000)
    const running = kit.run()
    kit.clock.advance(9_000)
    await running
    expect(kit.lease.sinceMs).toBe(5_000)
  })

  test('stops quietly at a stale result, and lets go of its lease', async () => {
    const kit = await run({
      job: withSession,
      provider: { state: emptyState, credits: creditsOf(1_000) },
      transitions: [() => stale],
    })
    expect(verbsOf(kit)).toEqual(['advance'])
    expect(factsOf(kit)).toEqual(['job.claimed', 'job.stale'])
    expect(kit.lease.isEnded).toBe(true)
  })

  test('looks ahead while an ending is written, and orders nothing until it is', async () => {
    const write = Promise.withResolvers<TransitionResult>()
    const kit = createRunKit({
      job: withSession,
      provider: { state: emptyState, credits: creditsOf(1_000) },
      transitions: [() => write.promise],
    })
    const running = kit.run()
    await settled()
    expect(kit.journal.at(-1)).toBe('channel: read credits')
    write.resolve(stale)
    await running
    expect(kit.journal).not.toContain('permit: open')
  })

  test('looks for an earlier message only when what came before is written, which may have closed it', async () => {
    const write = Promise.withResolvers<TransitionResult>()
    const kit = createRunKit({
      job: withSession,
      provider: { state: providerError('provider_unavailable') },
      openPermits: [permitOf({ state: 'accepted' })],
      transitions: [() => write.promise],
    })
    const running = kit.run()
    await settled()
    expect(kit.journal.at(-1)).toBe('channel: read session')
    write.resolve(stale)
    await running
    expect(verbsOf(kit)).toEqual(['advance'])
  })

  test('begins nothing more when the answer to a writing says that the job is to be canceled', async () => {
    const kit = await run({
      job: withSession,
      provider: { state: emptyState, credits: creditsOf(1_000) },
      transitions: [
        ({ seq = 0, events = [] }) => ({ ...applied(seq + events.length), isCancelRequested: true }),
      ],
    })
    expect(verbsOf(kit)).toEqual(['advance', 'cancel'])
    expect(kit.journal).not.toContain('permit: open')
  })

  test('rejects when an ending cannot be written, whatever has been looked at meanwhile', async () => {
    const kit = createRunKit({
      job: withSession,
      provider: { state: emptyState, credits: creditsOf(1_000) },
      transitions: [() => new Error('the database is away')],
    })
    await expect(kit.run()).rejects.toThrow('away')
    expect(kit.journal).not.toContain('permit: open')
    expect(kit.lease.isEnded).toBe(true)
  })

  test('lets go of its lease when its writes fail', async () => {
    const kit = createRunKit({ transitions: [() => new Error('the database is away')] })
    await expect(kit.run()).rejects.toThrow('away')
    expect(kit.lease.isEnded).toBe(true)
  })

  test('says that it has finished, and wakes whoever delivers callbacks', async () => {
    const kit = await run({
      job: {
        stage: 'confirm',
        providerSessionId: '99',
        request: { purpose: 'message' },
        notes: finishedNotes,
      },
      provider: { state: stateOf('made'), credits: creditsOf(900) },
      transitions: [
        () => ({
          outcome: 'applied',
          seq: 5,
          epoch: 1,
          isCancelRequested: false,
          deliveries: ['dlv_1', 'dlv_2'],
        }),
      ],
    })
    expect(verbsOf(kit)).toEqual(['succeed'])
    expect(kit.facts.at(-1)).toEqual({
      fact: 'job.finished',
      details: { jobId: 'job_1', attempt: 1, state: 'succeeded', failureCode: null },
    })
    expect(kit.answered).toEqual(['dlv_1', 'dlv_2'])
  })

  test('measures the stage with the waits before it', async () => {
    const kit = await run({
      job: { stage: 'render', renderId: 'render_1' },
      claim: { stageMs: 700_000 },
      provider: { render: { status: 'processing', progressPercent: 1 } },
    })
    expect(kit.transitions[0]?.patch).toMatchObject({ failureCode: 'render_timeout' })
  })
})

/** In a stage that is done at once, and whose ending is always written. */
const withSession = { stage: 'session', providerSessionId: '99' } as const

describe('a stage that is a mere look', () => {
  test('is written together with the stage after it, each with its own attempt', async () => {
    const kit = await run({
      job: { accountId: null },
      provider: { session: { sessionId: '99', taskId: null, userId: null } },
      transitions: [() => stale],
    })
    expect(kit.transitions).toMatchObject([
      {
        verb: 'advance',
        seq: 3,
        patch: { stage: 'generate', accountId: 'acc_1', providerSessionId: '99' },
        attempts: [
          { outcome: 'done', position: { stage: 'auth', messageNo: 0, try: 0 } },
          { outcome: 'done', position: { stage: 'session', messageNo: 0, try: 0 } },
        ],
      },
    ])
    expect(kit.transitions[0]?.events?.map(({ type, data }) => [type, Reflect.get(data, 'stage')])).toEqual([
      ['job.stage_finished', 'auth'],
      ['job.stage_started', 'session'],
      ['job.stage_finished', 'session'],
      ['job.stage_started', 'generate'],
    ])
  })

  test('is written with a failure of the stage after it, too', async () => {
    const kit = await run({
      job: { accountId: null },
      provider: { session: providerError('provider_rejected') },
    })
    expect(kit.transitions).toMatchObject([
      {
        verb: 'fail',
        patch: { stage: 'session', accountId: 'acc_1', failureStage: 'session' },
        attempts: [{ position: { stage: 'auth' } }, { outcome: 'fail', position: { stage: 'session' } }],
      },
    ])
  })

  test('is told by itself when the stage after it takes its time', async () => {
    const kit = await run({
      provider: { session: { sessionId: '99', taskId: null, userId: null } },
      onStep: (words, { clock }) => {
        if (words.startsWith('create session')) clock.advance(500)
      },
      transitions: [
        (input) => ({
          outcome: 'applied',
          seq: (input.seq ?? 0) + 2,
          epoch: 1,
          isCancelRequested: false,
          deliveries: [],
        }),
        () => stale,
      ],
    })
    expect(kit.transitions).toMatchObject([
      { verb: 'advance', seq: 3, patch: { stage: 'session' }, attempts: [{ position: { stage: 'auth' } }] },
      {
        verb: 'advance',
        seq: 5,
        patch: { stage: 'generate' },
        attempts: [{ position: { stage: 'session' } }],
      },
    ])
  })

  test('is done again by whoever comes next when its holder lost the lease', async () => {
    const kit = await run({
      provider: { session: { sessionId: '99', taskId: null, userId: null } },
      onStep: (words, { lease }) => {
        if (words.startsWith('create session')) lease.stop('lost')
      },
    })
    expect(kit.transitions).toEqual([])
  })
})

const finishedNotes = {
  permit_id: 'prm_1',
  fingerprint: 'empty',
  available: 1_000,
  evidence: 'answered',
}

describe('a look at a message that took effect', () => {
  const confirming = { stage: 'confirm', providerSessionId: '99', notes: finishedNotes } as const
  const answers = {
    state: [stateOf('made'), stateOf('made')],
    credits: creditsOf(900),
    submit: { outcome: 'submitted' },
  } as const

  test('is written before the render is asked for where the render has no id yet', async () => {
    const kit = await run({ job: confirming, provider: answers, transitions: [() => stale] })
    expect(kit.transitions[0]?.patch?.renderId).toMatch(/^render_/)
    expect(kit.journal.some((words) => words.startsWith('submit'))).toBe(false)
  })

  test('settles its permit once when the job is canceled before that was written', async () => {
    const kit = await run({
      job: { ...confirming, renderId: 'render_1' },
      provider: { ...answers, render: { status: 'unknown' } },
      openPermits: [permitOf({ state: 'accepted' })],
      onStep: (words, { lease }) => {
        if (words.startsWith('submit')) lease.stop('canceled')
      },
    })
    expect(kit.transitions).toMatchObject([
      { verb: 'cancel', patch: { creditsSpent: 100, rows: [{ kind: 'permit', credits_settled: 100 }] } },
    ])
    expect(kit.transitions[0]?.patch?.rows).toHaveLength(1)
  })
})

describe('a job that must not be begun', () => {
  test('is canceled when somebody asked for it, with its render and its message tidied up', async () => {
    const kit = await run({
      job: { stage: 'render', renderId: 'render_1', creditsSpent: 10 },
      claim: { isCancelRequested: true },
      openPermits: [permitOf({ state: 'accepted' })],
    })
    expect(kit.journal).toContain('cancel render_1')
    expect(kit.transitions).toMatchObject([
      {
        verb: 'cancel',
        patch: {
          creditsSpent: 110,
          creditsAtRisk: 0,
          rows: [{ id: 'prm_1', state: 'settled', credits_settled: 100, is_estimated: true }],
        },
      },
    ])
  })

  test('fails when its deadline has passed, what was sent being at risk', async () => {
    const kit = await run({
      job: { stage: 'confirm', providerSessionId: '99', notes: finishedNotes },
      claim: { deadlineInMs: 0 },
      openPermits: [permitOf()],
    })
    expect(kit.transitions).toMatchObject([
      {
        verb: 'fail',
        patch: {
          failureCode: 'deadline_exceeded',
          creditsSpent: 100,
          creditsAtRisk: 100,
          rows: [{ id: 'prm_1', state: 'unknown' }],
        },
      },
    ])
  })

  test('fails in the middle when its deadline passes between two stages', async () => {
    const kit = await run({
      job: withSession,
      claim: { deadlineInMs: 1_000 },
      onStep: (words, { clock }) => {
        if (words === 'transition: advance') clock.advance(1_000)
      },
    })
    expect(verbsOf(kit)).toEqual(['advance', 'fail'])
  })

  test('is put aside after three workers were lost in it', async () => {
    const kit = await run({ job: { stage: 'upload', crashCount: 3 } })
    expect(kit.transitions).toMatchObject([
      { verb: 'fail', patch: { failureCode: 'internal', failureStage: 'upload' } },
    ])
    const { transitions } = await run({
      job: { ...withSession, crashCount: 2 },
      transitions: [() => stale],
    })
    expect(transitions[0]?.verb).toBe('advance')
  })

  test('is handed back when the process stops', async () => {
    const kit = await run({
      onStep: (words, { lease }) => void (words === 'lease: taken' && lease.stop('stopping')),
    })
    expect(kit.transitions).toMatchObject([{ verb: 'release', dueInMs: 0, patch: {} }])
  })

  test('is left alone when its lease is lost already', async () => {
    const kit = await run({
      onStep: (words, { lease }) => void (words === 'lease: taken' && lease.stop('lost')),
    })
    expect(kit.transitions).toEqual([])
    expect(factsOf(kit)).toEqual(['job.claimed', 'job.lease_lost'])
  })
})

describe('a stage that is interrupted', () => {
  /** Stops the holder while its call to the provider is under way. */
  const interrupted = (reason: 'lost' | 'canceled' | 'stopping', script: RunScript = {}) =>
    run({
      job: { stage: 'render', renderId: 'render_1' },
      provider: { render: providerError('provider_unavailable', { evidence: 'unknown' }) },
      ...script,
      onStep: (words, { lease }) => void (words === 'read render render_1' && lease.stop(reason)),
    })

  test('by a lost lease writes nothing any more', async () => {
    const kit = await interrupted('lost')
    expect(kit.transitions).toEqual([])
    expect(factsOf(kit)).toContain('job.lease_lost')
  })

  test('by a lease that may have run out is handed back, if it is still ours', async () => {
    const kit = await run({
      job: { stage: 'render', renderId: 'render_1' },
      provider: { render: new LeaseLost('may have run out') },
    })
    expect(verbsOf(kit)).toEqual(['release'])
    expect(factsOf(kit)).not.toContain('attempt.crashed')
  })

  test('by a cancel is tidied up and canceled', async () => {
    const kit = await interrupted('canceled')
    expect(kit.journal).toContain('cancel render_1')
    expect(verbsOf(kit)).toEqual(['cancel'])
  })

  test('by a stopping process is handed back without using up a try', async () => {
    const kit = await interrupted('stopping')
    expect(kit.transitions).toMatchObject([{ verb: 'release', attempts: [{ outcome: 'released' }] }])
  })

  test.each([
    ['lost', []],
    ['canceled', ['cancel']],
    ['stopping', ['release']],
  ] as const)('while it stands in line for its place (%s) leaves the line', async (reason, verbs) => {
    const gate = createStageGate({ upload: 1 })
    const leave = await gate('upload', new AbortController().signal)
    const kit = createRunKit({ job: { ...withSession, stage: 'upload' }, deps: { enterStage: gate } })
    const running = kit.run()
    await settled()
    expect(kit.lease.stages).toEqual(['upload'])
    kit.lease.stop(reason)
    await running
    expect(verbsOf(kit)).toEqual(verbs)
    leave()
  })

  test('while its account waits for a token lets the others wait for it', async () => {
    const kit = createRunKit({
      job: withSession,
      deps: {
        accounts: { find: () => new Promise(() => undefined), renounce: () => Promise.resolve(false) },
      },
    })
    const running = kit.run()
    await settled()
    kit.lease.stop('stopping')
    await running
    expect(verbsOf(kit)).toEqual(['release'])
  })

  test('by a cancel still succeeds when it was the last and is done', async () => {
    const kit = await run({
      job: {
        stage: 'confirm',
        providerSessionId: '99',
        request: { purpose: 'message' },
        notes: finishedNotes,
      },
      provider: { state: stateOf('made'), credits: creditsOf(900) },
      onStep: (words, { lease }) => void (words === 'read credits' && lease.stop('canceled')),
    })
    expect(verbsOf(kit)).toEqual(['succeed'])
  })

  test('by a cancel keeps what it found and closes what it left open', async () => {
    const kit = await run({
      job: { stage: 'generate', providerSessionId: '99' },
      provider: {
        state: emptyState,
        credits: creditsOf(1_000),
        send: { outcome: 'broken', cause: 'aborted', turn: turnOf('silent') },
      },
      openPermits: [permitOf({ state: 'accepted' })],
      onStep: (words, { lease }) =>
        void (words === 'channel: send "a fox in the snow"' && lease.stop('canceled')),
    })
    expect(kit.transitions).toMatchObject([
      {
        verb: 'cancel',
        patch: { notes: { evidence: 'broken' }, creditsSpent: 100, rows: [{ state: 'settled' }] },
      },
    ])
  })

  test('that was spared by a stopping process is recorded, and the next one is not begun', async () => {
    const kit = await run({
      job: { stage: 'generate', providerSessionId: '99' },
      provider: {
        state: emptyState,
        credits: creditsOf(1_000),
        send: { outcome: 'ended', turn: turnOf('answered') },
      },
      onStep: (words, { lease }) => void (words === 'permit: open' && lease.spare()),
    })
    expect(verbsOf(kit)).toEqual(['advance', 'release'])
    expect(kit.transitions[0]?.patch).toMatchObject({ stage: 'confirm', notes: { evidence: 'answered' } })
  })

  test('by its own time-out fails for a while', async () => {
    const kit = await run({
      job: { stage: 'render', renderId: 'render_1' },
      provider: { render: new Error('aborted') },
      onStep: (words, { clock }) => {
        if (words === 'read render render_1') clock.advance(stages.render.timeoutMs({} as never))
      },
    })
    expect(kit.transitions).toMatchObject([
      { verb: 'retry', attempts: [{ failureCode: 'provider_unavailable' }] },
    ])
  })
})

describe('a stage that fails', () => {
  test('by a surprise is tried again, and the surprise is told', async () => {
    const kit = await run({
      job: { stage: 'render', renderId: 'render_1' },
      provider: { render: new TypeError('odd') },
    })
    expect(kit.transitions).toMatchObject([{ verb: 'retry', attempts: [{ failureCode: 'internal' }] }])
    expect(kit.facts.find(({ fact }) => fact === 'attempt.crashed')?.details).toMatchObject({
      stage: 'render',
    })
  })

  test('by a limit of rate waits as long as the provider says, or as we think', async () => {
    const limited = (retryAfterMs?: number) =>
      run({
        job: { stage: 'render', renderId: 'render_1' },
        provider: {
          render: providerError('provider_rate_limited', retryAfterMs === undefined ? {} : { retryAfterMs }),
        },
      })
    // A little longer than asked for, each job by another bit.
    expect((await limited(77_000)).transitions[0]?.dueInMs).toBe(80_850)
    const kit = await limited()
    expect(kit.transitions[0]?.dueInMs).toBe(31_500)
    expect(kit.traffic).toEqual(['pause acc_1 30000'])
  })

  test('for good leaves nothing open', async () => {
    const kit = await run({
      job: { stage: 'confirm', providerSessionId: '99', notes: finishedNotes, creditsSpent: 5 },
      provider: { state: providerError('provider_session_lost') },
      openPermits: [permitOf({ id: 'prm_1', state: 'accepted' })],
    })
    expect(kit.transitions).toMatchObject([
      {
        verb: 'fail',
        patch: {
          failureCode: 'provider_session_lost',
          creditsSpent: 105,
          creditsAtRisk: 0,
          rows: [{ id: 'prm_1', state: 'settled' }],
        },
      },
    ])
  })

  test('for good closes a permit once, in the way that the stage says', async () => {
    const kit = await run({
      job: { stage: 'generate', providerSessionId: '99' },
      provider: {
        state: emptyState,
        credits: creditsOf(1_000),
        send: { outcome: 'rejected', error: providerError('out_of_credits') },
      },
      openPermits: [permitOf()],
    })
    expect(kit.transitions).toMatchObject([
      { verb: 'fail', patch: { creditsSpent: 0, creditsAtRisk: 0, rows: [{ state: 'rejected' }] } },
    ])
  })

  test('is told to the account’s traffic', async () => {
    const unavailable = await run({
      job: { stage: 'render', renderId: 'render_1' },
      provider: { render: providerError('provider_unavailable') },
    })
    expect(unavailable.traffic).toEqual(['render unavailable'])
    const answered = await run({
      job: { stage: 'render', renderId: 'render_1' },
      provider: { render: { status: 'pending', progressPercent: 0 } },
    })
    expect(answered.traffic).toEqual(['render answered'])
  })
})

describe('a session that the provider disowns', () => {
  const job = { ...withSession, stage: 'render', renderId: 'render_1' } as const
  const render = providerError('provider_session_lost')

  test('is not given up while it is found by itself, or nobody can say', async () => {
    for (const state of [stateOf('made'), providerError('provider_unavailable')]) {
      const kit = await run({ job, provider: { render, state } })
      expect(kit.transitions).toMatchObject([
        { verb: 'retry', attempts: [{ failureCode: 'provider_unavailable' }] },
      ])
    }
  })

  test('is lost when it is not', async () => {
    const kit = await run({ job, provider: { render, state: render } })
    expect(kit.transitions).toMatchObject([{ verb: 'fail', patch: { failureCode: 'provider_session_lost' } }])
  })
})

describe('a token', () => {
  const refused = { stage: 'render', renderId: 'render_1' } as const
  const unauthorized = { render: providerError('provider_auth_failed') }

  test('that is refused is renewed once, and the stage comes back at once', async () => {
    const kit = await run({ job: { ...refused, notes: { a: 1 } }, provider: unauthorized, isRenounced: true })
    expect(kit.journal).toContain('renounce token_1 of acc_1')
    expect(kit.transitions).toMatchObject([
      { verb: 'park', dueInMs: 0, patch: { notes: { a: 1, token_renewed: true, waiting_for: 'token' } } },
    ])
  })

  test('that is refused a second time ends the job', async () => {
    const kit = await run({
      job: { ...refused, notes: { token_renewed: true } },
      provider: unauthorized,
      isRenounced: true,
    })
    expect(kit.journal.join()).not.toContain('renounce')
    expect(kit.transitions).toMatchObject([{ verb: 'fail', patch: { failureCode: 'provider_auth_failed' } }])
  })

  test('that cannot be renewed ends the job', async () => {
    const kit = await run({ job: refused, provider: unauthorized, isRenounced: false })
    expect(verbsOf(kit)).toEqual(['fail'])
  })

  test('that somebody else is asking for is waited for', async () => {
    const kit = await run({
      job: { stage: 'auth', notes: { a: 1 } },
      access: [{ outcome: 'busy', retryInMs: 1_000 }],
    })
    expect(kit.transitions).toMatchObject([
      { verb: 'park', dueInMs: 1_000, patch: { notes: { a: 1, waiting_for: 'token' } } },
    ])
  })

  test('that cannot be had fails like any call', async () => {
    const limited = providerError('provider_rate_limited', { retryAfterMs: 9_000 })
    const kit = await run({ access: [{ outcome: 'failed', error: limited }] })
    expect(kit.transitions).toMatchObject([{ verb: 'retry', dueInMs: 9_450 }])
  })

  test('of a refused message keeps the permit’s release', async () => {
    const kit = await run({
      job: { stage: 'generate', providerSessionId: '99' },
      isRenounced: true,
      provider: {
        state: emptyState,
        credits: creditsOf(1_000),
        send: { outcome: 'rejected', error: providerError('provider_auth_failed') },
      },
    })
    expect(kit.transitions).toMatchObject([
      { verb: 'park', patch: { rows: [{ id: 'prm_1', state: 'rejected' }] } },
    ])
  })
})

describe('a stage of which only so many may run at a time', () => {
  test('is entered before its work and left after it, however it ends', async () => {
    const kit = await run({
      job: { stage: 'render', renderId: 'render_1' },
      provider: { render: new TypeError('odd') },
    })
    expect(kit.journal).toEqual([
      'lease: taken',
      'enter render',
      'read render render_1',
      'leave render',
      'transition: retry',
    ])
  })
})

describe('an account whose provider is held', () => {
  test('keeps its jobs waiting without a call and without using up a try', async () => {
    const kit = await run({
      job: { stage: 'render', renderId: 'render_1', notes: { a: 1 } },
      hold: { forMs: 4_000, reason: 'provider_paused' },
    })
    expect(kit.journal).toEqual(['lease: taken', 'transition: park'])
    expect(kit.transitions).toMatchObject([
      { dueInMs: 4_000, patch: { notes: { a: 1, waiting_for: 'provider_paused' } } },
    ])
  })
})

describe('what a stage says', () => {
  const talkative = (script: RunScript = {}): RunScript => ({
    job: { stage: 'generate', providerSessionId: '99' },
    ...script,
    provider: {
      state: emptyState,
      credits: creditsOf(1_000),
      frames: [{ type: 'text', text: 'I begin.' }],
      send: { outcome: 'not_sent', cause: 'x' },
    },
  })

  test('goes out with its ending when it has not been told before', async () => {
    const kit = await run(talkative())
    expect(kit.transitions).toMatchObject([
      {
        verb: 'retry',
        events: [
          { type: 'job.message', data: { text: 'en: I begin.' } },
          { type: 'job.progress' },
          { type: 'job.retrying' },
        ],
        patch: { message: 'en: I begin.' },
      },
    ])
  })

  test('is told while it runs, and the ending follows on it', async () => {
    const kit = await run(
      talkative({
        onStep: (words, { clock }) => {
          if (words === 'channel: close') clock.advance(500)
        },
      }),
    )
    expect(kit.transitions.map(({ verb, seq }) => [verb, seq])).toEqual([
      ['note', 3],
      ['retry', 5],
    ])
  })

  test('is progress: holders that were lost before it do not count any more', async () => {
    const notes = { waiting_for: 'rendering', pending_ms: 3 }
    const kit = await run(
      talkative({
        job: { stage: 'generate', providerSessionId: '99', crashCount: 2, notes },
        onStep: (words, { clock }) => {
          if (words === 'channel: close') clock.advance(500)
        },
      }),
    )
    expect(kit.transitions[0]?.verb).toBe('note')
    expect(kit.transitions[0]?.patch).toMatchObject({ crashCount: 0 })
    expect(kit.transitions[0]?.patch?.notes).toEqual({ pending_ms: 3 })
  })

  test('may be lost: the stage goes on and its ending is recorded', async () => {
    const kit = await run({
      ...talkative(),
      transitions: [() => new Error('away')],
      onStep: (words, { clock }) => {
        if (words === 'channel: close') clock.advance(500)
      },
    })
    expect(verbsOf(kit)).toEqual(['note', 'retry'])
    expect(factsOf(kit)).toContain('job.write_failed')
  })
})
