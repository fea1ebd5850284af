import { describe, expect, test } from 'vitest'
import type { StageNotes } from '../../../src/job/outcome.ts'
import { creditsOf, emptyState, providerError, stateOf } from '../../support/scripted-provider.ts'
import { runStage, type StageScript } from '../../support/stage-kit.ts'

const baseNotes: StageNotes = {
  permit_id: 'prm_1',
  reserved: 100,
  fingerprint: 'empty',
  available: 1_000,
  frozen: 0,
  evidence: 'answered',
}

const look = (notes: StageNotes, { job, ...script }: StageScript = {}) =>
  runStage({
    ...script,
    job: { stage: 'confirm', providerSessionId: '99', notes: { ...baseNotes, ...notes }, ...job },
    provider: { state: emptyState, credits: creditsOf(880), ...script.provider },
  })

/** After the last look that a clean end, or a recovery, is given. */
const cleanEnd = { looks: 3 }
const recovered = { is_recovering: true, looks: 5 }

const permitRow = (state: string, credits: number | null, detail: object, isEstimated: boolean) => ({
  kind: 'permit',
  id: 'prm_1',
  state,
  credits_settled: credits,
  is_estimated: isEstimated,
  detail,
})

describe('after a stream that ended by itself', () => {
  test('the change is there at once and is paid as the balance says', async () => {
    const { outcome, journal, scratch } = await look(
      {},
      { job: { creditsSpent: 30 }, provider: { state: stateOf('made') } },
    )
    expect(journal).toEqual([
      'read session',
      'permit: was it alone?',
      'read credits',
      'permit: was it alone?',
    ])
    expect(outcome).toEqual({
      kind: 'done',
      patch: {
        creditsSpent: 150,
        rows: [permitRow('settled', 120, {}, false)],
        timeline: 'timeline of made',
      },
    })
    expect(scratch.session?.fingerprint).toBe('made')
  })

  test.each([
    [0, 2_000],
    [1, 3_000],
    [2, 10_000],
  ])('nothing is seen in look %i, so it looks again after %i ms', async (looks, forMs) => {
    const { outcome } = await look({ looks })
    expect(outcome).toEqual({
      kind: 'wait',
      forMs,
      reason: 'settling',
      patch: { notes: { ...baseNotes, looks: looks + 1 } },
    })
  })

  test('a change without anything to export is looked at again', async () => {
    const half = stateOf('half', { isExportable: false })
    const { outcome } = await look({}, { provider: { state: half } })
    expect(outcome).toMatchObject({
      kind: 'wait',
      forMs: 2_000,
      reason: 'settling',
      patch: { notes: { looks: 1 } },
    })
  })

  test('and left nothing to export in the end, the job fails, and the message is paid', async () => {
    const half = stateOf('half', { isExportable: false })
    const { outcome } = await look(cleanEnd, { provider: { state: half } })
    expect(outcome).toMatchObject({
      kind: 'fail',
      code: 'draft_not_exportable',
      patch: { creditsSpent: 120, rows: [{ state: 'settled' }] },
    })
  })

  test('a draft that cannot be exported yet is no matter before the last message', async () => {
    const { outcome } = await look(cleanEnd, {
      job: { request: { steps: ['more'] } },
      provider: { state: stateOf('half', { isExportable: false }) },
    })
    expect(outcome.kind).toBe('done')
  })

  test('an answer without a change is a question', async () => {
    const { outcome } = await look(cleanEnd, {
      job: { message: 'Which fox?' },
      provider: { credits: creditsOf(995) },
    })
    expect(outcome).toEqual({
      kind: 'fail',
      code: 'awaiting_input',
      message: 'Which fox?',
      retryAfterMs: null,
      patch: { creditsSpent: 5, rows: [permitRow('settled', 5, {}, false)] },
    })
    const wordless = await look(cleanEnd)
    expect(wordless.outcome).toMatchObject({ message: 'the provider answered without making anything' })
  })

  test('a statement without a change is a failure, told in the words of the provider', async () => {
    const message = 'The video could not be generated this time. Nothing was charged; please say *credits*.'
    const { outcome } = await look(cleanEnd, { job: { message } })
    expect(outcome).toMatchObject({ kind: 'fail', code: 'generation_failed', message })
  })

  test('silence without a change is a failure', async () => {
    const { outcome } = await look({ ...cleanEnd, evidence: 'silent' })
    expect(outcome).toMatchObject({ kind: 'fail', code: 'generation_failed', patch: { creditsSpent: 120 } })
  })

  test('a step without a change is a warning, and the job goes on', async () => {
    const { outcome } = await look(cleanEnd, {
      job: { messageNo: 1, request: { steps: ['slower'] }, warnings: [{ code: 'a', message: 'b' }] },
      provider: { state: stateOf('empty') },
    })
    expect(outcome).toEqual({
      kind: 'done',
      patch: {
        creditsSpent: 120,
        rows: [permitRow('settled', 120, {}, false)],
        warnings: [
          { code: 'a', message: 'b' },
          { code: 'step_changed_nothing', message: 'step 1 left the draft as it was' },
        ],
        timeline: 'timeline of empty',
      },
    })
  })

  test('a turn of a conversation need not change anything', async () => {
    const { outcome } = await look(cleanEnd, { job: { request: { purpose: 'message' } } })
    expect(outcome).toMatchObject({ kind: 'done', patch: { creditsSpent: 120, timeline: null } })
  })
})

