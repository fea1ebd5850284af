import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { type FailureCode, failureCodes } from '../../../src/job/failure.ts'
import type { Job } from '../../../src/job/job.ts'
import { jobStates } from '../../../src/job/lifecycle.ts'
import { type PlannedJob, planFor, progressAt, stageNames } from '../../../src/job/plan.ts'
import { decideRedrive, type RedriveDecision } from '../../../src/job/redrive.ts'
import type { RecordedPermit, Redrivable } from '../../../src/job/redrive-stage.ts'
import { makeJob } from '../../support/job.ts'

type Wish = Partial<Pick<Redrivable, 'fromStage' | 'isCostAccepted' | 'permits' | 'goneUploads'>> & {
  readonly plan?: Partial<PlannedJob>
}

const redrive = (job: Partial<Job>, { plan, ...wish }: Wish = {}): RedriveDecision =>
  decideRedrive({
    job: makeJob({ state: 'failed', providerSessionId: '99', ...job }),
    plan: planFor({ messageCount: 1, hasInputs: false, purpose: 'video', ...plan }),
    permits: [],
    goneUploads: [],
    fromStage: null,
    isCostAccepted: false,
    estimatedCredits: (messageNo) => (messageNo === 0 ? 100 : 50),
    newRenderId: 'render_new',
    ...wish,
  })

const redriven = (...args: Parameters<typeof redrive>) => {
  const decision = redrive(...args)
  if (decision.outcome !== 'redriven') throw new Error(`the decision is ${JSON.stringify(decision)}`)
  return decision
}

const permit = (recorded: Partial<RecordedPermit> = {}): RecordedPermit => ({
  id: 'prm_1',
  messageNo: 0,
  state: 'settled',
  providerSessionId: '99',
  fingerprint: 'before',
  creditsReserved: 100,
  creditsSettled: 100,
  isInterrupted: false,
  ...recorded,
})

describe('only a failed job', () => {
  test.each(jobStates.filter((state) => state !== 'failed'))('is redriven, not a %s one', (state) => {
    expect(redrive({ state })).toEqual({ outcome: 'not_failed' })
  })
})

describe('an upload that is gone', () => {
  const film = { index: 0, uploadId: 'upl_film', isHandedOver: true }
  const text = { index: 1, uploadId: 'upl_text', isHandedOver: false }
  const wish = { plan: { hasInputs: true, messageCount: 2 }, goneUploads: [film, text] }
  const failed = { stage: 'render', failureCode: 'render_timeout', renderId: 'render_1' } as const

  test.each<[string, Partial<Job>, Wish, readonly unknown[]]>([
    ['is needed where inputs are handed over again', failed, { fromStage: 'upload' }, [film, text]],
    ['is needed in another session', failed, { fromStage: 'session' }, [film, text]],
    ['is needed for the first message where it is a text', failed, { fromStage: 'generate' }, [text]],
  ])('%s', (_what, job, wished, uploads) => {
    expect(redrive(job, { ...wish, ...wished })).toEqual({
      outcome: 'uploads_gone',
      fromStage: wished.fromStage,
      uploads,
    })
  })

  test.each<[string, Partial<Job>, Wish]>([
    ['once the render was asked for', failed, {}],
    ['by the export', { stage: 'export', failureCode: 'internal' }, {}],
    ['by a message where the session has it', { stage: 'generate' }, { goneUploads: [film] }],
    ['by a later message', { stage: 'generate', messageNo: 1 }, {}],
    ['by a look for the message', { stage: 'confirm' }, { permits: [permit({ state: 'unknown' })] }],
  ])('is not needed %s', (_when, job, wished) => {
    expect(redrive(job, { ...wish, ...wished }).outcome).toBe('redriven')
  })

  test('is needed by a look for the message after which that may be sent again', () => {
    const permits = [permit({ state: 'unknown' })]
    expect(redrive({ stage: 'confirm' }, { ...wish, permits, isCostAccepted: true }).outcome).toBe(
      'uploads_gone',
    )
  })
})

