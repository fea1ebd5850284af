import { createHash } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import type { SendResult } from '../../../src/providers/provider.ts'
import { creditsOf, emptyState, providerError, turnOf } from '../../support/scripted-provider.ts'
import { permitOf, runStage, type StageScript, stageTimings } from '../../support/stage-kit.ts'

const atGenerate = (script: StageScript = {}): StageScript => ({
  ...script,
  job: { stage: 'generate', providerSessionId: '99', ...script.job },
  provider: { state: emptyState, credits: creditsOf(1_000), ...script.provider },
})

const sending = (send: SendResult, script: StageScript = {}) =>
  runStage(atGenerate({ ...script, provider: { send, ...script.provider } }))

const baseNotes = {
  permit_id: 'prm_1',
  reserved: 100,
  fingerprint: 'empty',
  available: 1_000,
  frozen: 0,
}

const closed = (state: 'not_sent' | 'rejected', detail: object) => ({
  kind: 'permit',
  id: 'prm_1',
  state,
  credits_settled: null,
  is_estimated: false,
  detail,
})

describe('sending a message', () => {
  test('reads the baseline, commits the permit, checks the lease with the first byte and sends once, all on one connection', async () => {
    const { journal, asked } = await sending(
      { outcome: 'ended', turn: turnOf('answered') },
      { provider: { frames: [{ type: 'tool_call', name: 'edit' }] } },
    )
    expect(journal).toEqual([
      'open channel to 99',
      'channel: read session',
      'channel: read credits',
      'permit: open',
      'lease: is held',
      'channel: send "message 0"',
      'permit: accept prm_1',
      'progress 0.25',
      'lease: is held',
      'channel: close',
    ])
    expect(asked).toEqual([
      {
        messageNo: 0,
        providerSessionId: '99',
        messageDigest: createHash('sha256').update('message 0').digest('hex'),
        baseline: { fingerprint: 'empty', available: 1_000, frozen: 0 },
        creditsReserved: 100,
      },
    ])
  })

  test('makes each look for the baseline once more where the provider is down, and sends once', async () => {
    const down = providerError('provider_unavailable')
    const { journal } = await sending(
      { outcome: 'ended', turn: turnOf('answered') },
      { provider: { state: [down, emptyState], credits: [down, creditsOf(1_000)] } },
    )
    expect(journal.filter((entry) => entry.startsWith('channel:'))).toEqual([
      'channel: read session',
      'channel: read session',
      'channel: read credits',
      'channel: read credits',
      'channel: send "message 0"',
      'channel: close',
    ])
  })

  test('reserves what a step costs for a step', async () => {
    const { asked } = await sending(
      { outcome: 'ended', turn: turnOf('silent') },
      { job: { messageNo: 1, request: { steps: ['slower'] } } },
    )
    expect(asked).toMatchObject([{ messageNo: 1, creditsReserved: 50 }])
  })

  test('tells progress and words, translated, but nothing of heartbeats', async () => {
    const { journal } = await sending(
      { outcome: 'ended', turn: turnOf('answered') },
      {
        job: { request: { language: 'ja' } },
        provider: {
          frames: [
            { type: 'heartbeat' },
            { type: 'tool_call', name: 'x' },
            { type: 'text', text: 'Click export.' },
          ],
        },
      },
    )
    expect(journal.filter((words) => /^(progress|message)/.test(words))).toEqual([
      'progress 0.25',
      'progress 0.40',
      'message "ja: Click export."',
    ])
  })
})