describe('what a message has cost', () => {
  const paid = (script: StageScript) =>
    look({}, { ...script, provider: { state: stateOf('made'), ...script.provider } })

  test('is an estimate while the provider holds credits for it, which may yet be spent', async () => {
    const { outcome } = await paid({ provider: { credits: creditsOf(850, 50) } })
    expect(outcome).toMatchObject({ patch: { creditsSpent: 150, rows: [{ is_estimated: true }] } })
  })

  test('does not hold what was held before it', async () => {
    const { outcome } = await look(
      { frozen: 50 },
      { provider: { state: stateOf('made'), credits: creditsOf(880, 50) } },
    )
    expect(outcome).toMatchObject({ patch: { creditsSpent: 120, rows: [{ is_estimated: false }] } })
  })

  test('is the estimate where another message of the account was under way, and asks no balance', async () => {
    const { outcome, journal } = await paid({ wasAlone: [false] })
    expect(outcome).toMatchObject({
      patch: { creditsSpent: 100, rows: [{ credits_settled: 100, is_estimated: true }] },
    })
    expect(journal).not.toContain('read credits')
  })

  test('is the estimate where another one began while the balance was read', async () => {
    const { outcome } = await paid({ wasAlone: [true, false] })
    expect(outcome).toMatchObject({ patch: { rows: [{ credits_settled: 100, is_estimated: true }] } })
  })

  test('is whole credits, also where the balance has fractions', async () => {
    const { outcome } = await paid({ provider: { credits: creditsOf(879.8) } })
    expect(outcome).toMatchObject({
      patch: { creditsSpent: 121, rows: [{ credits_settled: 121, is_estimated: false }] },
    })
  })

  test('is the estimate where the balance fell beyond all measure', async () => {
    const { outcome } = await paid({ provider: { credits: creditsOf(-5_000_000_000) } })
    expect(outcome).toMatchObject({ patch: { rows: [{ credits_settled: 100, is_estimated: true }] } })
  })

  test('is the estimate where the balance rose', async () => {
    const { outcome } = await paid({ provider: { credits: creditsOf(5_000) } })
    expect(outcome).toMatchObject({ patch: { rows: [{ credits_settled: 100, is_estimated: true }] } })
  })

  test('is not decided while the balance cannot be read', async () => {
    const error = providerError('provider_unavailable')
    await expect(paid({ provider: { credits: error } })).rejects.toBe(error)
  })
})

