import { describe, expect, test } from 'vitest'
import { explain, type JobFacts } from '../../../src/job/explain.ts'

const now = new Date('2026-09-01T12:00:00.000Z')
const inS = (seconds: number): Date => new Date(now.getTime() + seconds * 1000)

const explained = (facts: Partial<JobFacts> = {}) =>
  explain({
    now,
    state: 'queued',
    stage: 'auth',
    isCancelRequested: false,
    dueAt: inS(-1),
    waitReason: null,
    isOrphaned: false,
    isBehindSession: false,
    ahead: 0,
    tenant: { used: 0, max: 10 },
    fleet: { used: 0, max: 100 },
    account: { used: 0, max: 1_000, pausedUntil: null, probeAt: null },
    lastFailure: null,
    slotMs: 20_000,
    budgets: [],
    ...facts,
  })

const failure = { code: 'provider_unavailable', message: 'no answer', stage: 'render', at: now } as const

describe('a queued job waits', () => {
  test.each<[string, Partial<JobFacts>, object]>([
    ['for its batch', { dueAt: null }, { kind: 'batch', until: null }],
    ['for its time', { dueAt: inS(60) }, { kind: 'schedule', until: inS(60) }],
    ['for an earlier job of its session', { isBehindSession: true }, { kind: 'session' }],
    ['for a worker to be there', { fleet: { used: 0, max: 0 } }, { kind: 'workers' }],
    ['for the jobs of its tenant', { tenant: { used: 10, max: 10 } }, { kind: 'tenant_concurrency' }],
    [
      'for the jobs of its provider account',
      { account: { used: 5, max: 5, pausedUntil: null, probeAt: null } },
      { kind: 'account_concurrency' },
    ],
    ['for a slot', { fleet: { used: 100, max: 100 } }, { kind: 'workers' }],
    ['for its turn', {}, { kind: 'turn' }],
  ])('%s', (_what, facts, waitingFor) => {
    expect(explained(facts).waitingFor).toMatchObject(waitingFor)
  })

  test('in a line, under limits', () => {
    expect(explained({ ahead: 7, tenant: { used: 3, max: 10 } })).toMatchObject({
      ahead: 7,
      limits: [
        { name: 'tenant_concurrency', used: 3, max: 10 },
        { name: 'account_concurrency', used: 0, max: 1_000 },
        { name: 'worker_slots', used: 0, max: 100 },
      ],
      nextAttemptAt: inS(-1),
    })
  })
})

describe('a parked job waits', () => {
  test.each<[string, object]>([
    ['retry', { kind: 'retry', until: inS(30) }],
    ['token', { kind: 'token' }],
    ['recovery', { kind: 'outcome' }],
    ['settling', { kind: 'outcome' }],
    ['session_busy', { kind: 'outcome', until: inS(30) }],
    ['render_pending', { kind: 'render' }],
    ['rendering', { kind: 'render' }],
    ['render_url', { kind: 'render' }],
    ['something new', { kind: 'turn' }],
  ])('for what its stage has said: %s', (waitReason, waitingFor) => {
    const { waitingFor: found } = explained({ state: 'waiting', dueAt: inS(30), waitReason })
    expect(found).toMatchObject(waitingFor)
  })

  test('for the provider, as long as that takes', () => {
    const paused = { state: 'waiting', dueAt: inS(30), waitReason: 'provider_paused' } as const
    const until = (pausedUntil: Date | null) =>
      explained({ ...paused, account: { used: 0, max: 1, pausedUntil, probeAt: null } }).waitingFor?.until
    expect(until(null)).toEqual(inS(30))
    expect(until(inS(10))).toEqual(inS(30))
    expect(until(inS(90))).toEqual(inS(90))
    const down = explained({
      ...paused,
      waitReason: 'provider_down',
      account: { used: 0, max: 1, pausedUntil: null, probeAt: inS(45) },
    })
    expect(down.waitingFor).toMatchObject({ kind: 'provider', until: inS(45) })
    expect(down.suggestions).toHaveLength(1)
  })

  test('for the retry of what failed', () => {
    const { waitingFor, suggestions, lastFailure } = explained({
      state: 'waiting',
      stage: 'render',
      dueAt: inS(30),
      waitReason: 'retry',
      lastFailure: failure,
    })
    expect(waitingFor?.detail).toContain('provider_unavailable')
    expect(suggestions).toEqual([expect.stringContaining('Redrive')])
    expect(lastFailure).toBe(failure)
  })

  test('for a worker, once it is due; its tenant does not hold it back', () => {
    const due = { state: 'waiting', waitReason: 'rendering', tenant: { used: 10, max: 10 } } as const
    expect(explained(due).waitingFor?.kind).toBe('turn')
  })
})

describe('a running job', () => {
  test('is at work, being stopped, or being rescued', () => {
    const kindOf = (facts: Partial<JobFacts>) => explained({ state: 'running', ...facts }).waitingFor?.kind
    expect(kindOf({})).toBe('work')
    expect(kindOf({ isCancelRequested: true })).toBe('cancel')
    expect(kindOf({ isOrphaned: true, isCancelRequested: true })).toBe('rescue')
    expect(explained({ state: 'running', ahead: 3 })).toMatchObject({ ahead: 0, nextAttemptAt: null })
  })
})

describe('a job that has ended', () => {
  test.each(['succeeded', 'canceled', 'failed'] as const)('waits for nothing: %s', (state) => {
    expect(explained({ state })).toMatchObject({
      waitingFor: null,
      limits: [],
      nextAttemptAt: null,
      predictedStartAt: null,
      suggestions: [],
    })
  })

  test('in failure says what can be done', () => {
    const { suggestions } = explained({ state: 'failed', lastFailure: failure })
    expect(suggestions).toEqual(['Redrive when the provider is back.'])
  })
})

describe('the predicted start', () => {
  const startOf = (facts: Partial<JobFacts>) => explained(facts).predictedStartAt

  test('is now where a slot is free for it', () => {
    expect(startOf({})).toEqual(now)
    expect(startOf({ ahead: 9 })).toEqual(now)
  })

  test('comes after the rounds of those ahead', () => {
    expect(startOf({ ahead: 10 })).toEqual(inS(20))
    expect(startOf({ ahead: 20, tenant: { used: 10, max: 10 } })).toEqual(inS(60))
    expect(startOf({ ahead: 0, fleet: { used: 100, max: 100 } })).toEqual(inS(20))
    expect(startOf({ tenant: { used: 12, max: 10 } })).toEqual(inS(20))
  })

  test('is not before its time', () => {
    expect(startOf({ dueAt: inS(600) })).toEqual(inS(600))
  })

  test('is unknown where nobody can tell', () => {
    expect(startOf({ dueAt: null })).toBeNull()
    expect(startOf({ isBehindSession: true })).toBeNull()
    expect(startOf({ fleet: { used: 0, max: 0 } })).toBeNull()
    expect(startOf({ state: 'waiting' })).toBeNull()
  })
})

test('a person is told what would help', () => {
  const helpOf = (facts: Partial<JobFacts>) => explained(facts).suggestions.join()
  expect(helpOf({ fleet: { used: 0, max: 0 } })).toContain('Start a worker')
  expect(helpOf({ fleet: { used: 5, max: 5 } })).toContain('WORKER_CONCURRENCY')
  expect(helpOf({ tenant: { used: 5, max: 5 } })).toContain('max_concurrency')
  expect(helpOf({ dueAt: null })).toContain('batch')
  expect(helpOf({})).toBe('')
})