describe('where a failed job is taken up again', () => {
  test.each<[Job['stage'], FailureCode, Job['stage']]>([
    ['auth', 'provider_unavailable', 'auth'],
    ['session', 'provider_unavailable', 'session'],
    ['session', 'provider_auth_failed', 'auth'],
    ['generate', 'out_of_credits', 'generate'],
    ['generate', 'provider_session_lost', 'session'],
    ['confirm', 'generation_failed', 'generate'],
    ['export', 'export_not_allowed', 'export'],
    ['export', 'draft_not_exportable', 'generate'],
    ['render', 'render_timeout', 'render'],
    ['render', 'render_failed', 'export'],
    ['render', 'deadline_exceeded', 'export'],
    ['deliver', 'storage_failed', 'deliver'],
    ['deliver', 'artifact_invalid', 'export'],
  ])('after %s failed with %s, it goes on from %s', (stage, failureCode, from) => {
    const decision = redriven({ stage, failureCode, renderId: 'render_1' })
    expect(decision.fromStage).toBe(from)
    expect(decision.patch).toMatchObject({
      stage: from,
      messageNo: 0,
      attempt: 2,
      tries: 0,
      crashCount: 0,
      failureCode: null,
      failureMessage: null,
      failureStage: null,
    })
  })

  test('an upload that failed skips what the provider has', () => {
    const decision = redriven(
      { stage: 'upload', failureCode: 'input_unreachable' },
      { plan: { hasInputs: true } },
    )
    expect(decision).toMatchObject({
      fromStage: 'upload',
      reused: ['session'],
      rerun: ['upload', 'generate', 'confirm', 'export', 'render', 'deliver'],
      estimatedCredits: 100,
    })
  })

  test('a job that lost everything it stood on begins at the beginning', () => {
    const lost = { stage: 'generate', failureCode: 'internal', providerSessionId: null } as const
    expect(redriven(lost).fromStage).toBe('auth')
  })

  test('an export of a conversation has nothing to generate', () => {
    const decision = redriven(
      { stage: 'export', failureCode: 'draft_not_exportable', renderId: 'render_1', sessionId: 'ses_1' },
      { plan: { purpose: 'export' } },
    )
    expect(decision).toMatchObject({ fromStage: 'export', rerun: ['export', 'render', 'deliver'] })
  })

  test('a step that failed is the message that is generated', () => {
    const decision = redriven(
      { stage: 'generate', messageNo: 1, failureCode: 'out_of_credits', progress: 0.6 },
      { plan: { messageCount: 3 }, permits: [permit({ messageNo: 1, state: 'rejected' }), permit()] },
    )
    const progress = progressAt(
      planFor({ messageCount: 3, hasInputs: false, purpose: 'video' }),
      { stage: 'generate', messageNo: 1 },
      0,
    )
    expect(decision).toMatchObject({
      patch: { stage: 'generate', messageNo: 1, progress },
      events: [{ type: 'job.redriven', data: { stage: 'generate', message_no: 1, attempt: 2, progress } }],
      reused: ['session', 'messages'],
      estimatedCredits: 100,
    })
  })
})

describe('the stage that a client names', () => {
  test('may be any that the job has reached', () => {
    const decision = redriven(
      { stage: 'deliver', failureCode: 'artifact_invalid', renderId: 'render_1', renderUrl: 'https://x' },
      { fromStage: 'deliver' },
    )
    expect(decision).toMatchObject({
      fromStage: 'deliver',
      patch: { renderId: 'render_1' },
      reused: ['session', 'messages', 'render'],
      rerun: ['deliver'],
    })
    expect(decision.patch).not.toHaveProperty('renderUrl')
  })

  test('may not be one that it has not reached, or that its plan does not have', () => {
    const possible = ['auth', 'session', 'generate', 'export']
    const job = { stage: 'export', failureCode: 'export_not_allowed', renderId: 'render_1' } as const
    for (const fromStage of ['render', 'deliver', 'upload', 'confirm'] as const)
      expect(redrive(job, { fromStage })).toEqual({ outcome: 'stage_not_possible', possible })
  })

  test('may not stand on what is not there', () => {
    const job = { stage: 'deliver', failureCode: 'internal', providerSessionId: null } as const
    expect(redrive(job, { fromStage: 'render' })).toEqual({
      outcome: 'stage_not_possible',
      possible: ['auth', 'session'],
    })
  })

  test('must hold the message that the job stands at', () => {
    const job = { stage: 'generate', messageNo: 4, failureCode: 'internal' } as const
    expect(() => redrive(job, { fromStage: 'generate' })).toThrow('message 4 is not in the plan')
  })
})