describe.each(['broken', 'failed', 'unknown', 'undecided', 'empty'])(
  'after an end that is %s',
  (evidence) => {
    test('nothing is looked at before the provider had time', async () => {
      const { outcome, journal } = await look({ evidence })
      expect(outcome).toEqual({
        kind: 'wait',
        forMs: 30_000,
        reason: 'recovery',
        patch: { notes: { ...baseNotes, evidence, is_recovering: true } },
      })
      expect(journal).toEqual([])
    })

    test('the first look is taken whatever the job waited for last', async () => {
      const { journal } = await look({ evidence, is_recovering: true, waiting_for: 'retry' })
      expect(journal).toContain('read session')
    })

    test('a change is adopted when a second look shows the same', async () => {
      const notes = { evidence, is_recovering: true }
      const first = await look(notes, { provider: { state: stateOf('made') } })
      expect(first.outcome).toEqual({
        kind: 'wait',
        forMs: 15_000,
        reason: 'settling',
        patch: { notes: { ...baseNotes, ...notes, looks: 1, last_fingerprint: 'made' } },
      })
      const same = { ...notes, looks: 1, last_fingerprint: 'made' }
      const second = await look(same, { provider: { state: stateOf('made') } })
      expect(second.outcome).toMatchObject({ kind: 'done', patch: { creditsSpent: 120 } })
      const moving = await look(same, { provider: { state: stateOf('more') } })
      expect(moving.outcome).toMatchObject({ kind: 'wait', patch: { notes: { last_fingerprint: 'more' } } })
    })

    test('a change that cannot be exported yet is given its time', async () => {
      const notes = { evidence, is_recovering: true, looks: 1, last_fingerprint: 'half' }
      const half = { state: stateOf('half', { isExportable: false }) }
      const { outcome } = await look(notes, { provider: half })
      expect(outcome).toMatchObject({ kind: 'wait', forMs: 60_000, patch: { notes: { looks: 2 } } })
      const last = await look({ ...notes, looks: 5 }, { provider: half })
      expect(last.outcome).toMatchObject({ kind: 'fail', code: 'draft_not_exportable' })
    })

    test('a change of a conversation that cannot be exported yet is given its time before the next message', async () => {
      const notes = { evidence, is_recovering: true, looks: 1, last_fingerprint: 'half' }
      const script = {
        job: { request: { purpose: 'message' as const } },
        provider: { state: stateOf('half', { isExportable: false }) },
      }
      const { outcome } = await look(notes, script)
      expect(outcome).toMatchObject({ kind: 'wait', forMs: 60_000, patch: { notes: { looks: 2 } } })
      expect((await look({ ...notes, looks: 5 }, script)).outcome).toMatchObject({ kind: 'done' })
    })

    test('a change for which credits are held still is given its time, and then estimated', async () => {
      const notes = { evidence, is_recovering: true, looks: 1, last_fingerprint: 'half' }
      const provider = { state: stateOf('half'), credits: creditsOf(900, 100) }
      const { outcome } = await look(notes, { provider })
      expect(outcome).toMatchObject({ kind: 'wait', forMs: 60_000, patch: { notes: { looks: 2 } } })
      const last = await look({ ...notes, looks: 5 }, { provider })
      expect(last.outcome).toMatchObject({
        kind: 'done',
        patch: { creditsSpent: 100, rows: [{ credits_settled: 100, is_estimated: true }] },
      })
    })

    test('a change that never rests is adopted at the last look', async () => {
      const { outcome } = await look(
        { ...recovered, evidence },
        { provider: { state: stateOf('still moving') } },
      )
      expect(outcome.kind).toBe('done')
    })

    test('nothing is decided before the last look', async () => {
      const { outcome } = await look({ evidence, is_recovering: true, looks: 4 })
      expect(outcome).toMatchObject({
        kind: 'wait',
        forMs: 60_000,
        reason: 'recovery',
        patch: { notes: { looks: 5 } },
      })
    })

    test('the look is not given up while the provider is away', async () => {
      const error = providerError('provider_unavailable')
      await expect(look({ ...recovered, evidence }, { provider: { state: error } })).rejects.toBe(error)
    })
  },
)

describe('a message of which it is known that nothing came', () => {
  test.each([{}, { is_recovering: true, looks: 2 }])(
    'is sent again without a look, and has cost nothing (%j)',
    async (notes) => {
      const { outcome, journal } = await look({ ...notes, evidence: 'unknown' }, { isWithoutEffect: true })
      expect(outcome).toMatchObject({ kind: 'back', to: 'generate' })
      expect(outcome.patch).toEqual({})
      expect(journal).toEqual([])
    },
  )
})

test('a message whose holder is lost again and again right before it leaves is put aside', async () => {
  const { outcome } = await look(
    { evidence: 'unknown' },
    { isWithoutEffect: true, tries: { notSent: 20, notAccepted: 2 } },
  )
  expect(outcome).toMatchObject({
    kind: 'fail',
    code: 'internal',
    message: expect.stringContaining('put aside'),
  })
})

