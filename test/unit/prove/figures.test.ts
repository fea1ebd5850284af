import { describe, expect, test } from 'vitest'
import { audit } from '../../../src/cli/prove/audit.ts'
import type { AttemptFact, Disturbance, Evidence } from '../../../src/cli/prove/evidence.ts'
import { measure, tellFigures } from '../../../src/cli/prove/figures.ts'
import { measureRescues } from '../../../src/cli/prove/rescues.ts'
import { call, evidenceOf, jobFact, jobId } from './evidence-kit.ts'

const kill = (pid: number, atMs: number): Disturbance => ({
  name: 'worker killed',
  detail: `process ${pid}`,
  fromMs: atMs,
  untilMs: atMs + 5,
})

const lost = (owner: string | null, finishedAtMs: number): AttemptFact => ({
  jobId,
  stage: 'render',
  epoch: 1,
  owner,
  outcome: 'lost',
  failureCode: null,
  note: null,
  finishedAtMs,
})

const rescuesOf = (attempts: readonly AttemptFact[], disturbances: readonly Disturbance[]) =>
  measureRescues(evidenceOf({ attempts, disturbances }))

describe('the time until somebody takes over', () => {
  test('is counted from the kill of the very process that held the job', () => {
    const found = rescuesOf(
      [lost('wrk_11_a', 2_500), lost('wrk_12_b', 3_000)],
      [kill(11, 1_000), kill(12, 2_600)],
    )
    expect(found.times).toEqual({ jobs: 2, medianMs: 1_500, p99Ms: 1_500, maxMs: 1_500 })
    expect(found).toMatchObject({ kills: 2, jobs: 2 })
  })

  test('is told apart where something else was struck meanwhile', () => {
    const away: Disturbance = { name: 'database restarted', detail: 'fast', fromMs: 1_500, untilMs: 4_000 }
    const found = rescuesOf(
      [lost('wrk_11_a', 5_000), lost('wrk_12_b', 9_900)],
      [kill(11, 1_000), away, kill(12, 8_000)],
    )
    expect(found.times?.maxMs).toBe(4_000)
    expect(found.undisturbed).toEqual({ jobs: 1, medianMs: 1_900, p99Ms: 1_900, maxMs: 1_900 })
  })

  test('is not known of jobs that another cause has set free', () => {
    const other = { ...lost('wrk_11_a', 5_000), outcome: 'released' }
    expect(rescuesOf([other, lost(null, 5_000), lost('wrk_99_z', 5_000)], [kill(11, 1_000)])).toEqual({
      kills: 1,
      jobs: 0,
      times: null,
      undisturbed: null,
    })
  })
})

describe('the figures of a drill', () => {
  const figuresOf = (changes: Partial<Evidence> = {}) => {
    const evidence = evidenceOf(changes)
    return measure({ evidence, verdict: audit(evidence), loadMs: 1_500, settleMs: 500 })
  }

  test('count callbacks by the events that clients wanted to hear of', () => {
    expect(figuresOf().callbacks).toEqual({ wanted: 1, taken: 1, underOneId: 1 })
    expect(figuresOf({ calls: [call({ status: 503 })] }).callbacks.taken).toBe(0)
    expect(figuresOf({ calls: [call(), call({ webhookId: 'evt_9' })] }).callbacks.underOneId).toBe(0)
  })

  test('say what an outage has cost, and how fast it went', () => {
    const figures = figuresOf({
      jobs: [jobFact({ state: 'failed', failureCode: 'generation_outcome_unknown' })],
    })
    expect(figures.outcomeUnknown).toEqual({ jobs: 1, share: 1, unexplained: 1 })
    expect(figures.jobsPerSecond).toBe(0.5)
  })

  test('are told in a line each', () => {
    const lines = tellFigures(figuresOf())
    expect(lines).toHaveLength(8)
    expect(lines.join('\n')).toContain('1 of 1 (100.00 %), 1 under one id')
    expect(lines.join('\n')).toContain('nothing to rescue (0 kills)')
  })
})
