import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { idPrefixes, newId, uuidv7 } from '../../../src/job/ids.ts'

const timeMs = fc.integer({ min: 0, max: 2 ** 48 - 1 })
const kinds = Object.keys(idPrefixes) as (keyof typeof idPrefixes)[]

describe('a UUIDv7', () => {
  test('carries its time, version 7 and the RFC 9562 variant', () => {
    fc.assert(
      fc.property(timeMs, (nowMs) => {
        const id = uuidv7(nowMs)
        expect(id).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/)
        expect(Number.parseInt(id.replaceAll('-', '').slice(0, 12), 16)).toBe(nowMs)
      }),
    )
  })

  test('sorts as text by its time', () => {
    fc.assert(
      fc.property(timeMs, timeMs, (a, b) => {
        fc.pre(a < b)
        expect(uuidv7(a) < uuidv7(b)).toBe(true)
      }),
    )
  })

  test('takes a time with a fraction', () => {
    expect(uuidv7(1_700_000_000_000.7).startsWith('018bcfe5-6800-7')).toBe(true)
  })

  test('differs each time, also within a millisecond', () => {
    expect(new Set(Array.from({ length: 1_000 }, () => uuidv7(1))).size).toBe(1_000)
  })
})

describe('an id', () => {
  test('names its kind by a prefix of three letters that no other kind has', () => {
    for (const kind of kinds)
      expect(newId(kind, 1)).toMatch(new RegExp(`^${idPrefixes[kind]}_[0-9a-f-]{36}$`))
    expect(new Set(Object.values(idPrefixes)).size).toBe(kinds.length)
    for (const prefix of Object.values(idPrefixes)) expect(prefix).toMatch(/^[a-z]{3}$/)
  })

  test('holds no dot, which would break the signed content of a callback', () => {
    for (const kind of kinds) expect(newId(kind, Date.UTC(2026, 0, 1))).not.toContain('.')
  })
})