describe('a message of which nothing is seen in the end', () => {
  test.each(['broken', 'unknown', 'empty'])(
    'after an end that is %s is at risk and never sent again',
    async (evidence) => {
      const { outcome } = await look(
        { ...recovered, evidence, cause: 'ECONNRESET' },
        { job: { creditsSpent: 20, creditsAtRisk: 10 } },
      )
      expect(outcome).toEqual({
        kind: 'fail',
        code: 'generation_outcome_unknown',
        message: 'the message was sent, and the session does not show its effect: ECONNRESET',
        retryAfterMs: null,
        patch: {
          creditsSpent: 120,
          creditsAtRisk: 110,
          rows: [permitRow('unknown', 100, { evidence, looks: 6 }, true)],
        },
      })
    },
  )

  test('after an error that the provider told of has failed, and cost what the balance says', async () => {
    const notes = { ...recovered, evidence: 'failed', cause: 'SAFETY' }
    const { outcome } = await look(notes, { provider: { credits: creditsOf(1_000) } })
    expect(outcome).toEqual({
      kind: 'fail',
      code: 'generation_failed',
      message: 'the provider reported an error: SAFETY',
      retryAfterMs: null,
      patch: { rows: [permitRow('settled', 0, {}, false)] },
    })
    const accompanied = await look(notes, { wasAlone: [false] })
    expect(accompanied.outcome).toMatchObject({ code: 'generation_failed', patch: { creditsSpent: 100 } })
    const held = await look(notes, { provider: { credits: creditsOf(900, 100) } })
    expect(held.outcome).toMatchObject({ code: 'generation_outcome_unknown' })
  })

  test.each([0, 1])(
    'after an error answer is sent again, %i such tries having been before, however often it never left',
    async (notAccepted) => {
      const { outcome } = await look(
        { ...recovered, evidence: 'undecided' },
        { tries: { notAccepted, notSent: 5 }, provider: { credits: creditsOf(1_000) } },
      )
      expect(outcome).toMatchObject({
        kind: 'back',
        to: 'generate',
        patch: { rows: [permitRow('not_accepted', null, { evidence: 'undecided', looks: 6 }, false)] },
      })
    },
  )

  test.each([creditsOf(900), creditsOf(900, 100)])(
    'after an error answer is at risk where the balance shows that it was taken (%j)',
    async (credits) => {
      const { outcome } = await look({ ...recovered, evidence: 'undecided' }, { provider: { credits } })
      expect(outcome).toMatchObject({ kind: 'fail', code: 'generation_outcome_unknown' })
    },
  )

  test('after an error answer is sent again where the balance tells nothing, as others spend too', async () => {
    const { outcome } = await look(
      { ...recovered, evidence: 'undecided' },
      { wasAlone: [false], provider: { credits: creditsOf(900) } },
    )
    expect(outcome).toMatchObject({ kind: 'back', to: 'generate' })
  })

  test('after a third error answer fails the job for good, and costs nothing', async () => {
    const { outcome } = await look(
      { ...recovered, evidence: 'undecided' },
      { tries: { notAccepted: 2 }, provider: { credits: creditsOf(1_000) } },
    )
    expect(outcome).toMatchObject({
      kind: 'fail',
      code: 'generation_failed',
      patch: { rows: [permitRow('not_accepted', null, { evidence: 'undecided', looks: 6 }, false)] },
    })
    expect(outcome.kind === 'fail' && outcome.patch.creditsSpent).toBeUndefined()
  })

  describe('and the client allows it to be sent again', () => {
    const resend = (notes: StageNotes, script: StageScript = {}) =>
      look(
        { ...recovered, evidence: 'unknown', ...notes },
        {
          job: { request: { onUnknown: 'resend_if_proven_absent' } },
          provider: { credits: creditsOf(1_000) },
          ...script,
        },
      )

    test('is sent once more when the balance proves that it cost nothing', async () => {
      const { outcome } = await resend({})
      expect(outcome).toMatchObject({
        kind: 'back',
        to: 'generate',
        patch: { rows: [permitRow('not_accepted', null, { evidence: 'unknown', looks: 6 }, false)] },
      })
    })

    test.each<[string, StageNotes, StageScript]>([
      ['it was so already', {}, { tries: { notAccepted: 1 } }],
      ['the balance fell', {}, { provider: { credits: creditsOf(900) } }],
      ['credits are frozen', {}, { provider: { credits: creditsOf(1_000, 40) } }],
      ['another message of the account was under way', {}, { wasAlone: [false] }],
      ['its stream had begun', { evidence: 'broken' }, {}],
    ])('is not sent again when %s', async (_, notes, script) => {
      const { outcome } = await resend(notes, {
        ...script,
        job: { request: { onUnknown: 'resend_if_proven_absent' } },
        provider: { credits: creditsOf(1_000), ...script.provider },
      })
      expect(outcome).toMatchObject({ kind: 'fail', code: 'generation_outcome_unknown' })
    })
  })
})

