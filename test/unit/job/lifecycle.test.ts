import { readdirSync, readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import {
  canTransition,
  finishedStates,
  isFinished,
  type JobState,
  jobStates,
  lifecycle,
  toMermaid,
  type Verb,
  verbs,
} from '../../../src/job/lifecycle.ts'

const unfinishedStates = jobStates.filter((state) => !isFinished(state))

describe('the lifecycle', () => {
  test('knows no state but the six, in every verb', () => {
    for (const verb of verbs) {
      const { from, to } = lifecycle[verb]
      expect(jobStates).toContain(to)
      expect(from.length).toBeGreaterThan(0)
      for (const state of from) expect(jobStates).toContain(state)
    }
  })

  test('lets nothing but a redrive lead out of a finished state, and that only out of failed', () => {
    const exits = verbs.flatMap((verb) =>
      finishedStates.filter((state) => canTransition(verb, state)).map((state) => [verb, state]),
    )
    expect(exits).toEqual([['redrive', 'failed']])
  })

  test('gives every unfinished state a way to end as each of the finished ones', () => {
    const reachable = (from: JobState): Set<JobState> => {
      const seen = new Set<JobState>([from])
      for (const state of seen)
        for (const verb of verbs) if (canTransition(verb, state)) seen.add(lifecycle[verb].to)
      return seen
    }
    for (const state of unfinishedStates)
      for (const end of finishedStates) expect(reachable(state)).toContain(end)
  })

  test('asks for the lease exactly where the job is running and its holder acts', () => {
    for (const verb of verbs) {
      const { from, needsLease } = lifecycle[verb]
      expect(needsLease).toBe(verb !== 'claim' && from.every((state) => state === 'running'))
    }
  })

  test.each<[Verb, JobState, boolean]>([
    ['claim', 'queued', true],
    ['claim', 'waiting', true],
    ['claim', 'running', true],
    ['claim', 'failed', false],
    ['advance', 'waiting', false],
    ['succeed', 'running', true],
    ['withdraw', 'running', false],
    ['expire', 'waiting', false],
    ['redrive', 'succeeded', false],
    ['redrive', 'canceled', false],
  ])('%s from %s is allowed: %s', (verb, state, isAllowed) => {
    expect(canTransition(verb, state)).toBe(isAllowed)
  })

  test('explains every verb', () => {
    for (const verb of verbs) expect(lifecycle[verb].meaning).toMatch(/\w/)
  })
})

describe('the state chart', () => {
  test('draws every edge of every verb but the ones that only speak, and the ways in and out', () => {
    const lines = toMermaid()
      .split('\n')
      .map((line) => line.trim())
    expect(lines[0]).toBe('stateDiagram-v2')
    expect(lines).toContain('[*] --> queued: create')
    const drawn = lines.filter((line) => /^\w+ --> \w+: \w+$/.test(line))
    const declared = verbs
      .filter((verb) => verb !== 'note')
      .flatMap((verb) => lifecycle[verb].from.map((from) => `${from} --> ${lifecycle[verb].to}: ${verb}`))
    expect(drawn.sort()).toEqual(declared.sort())
    expect(lines.filter((line) => line.endsWith('--> [*]'))).toEqual([
      'succeeded --> [*]',
      'canceled --> [*]',
    ])
  })
})

describe('the database', () => {
  const migrations = new URL('../../../prisma/migrations/', import.meta.url)
  const sql = readdirSync(migrations, { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map(({ name }) => name)
    .sort()
    .map((name) => readFileSync(new URL(`${name}/migration.sql`, migrations), 'utf8'))
    .join('\n')
  const listOf = (pattern: RegExp): string[] =>
    [...([...sql.matchAll(pattern)].at(-1)?.[1] ?? '').matchAll(/'(\w+)'/g)].map(([, word]) => String(word))

  test('allows the states of the lifecycle and no other', () => {
    expect(listOf(/jobs_state_check\s+CHECK \(state IN \(([^)]*)\)/g)).toEqual([...jobStates])
  })

  test('calls the same states finished', () => {
    expect(listOf(/jobs_finished_check\s+CHECK \(\(state IN \(([^)]*)\)/g)).toEqual([...finishedStates])
  })
})