describe('a message that may not be sent', () => {
  test('beyond the job’s budget never reaches the provider', async () => {
    const { outcome, journal } = await runStage(
      atGenerate({ job: { creditsSpent: 101, creditsAtRisk: 50, request: { maxCredits: 200 } } }),
    )
    expect(outcome).toMatchObject({ kind: 'fail', code: 'budget_exceeded' })
    expect(journal).toEqual([])
  })

  test('within the budget goes out, what is at risk being counted once', async () => {
    const { outcome } = await sending(
      { outcome: 'ended', turn: turnOf('answered') },
      { job: { creditsSpent: 100, creditsAtRisk: 100, request: { maxCredits: 200 } } },
    )
    expect(outcome.kind).toBe('done')
  })

  test('waits while another one of the session is open', async () => {
    const { outcome, journal } = await runStage(atGenerate({ permit: { outcome: 'denied' } }))
    expect(outcome).toMatchObject({ kind: 'wait', forMs: 5_000, reason: 'session_busy', isHeld: true })
    expect(journal.at(-1)).toBe('channel: close')
    expect(journal.join()).not.toContain('send')
  })

  test('without a lease is not sent', async () => {
    const journal: string[] = []
    const run = runStage(atGenerate({ leaseIsHeldFor: 0, journal }))
    await expect(run).rejects.toMatchObject({ name: 'LeaseLost' })
    expect(journal.join()).not.toContain('send')
    expect(journal).toContain('permit: disclaim prm_1 as not_sent {"cause":"given up"}')
  })

  test('for its mark is gone, or cannot be asked, is not sent, and that is recorded', async () => {
    const journal: string[] = []
    const run = runStage(atGenerate({ mayLeave: false, journal }))
    await expect(run).rejects.toMatchObject({ name: 'LeaseLost' })
    expect(journal).toContain('permit: disclaim prm_1 as not_sent {"cause":"given up"}')
  })

  test('is not sent without a baseline', async () => {
    const error = providerError('provider_unavailable')
    await expect(runStage(atGenerate({ provider: { credits: error } }))).rejects.toBe(error)
  })

  test('fails as a surprise when its baseline is one', async () => {
    const run = runStage(atGenerate({ provider: { state: new TypeError('odd') } }))
    await expect(run).rejects.toThrow('odd')
  })

  test('is an error of ours without a session', async () => {
    await expect(runStage(atGenerate({ job: { providerSessionId: null } }))).rejects.toThrow(
      'no provider session',
    )
  })
})

describe('a message that somebody has sent before', () => {
  test.each([
    ['open', 'unknown'],
    ['accepted', 'broken'],
    ['unknown', 'unknown'],
  ])('with a permit that is %s is never sent again, but looked for as %s', async (state, evidence) => {
    const permit = permitOf({ state, try: 2, baseline: { fingerprint: 'then', available: 900, frozen: 5 } })
    const { outcome, journal } = await runStage(atGenerate({ permit: { outcome: 'found', permit } }))
    expect(journal.join()).not.toContain('send')
    expect(outcome).toEqual({
      kind: 'done',
      patch: {
        notes: { ...baseNotes, fingerprint: 'then', available: 900, frozen: 5, evidence },
      },
    })
  })

  test('is left to confirm, which has more patience, while the provider is away', async () => {
    const { outcome, journal } = await runStage(
      atGenerate({
        openPermit: permitOf({ state: 'accepted' }),
        provider: { state: providerError('provider_unavailable', { evidence: 'unknown' }) },
      }),
    )
    expect(outcome).toEqual({ kind: 'done', patch: { notes: { ...baseNotes, evidence: 'broken' } } })
    expect(journal.join()).not.toContain('send')
  })
})

describe('the evidence after a send whose lease was lost meanwhile', () => {
  const lost = async (answer: SendResult) =>
    (await sending(answer, { leaseIsHeldFor: 1 })).journal.filter((words) =>
      words.startsWith('permit: disclaim'),
    )

  test('is told to the next holder where it proves that nothing came of the message', async () => {
    expect(await lost({ outcome: 'not_sent', cause: 'ECONNREFUSED' })).toEqual([
      'permit: disclaim prm_1 as not_sent {"cause":"ECONNREFUSED"}',
    ])
    expect(await lost({ outcome: 'rejected', error: providerError('out_of_credits') })).toEqual([
      'permit: disclaim prm_1 as rejected {"code":"out_of_credits"}',
    ])
  })

  test('is left open where it proves nothing', async () => {
    expect(await lost({ outcome: 'unknown', cause: 'ECONNRESET' })).toEqual([])
    expect(await lost({ outcome: 'undecided', httpStatus: 502 })).toEqual([])
  })

  test('goes with the job’s own row while the lease is held', async () => {
    const { journal } = await sending({ outcome: 'not_sent', cause: 'ECONNREFUSED' })
    expect(journal.join()).not.toContain('disclaim')
  })
})

