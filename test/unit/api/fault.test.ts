import { describe, expect, test } from 'vitest'
import { z } from 'zod'
import { toFaults } from '../../../src/actions/fault.ts'
import { IntakeIn } from '../../../src/actions/intake-in.ts'
import { JobIn } from '../../../src/actions/job-in.ts'

const faultsOf = (schema: z.ZodType, value: unknown) => {
  const result = schema.safeParse(value)
  return result.success ? [] : toFaults(schema, value, result.error.issues)
}

describe('faults say where, what, and what is accepted', () => {
  test.each([
    [{ prompt: 'x', priority: 1 }, '/priority', 'must be one of "low", "normal", "high"'],
    [{}, '/prompt', 'is required and must be a string'],
    [{ prompt: 'x', max_credits: 0 }, '/max_credits', 'must be at least 1'],
    [{ prompt: 'x', tags: 'red' }, '/tags', 'must be an array'],
    [{ prompt: 'x', deadline_s: 1.5 }, '/deadline_s', 'must be a whole number'],
    [{ prompt: 'x', output: { colour: 'red' } }, '/output/colour', 'accepted: format, quality, aspect_ratio'],
    [{ prompt: 'x', inputs: [{ url: 5 }] }, '/inputs/0/url', 'must be a string'],
    [{ prompt: 'x', inputs: [{}] }, '/inputs/0', 'must be {"upload_id": …} or {"url": …'],
    [
      { prompt: 'x', callback: { url: 'https://a.example', headers: { Host: 'b' } } },
      '/callback/headers/Host',
      'does not set itself',
    ],
    [
      { prompt: 'x', callback: { url: 'https://a.example', secret: 'whsec_short' } },
      '/callback/secret',
      '24 to 64 bytes',
    ],
    [{ prompt: 'x', metadata: { 'a/b~c': 1 } }, '/metadata/a~1b~0c', 'must be a string'],
    [[], '', 'must be an object'],
  ])('%j', (value, pointer, detail) => {
    expect(faultsOf(JobIn, value)).toMatchObject([{ pointer, detail: expect.stringContaining(detail) }])
  })

  test('one element, several elements', () => {
    expect(faultsOf(z.array(z.string()).min(1), [])).toMatchObject([
      { detail: 'must have at least 1 element' },
    ])
    expect(faultsOf(z.record(z.string(), z.string()).and(z.object({})), 5).length).toBeGreaterThan(0)
    expect(faultsOf(z.string().max(2), 'abc')).toMatchObject([{ detail: 'must have at most 2 characters' }])
  })

  test('of fields that depend on a type, those of the type that was named', () => {
    const intake = { name: 'x', verifier: { type: 'github', header: 'x-sig' }, mapping: 'm' }
    expect(faultsOf(IntakeIn, intake)).toMatchObject([
      { detail: 'is not a field here; accepted: type, secret, replay_window_s' },
    ])
  })

  test('an adversarial text of 100 kB is judged in no time', () => {
    const evil = ['a'.repeat(100_000), ' '.repeat(100_000), '0:'.repeat(50_000), 'é\u0301'.repeat(50_000)]
    for (const text of evil)
      expect(
        faultsOf(JobIn, {
          prompt: text,
          language: text,
          run_at: text,
          output: { aspect_ratio: text, resolution: text },
          callback: { url: 'https://a.example', secret: `whsec_${text}`, headers: { [text]: text } },
        }).length,
      ).toBeGreaterThan(4)
  })
})
