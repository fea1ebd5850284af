import { describe, expect, test } from 'vitest'
import { type TransitionInput, toOperation } from '../../../src/store/operation.ts'
import { transitionStatement } from '../../../src/store/transition-sql.ts'

const partsOf = (input: Partial<TransitionInput>) =>
  toOperation({ verb: 'advance', jobId: 'job_1', epoch: 1, ...input }).parts

const attempt = { outcome: 'done', failureCode: null, note: null, ms: 1 } as const

describe('what a transition has to write besides the row of its job', () => {
  test('is nothing where only that changes', () => {
    expect(partsOf({ patch: { progress: 0.5 } })).toEqual([])
  })

  test('are its events, its attempts and its rows', () => {
    expect(partsOf({ events: [{ type: 'job.canceled', data: { stage: 'auth' } }] })).toEqual(['events'])
    expect(partsOf({ attempts: [attempt] })).toEqual(['attempts'])
    const input = { kind: 'input', no: 0, provider_session_id: 's', provider_url: null } as const
    expect(partsOf({ patch: { rows: [input] } })).toEqual(['input'])
  })

  test('are figures, when the job changes its state or has spent something', () => {
    for (const verb of ['park', 'succeed', 'fail', 'withdraw', 'redrive'] as const)
      expect(partsOf({ verb })).toContain('tallies')
    expect(partsOf({ patch: { creditsSpent: 2 } })).toEqual(['tallies'])
    expect(partsOf({ patch: { creditsAtRisk: 2 } })).toEqual(['tallies'])
  })

  test('is where its conversation is, when the job has moved or has failed', () => {
    expect(partsOf({ patch: { providerSessionId: 'there' } })).toEqual(['conversations'])
    expect(partsOf({ verb: 'fail' })).toContain('conversations')
  })
})

describe('the statement of transitions', () => {
  test('has the parts that an operation needs that comes alone, whatever their order, under one name', () => {
    const statement = transitionStatement([{ parts: ['attempts', 'events'] }])
    expect(statement).toBe(transitionStatement([{ parts: ['events', 'attempts'] }]))
    expect(statement.text).toContain('INSERT INTO job_events')
    expect(statement.text).toContain('INSERT INTO attempts')
    expect(statement.text).not.toContain('INSERT INTO tallies')
  })

  test('has all parts for several operations', () => {
    const statement = transitionStatement([{ parts: [] }, { parts: ['events'] }])
    for (const table of ['job_events', 'attempts', 'tallies', 'artifacts', 'provider_sessions'])
      expect(statement.text).toContain(`INSERT INTO ${table}`)
    expect(statement.name.length).toBeLessThan(64)
  })
})