describe('the evidence after a send', () => {
  test('not sent: the permit is released and the message tried again', async () => {
    const { outcome } = await sending({ outcome: 'not_sent', cause: 'ECONNREFUSED' })
    expect(outcome).toMatchObject({
      kind: 'fail',
      code: 'provider_unavailable',
      patch: { rows: [closed('not_sent', { cause: 'ECONNREFUSED' })] },
    })
  })

  test.each([
    ['provider_auth_failed', undefined, null],
    ['out_of_credits', undefined, null],
    ['provider_rejected', undefined, null],
    ['provider_rate_limited', undefined, 30_000],
    ['provider_rate_limited', 7_000, 7_000],
    ['provider_unavailable', 5_000, 5_000],
  ] as const)(
    'rejected as %s: the permit is released, the code is the provider’s',
    async (code, after, retryAfterMs) => {
      const error = providerError(code, {
        providerCode: 4711,
        ...(after === undefined ? {} : { retryAfterMs: after }),
      })
      const { outcome } = await sending({ outcome: 'rejected', error })
      expect(outcome).toMatchObject({
        kind: 'fail',
        code,
        retryAfterMs,
        patch: { rows: [closed('rejected', { code, provider_code: 4711 })] },
      })
    },
  )

  test('undecided: looked for, with the status kept', async () => {
    const { outcome } = await sending({ outcome: 'undecided', httpStatus: 502 })
    expect(outcome).toEqual({
      kind: 'done',
      patch: { notes: { ...baseNotes, evidence: 'undecided', http_status: 502 } },
    })
  })

  test.each(['unknown', 'broken'] as const)('%s: looked for, with the cause kept short', async (kind) => {
    const result: SendResult =
      kind === 'unknown'
        ? { outcome: 'unknown', cause: 'x'.repeat(999) }
        : { outcome: 'broken', cause: 'x'.repeat(999), turn: turnOf('silent') }
    const { outcome } = await sending(result)
    expect(outcome).toEqual({
      kind: 'done',
      patch: { notes: { ...baseNotes, evidence: kind, cause: 'x'.repeat(300) } },
    })
  })

  test.each(['answered', 'silent', 'empty'] as const)('ended %s: left as it is for confirm', async (kind) => {
    const { outcome } = await sending({ outcome: 'ended', turn: turnOf(kind) })
    expect(outcome).toEqual({
      kind: 'done',
      patch: {
        ...(kind === 'answered' ? { message: 'en: Here it is.' } : {}),
        notes: { ...baseNotes, evidence: kind },
      },
    })
  })

  test('ended with an error: looked for, because work may have been done before', async () => {
    const { outcome } = await sending({ outcome: 'ended', turn: turnOf('error', { text: 'Almost.' }) })
    expect(outcome).toEqual({
      kind: 'done',
      patch: { message: 'en: Almost.', notes: { ...baseNotes, evidence: 'failed', cause: 'it broke' } },
    })
    const silent = await sending({ outcome: 'ended', turn: turnOf('error', { error: null }) })
    expect(silent.outcome).toMatchObject({ patch: { notes: { cause: '' } } })
  })
})