describe('a render', () => {
  test('that was asked for keeps its id, and one that is over gets another', () => {
    const at = (stage: Job['stage'], failureCode: FailureCode, fromStage: Job['stage'] | null = null) =>
      redriven({ stage, failureCode, renderId: 'render_1', renderUrl: 'https://x' }, { fromStage }).patch
    expect(at('export', 'provider_unavailable')).toMatchObject({ renderId: 'render_1', renderUrl: null })
    expect(at('export', 'deadline_exceeded')).toMatchObject({ renderId: 'render_new' })
    expect(at('render', 'render_timeout')).toMatchObject({ renderId: 'render_1', renderUrl: null })
    expect(at('render', 'render_timeout', 'export')).toMatchObject({ renderId: 'render_new' })
    expect(at('render', 'render_timeout', 'generate')).toMatchObject({ renderId: null })
    expect(redriven({ stage: 'export', failureCode: 'internal' }).patch.renderId).toBe('render_new')
  })
})

describe('another session', () => {
  const failed = {
    stage: 'render',
    failureCode: 'provider_session_lost',
    renderId: 'render_1',
    warnings: [
      { code: 'step_changed_nothing', message: 'step 1 left the draft as it was' },
      { code: 'other', message: 'stays' },
    ],
  } as const

  test('leaves everything of the old one behind', () => {
    const decision = redriven(failed)
    expect(decision).toMatchObject({ fromStage: 'session', reused: [], estimatedCredits: 100 })
    expect(decision.patch).toMatchObject({
      providerSessionId: null,
      providerTaskId: null,
      providerUserId: null,
      renderId: null,
      timeline: null,
      warnings: [{ code: 'other' }],
    })
    expect(decision.patch).not.toHaveProperty('accountId')
  })

  test('of another account begins at auth', () => {
    expect(redriven(failed, { fromStage: 'auth' }).patch).toMatchObject({
      accountId: null,
      providerSessionId: null,
    })
  })

  test('is not made for a conversation, which has its own', () => {
    const decision = redriven({ ...failed, sessionId: 'ses_1' }, { fromStage: 'session' })
    expect(decision.patch).not.toHaveProperty('providerSessionId')
    expect(decision.reused).toEqual(['session'])
    expect(redriven({ ...failed, sessionId: 'ses_1' }).fromStage).toBe('render')
  })

  test('is made for a conversation that has none yet', () => {
    const job = { ...failed, sessionId: 'ses_1', stage: 'session', providerSessionId: null } as const
    expect(redriven(job, { fromStage: 'auth' }).patch).toMatchObject({ accountId: null })
  })

  test('has the uploads and the messages to come', () => {
    const decision = redriven(failed, { plan: { hasInputs: true, messageCount: 2 } })
    expect(decision).toMatchObject({
      rerun: ['session', 'upload', 'generate', 'confirm', 'export', 'render', 'deliver'],
      estimatedCredits: 150,
    })
  })
})

describe('a message that may have been paid for', () => {
  const settled = { permits: [permit()] }

  test.each<[Job['stage'], FailureCode]>([
    ['confirm', 'awaiting_input'],
    ['export', 'draft_not_exportable'],
    ['render', 'provider_session_lost'],
  ])('is not sent again without consent, after %s failed with %s', (stage, failureCode) => {
    const job = { stage, failureCode, renderId: 'render_1' }
    const refused = redrive(job, settled)
    expect(refused).toMatchObject({ outcome: 'cost_not_accepted', estimatedCredits: 100 })
    expect(redriven(job, { ...settled, isCostAccepted: true }).estimatedCredits).toBe(100)
  })

  test('counts whichever session and attempt it was sent in', () => {
    const elsewhere = { permits: [permit({ providerSessionId: '98', state: 'unknown' })] }
    expect(redrive({ stage: 'generate', failureCode: 'out_of_credits' }, elsewhere).outcome).toBe(
      'cost_not_accepted',
    )
  })

  test.each(['not_sent', 'rejected', 'not_accepted'] as const)(
    'is none when it is recorded as %s',
    (state) => {
      const decision = redriven(
        { stage: 'generate', failureCode: 'provider_unavailable' },
        { permits: [permit({ state, creditsSettled: null })] },
      )
      expect(decision).toMatchObject({ fromStage: 'generate', estimatedCredits: 100 })
    },
  )

  test('is none of the concern of what comes after it', () => {
    const decision = redriven({ stage: 'deliver', failureCode: 'storage_failed', renderId: 'r' }, settled)
    expect(decision.estimatedCredits).toBe(0)
  })
})