describe('a look after a redrive', () => {
  const { available: _, frozen: __, ...withoutBalance } = baseNotes
  const redriven = {
    ...withoutBalance,
    evidence: 'unknown',
    is_recovering: true,
    counted_spent: 100,
    counted_at_risk: 100,
    may_resend: false,
  }
  const lookAgain = (notes: StageNotes, script: StageScript = {}) =>
    runStage({
      ...script,
      job: {
        stage: 'confirm',
        providerSessionId: '99',
        creditsSpent: 130,
        creditsAtRisk: 100,
        notes: { ...redriven, ...notes },
        ...script.job,
      },
      provider: { state: emptyState, credits: creditsOf(0), ...script.provider },
    })

  test('that finds the message counts it once, by the estimate, and no longer at risk', async () => {
    const { outcome, journal } = await lookAgain(
      { last_fingerprint: 'made', looks: 1, counted_spent: 120 },
      { provider: { state: stateOf('made') } },
    )
    expect(journal).toEqual(['read session'])
    expect(outcome).toEqual({
      kind: 'done',
      patch: {
        creditsSpent: 110,
        creditsAtRisk: 0,
        rows: [permitRow('settled', 100, { interrupted: false }, true)],
        timeline: 'timeline of made',
      },
    })
  })

  describe('in a conversation that has gone on', () => {
    const gone = { hasMovedOn: true, provider: { state: stateOf('made by another') } }

    test('takes no change for that of the message, and leaves it at risk', async () => {
      const { outcome, journal } = await lookAgain({}, gone)
      expect(journal).toEqual([])
      expect(outcome).toMatchObject({
        kind: 'fail',
        code: 'generation_outcome_unknown',
        message: 'the message was sent, and later ones of the conversation hide whether it had an effect',
        patch: { rows: [{ state: 'unknown', credits_settled: 100 }] },
      })
      expect(outcome.patch).not.toHaveProperty('creditsSpent')
    })

    test('sends the message again when its cost was accepted', async () => {
      const { outcome } = await lookAgain({ may_resend: true }, gone)
      expect(outcome).toMatchObject({
        kind: 'back',
        to: 'generate',
        patch: { rows: [{ state: 'unknown', credits_settled: 100 }] },
      })
    })

    test('still knows of a message that never left', async () => {
      const { outcome } = await lookAgain({}, { ...gone, isWithoutEffect: true })
      expect(outcome).toMatchObject({ kind: 'back', to: 'generate' })
    })
  })

  test('that finds nothing leaves the books as they are', async () => {
    const { outcome } = await lookAgain({ looks: 5 })
    expect(outcome).toMatchObject({
      kind: 'fail',
      code: 'generation_outcome_unknown',
      patch: { rows: [{ state: 'unknown', credits_settled: 100 }] },
    })
    expect(outcome.patch).not.toHaveProperty('creditsSpent')
    expect(outcome.patch).not.toHaveProperty('creditsAtRisk')
  })

  test('that finds nothing does not take the balance of another day for a proof', async () => {
    const { outcome, journal } = await lookAgain(
      { looks: 5 },
      { job: { request: { onUnknown: 'resend_if_proven_absent' } } },
    )
    expect(outcome).toMatchObject({ kind: 'fail', code: 'generation_outcome_unknown' })
    expect(journal).not.toContain('permit: was it alone?')
  })

  test('that finds nothing sends the message again when its cost was accepted, and keeps it at risk', async () => {
    const { outcome } = await lookAgain({
      looks: 5,
      evidence: 'broken',
      counted_at_risk: 0,
      may_resend: true,
    })
    expect(outcome).toMatchObject({
      kind: 'back',
      to: 'generate',
      patch: { creditsAtRisk: 200, rows: [{ state: 'unknown', credits_settled: 100 }] },
    })
    expect(outcome.patch).not.toHaveProperty('creditsSpent')
  })
})