describe('a session that the provider has lost', () => {
  const lost = providerError('provider_session_lost')
  const renewed = { kind: 'back', to: 'session', patch: { providerSessionId: null } }

  test('before anything was sent in it is made anew', async () => {
    const { outcome } = await runStage(atGenerate({ provider: { state: lost } }))
    expect(outcome).toMatchObject({ ...renewed, patch: { rows: [] } })
  })

  test('by the answer to a first message is made anew, its permit released', async () => {
    const { outcome } = await sending({ outcome: 'rejected', error: lost })
    expect(outcome).toMatchObject({
      ...renewed,
      patch: { rows: [closed('rejected', { code: 'provider_session_lost', provider_code: null })] },
    })
  })

  test('is made anew twice at most', async () => {
    await expect(runStage(atGenerate({ provider: { state: lost }, sessionsMade: 3 }))).rejects.toBe(lost)
    const { outcome } = await sending({ outcome: 'rejected', error: lost }, { sessionsMade: 3 })
    expect(outcome).toMatchObject({ kind: 'fail', code: 'provider_session_lost' })
  })

  test('with something paid in it is not made anew', async () => {
    const step = { job: { messageNo: 1, request: { steps: ['slower'] } }, provider: { state: lost } }
    await expect(runStage(atGenerate(step))).rejects.toBe(lost)
  })

  test('of a conversation is made anew only while nothing was sent in it', async () => {
    const conversation = { job: { sessionId: 'ses_1' }, provider: { state: lost } }
    const { outcome } = await runStage(atGenerate(conversation))
    expect(outcome).toMatchObject(renewed)
    await expect(runStage(atGenerate({ ...conversation, isSessionUnused: false }))).rejects.toBe(lost)
  })

  test('while a message of it is undecided is left to confirm', async () => {
    const { outcome } = await runStage(atGenerate({ openPermit: permitOf(), provider: { state: lost } }))
    expect(outcome).toMatchObject({ kind: 'done', patch: { notes: { evidence: 'unknown' } } })
  })
})

describe('a message after one of its conversation that was given up', () => {
  const { recoveryFirstMs, recoveryEveryMs, recoveryChecks, messageMaxMs } = stageTimings
  const atWork = { provider: { credits: { available: 0, frozen: 40, total: 40 } } }
  const sendingAfter = (fingerprint: string, ageMs: number, script: StageScript = {}) =>
    sending(
      { outcome: 'ended', turn: turnOf('answered') },
      { ...script, job: { sessionId: 'ses_1', ...script.job }, stray: { fingerprint, ageMs } },
    )

  test('is kept back for a moment at first', async () => {
    const { outcome, journal } = await sendingAfter('other', recoveryFirstMs - 1)
    expect(outcome).toMatchObject({ kind: 'wait', reason: 'session_busy', isHeld: true, forMs: 1 })
    expect(journal).not.toContain('permit: open')
  })

  test.each([
    ['shows no change', 'empty', {}],
    ['has changed just now', 'other', {}],
    ['goes on changing', 'other', { seen_fingerprint: 'older' }],
  ])('is kept back while credits are held and the session %s', async (_when, fingerprint, notes) => {
    const { outcome } = await sendingAfter(fingerprint, recoveryFirstMs, { ...atWork, job: { notes } })
    expect(outcome).toMatchObject({
      kind: 'wait',
      reason: 'session_busy',
      patch: { notes: { seen_fingerprint: 'empty' } },
    })
  })

  const still = { ...atWork, job: { notes: { seen_fingerprint: 'empty' } } }
  const patienceMs = recoveryFirstMs + recoveryChecks * recoveryEveryMs
  test.each([
    ['no credits are held for anything', 'empty', recoveryFirstMs, {}],
    ['the session has changed and kept still', 'other', recoveryFirstMs, still],
    ['the session has shown nothing for long', 'empty', patienceMs, atWork],
    ['the time that a message may take is over', 'other', messageMaxMs, atWork],
  ])('goes out when %s', async (_when, fingerprint, ageMs, script) => {
    const { outcome } = await sendingAfter(fingerprint, ageMs, script)
    expect(outcome.kind).toBe('done')
  })
})