describe('a message of unknown outcome', () => {
  const failed = { stage: 'confirm', failureCode: 'generation_outcome_unknown' } as const
  const unknown = permit({ state: 'unknown' })

  test('is looked for, with what the look works from, and never sent', () => {
    const decision = redriven(failed, { permits: [unknown] })
    expect(decision).toMatchObject({
      fromStage: 'confirm',
      reused: ['session', 'messages'],
      rerun: ['confirm', 'export', 'render', 'deliver'],
      estimatedCredits: 0,
    })
    expect(decision.patch.notes).toEqual({
      permit_id: 'prm_1',
      reserved: 100,
      fingerprint: 'before',
      evidence: 'unknown',
      is_recovering: true,
      counted_spent: 100,
      counted_at_risk: 100,
      may_resend: false,
    })
  })

  test('is looked for and then sent again, when its cost is accepted', () => {
    const decision = redriven(failed, { permits: [unknown], isCostAccepted: true })
    expect(decision).toMatchObject({ fromStage: 'confirm', estimatedCredits: 100 })
    expect(decision.patch.notes).toMatchObject({ may_resend: true })
  })

  test('that was accepted before the job was cut off counts as spent, not as at risk', () => {
    const cutOff = permit({ isInterrupted: true })
    const decision = redriven({ stage: 'generate', failureCode: 'deadline_exceeded' }, { permits: [cutOff] })
    expect(decision.fromStage).toBe('confirm')
    expect(decision.patch.notes).toMatchObject({
      evidence: 'broken',
      counted_spent: 100,
      counted_at_risk: 0,
    })
  })

  test('whose permit is still open is not counted twice', () => {
    const open = permit({ state: 'accepted', creditsSettled: null })
    expect(redriven(failed, { permits: [open] }).patch.notes).toMatchObject({
      evidence: 'broken',
      counted_spent: 0,
    })
  })

  test('cannot be looked for in another session', () => {
    const elsewhere = { permits: [{ ...unknown, providerSessionId: '98' }] }
    expect(redrive(failed, elsewhere)).toMatchObject({ outcome: 'cost_not_accepted', fromStage: 'generate' })
  })
})

test('whatever the record, nothing that may have been paid for goes out again without consent', () => {
  const permits = fc.array(
    fc.record({
      messageNo: fc.nat(2),
      state: fc.constantFrom(
        'open',
        'accepted',
        'not_sent',
        'rejected',
        'not_accepted',
        'unknown',
        'settled',
      ),
      providerSessionId: fc.constantFrom('98', '99'),
      isInterrupted: fc.boolean(),
    }),
    { maxLength: 5 },
  )
  fc.assert(
    fc.property(
      fc.constantFrom(...stageNames.filter((stage) => stage !== 'upload')),
      fc.nat(2),
      fc.constantFrom(...failureCodes),
      fc.option(fc.constantFrom(...stageNames)),
      permits,
      (stage, messageNo, failureCode, fromStage, recorded) => {
        const isOfMessage = stage === 'generate' || stage === 'confirm'
        const at = isOfMessage ? messageNo : ['export', 'render', 'deliver'].includes(stage) ? 2 : 0
        const decision = redrive(
          { stage, failureCode, messageNo: at, renderId: 'render_1' },
          { plan: { messageCount: 3 }, fromStage, permits: recorded.map((some) => permit(some as object)) },
        )
        if (decision.outcome !== 'redriven') return
        const start = decision.patch.stage === 'confirm' ? at + 1 : Number(decision.patch.messageNo)
        const isSending = decision.rerun.includes('generate') || decision.patch.stage === 'confirm'
        const isPaid = recorded.some(
          (some) => some.messageNo >= start && !['not_sent', 'rejected', 'not_accepted'].includes(some.state),
        )
        expect(isSending && isPaid).toBe(false)
        expect(decision.patch.notes?.['may_resend'] ?? false).toBe(false)
      },
    ),
  )
})
