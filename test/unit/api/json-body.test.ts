import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { readJson } from '../../../src/api/json-body.ts'

const read = (text: string | Buffer) => readJson(Buffer.from(text))

describe('reading a JSON body', () => {
  test('what JSON can say comes out as it went in, unless it is too deep or holds what no database can', () => {
    fc.assert(
      fc.property(fc.jsonValue({ maxDepth: 10, stringUnit: 'grapheme' }), (value) => {
        const reading = read(JSON.stringify(value))
        if (JSON.stringify(value).includes('__proto__')) return
        expect(reading).toEqual({ outcome: 'read', value: JSON.parse(JSON.stringify(value)) })
      }),
    )
  })

  test('any bytes give a result', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
        expect(['read', 'refused']).toContain(read(Buffer.from(bytes)).outcome)
      }),
    )
  })

  test('16 levels are read, 17 are not, and brackets in strings do not count', () => {
    const nested = (depth: number) => '['.repeat(depth) + ']'.repeat(depth)
    expect(read(nested(16)).outcome).toBe('read')
    expect(read(nested(17))).toMatchObject({ outcome: 'refused', faults: [{ code: 'too_deep' }] })
    expect(read(JSON.stringify('[{'.repeat(50))).outcome).toBe('read')
    expect(read(JSON.stringify(`"\\"${'['.repeat(50)}`)).outcome).toBe('read')
  })

  test('each hostile value is named where it stands', () => {
    const reading = read('{"a":["ok","\\u0000"],"b":{"__proto__":1},"c":1e999,"d/e":"\\ud800"}')
    expect(reading).toMatchObject({
      outcome: 'refused',
      faults: [{ pointer: '/a/1' }, { pointer: '/b/__proto__' }, { pointer: '/c' }, { pointer: '/d~1e' }],
    })
  })
})
