import { randomBytes } from 'node:crypto'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { createSealer, sealedPlace, UnsealError } from '../../../src/crypto/seal.ts'

const key = randomBytes(32)
const place = sealedPlace({ table: 'callback_endpoints', rowId: 'cep_1', tenantId: 'ten_1' })

/** The code with which opening fails; fails the test when it opens. */
const unsealCode = (sealed: string, aad: string = place, sealer = createSealer(key)): string => {
  try {
    sealer.open(sealed, aad)
  } catch (error) {
    if (error instanceof UnsealError) return error.code
    throw error
  }
  throw new Error('it opened')
}

describe('a sealer', () => {
  test('opens what it sealed, whatever the text', () => {
    const sealer = createSealer(key)
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme', maxLength: 300 }), (text) => {
        expect(sealer.open(sealer.seal(text, place), place)).toBe(text)
      }),
    )
  })

  test('opens after a restart: only the key and the place matter', () => {
    expect(createSealer(Buffer.from(key)).open(createSealer(key).seal('whsec_abc', place), place)).toBe(
      'whsec_abc',
    )
  })

  test('never seals the same text to the same value, and shows nothing of it', () => {
    const sealer = createSealer(key)
    const sealed = Array.from({ length: 500 }, () => sealer.seal('nemo-token', place))
    expect(new Set(sealed).size).toBe(500)
    expect(sealed.join()).not.toContain('nemo-token')
    expect(sealed.every((value) => /^v1\.[\w-]{8}\.[\w-]+$/.test(value))).toBe(true)
  })

  test.each([
    ['another row', { table: 'callback_endpoints', rowId: 'cep_2', tenantId: 'ten_1' }],
    ['another table', { table: 'intakes', rowId: 'cep_1', tenantId: 'ten_1' }],
    ['another tenant', { table: 'callback_endpoints', rowId: 'cep_1', tenantId: 'ten_2' }],
  ])('does not open in %s', (_where, otherPlace) => {
    const sealed = createSealer(key).seal('s3cret', place)
    expect(unsealCode(sealed, sealedPlace(otherPlace))).toBe('not_authentic')
  })

  test('says so when the secret was sealed under another key', () => {
    const sealed = createSealer(randomBytes(32)).seal('s3cret', place)
    expect(unsealCode(sealed)).toBe('unknown_key')
  })

  test('notices every single changed bit', () => {
    const [version, keyId, encoded] = createSealer(key).seal('s3cret', place).split('.') as [
      string,
      string,
      string,
    ]
    const bytes = Buffer.from(encoded, 'base64url')
    for (let bit = 0; bit < bytes.length * 8; bit += 1) {
      const changed = Buffer.from(bytes)
      changed[bit >> 3] = changed[bit >> 3]! ^ (1 << (bit & 7))
      expect(unsealCode(`${version}.${keyId}.${changed.toString('base64url')}`)).toBe('not_authentic')
    }
  })

  test('notices a value under a rewritten key id, even when that key is at hand', () => {
    const other = createSealer(randomBytes(32))
    const [, , encoded] = createSealer(key).seal('s3cret', place).split('.')
    const [, otherKeyId] = other.seal('x', place).split('.')
    expect(unsealCode(`v1.${otherKeyId}.${encoded}`, place, other)).toBe('not_authentic')
  })

  test('refuses cut and stretched values, and text that it never wrote', () => {
    const sealed = createSealer(key).seal('s3cret', place)
    const [version, keyId, encoded] = sealed.split('.') as [string, string, string]
    const bytes = Buffer.from(encoded, 'base64url')
    for (const resized of [bytes.subarray(0, -1), bytes.subarray(1), Buffer.concat([bytes, Buffer.of(0)])]) {
      expect(unsealCode(`${version}.${keyId}.${resized.toString('base64url')}`)).toBe('not_authentic')
    }
    for (const garbage of [
      '',
      's3cret',
      sealed.slice(3),
      `${sealed}=`,
      `v2${sealed.slice(2)}`,
      `v1.${keyId}.AAAA`,
      ` ${sealed}`,
    ]) {
      expect(unsealCode(garbage)).toBe('malformed')
    }
  })

  test('tells nothing of the secret or the key in its errors', () => {
    const sealed = createSealer(key).seal('s3cret', place)
    try {
      createSealer(key).open(sealed, 'elsewhere')
      expect.unreachable()
    } catch (error) {
      expect(String((error as Error).stack)).not.toContain('s3cret')
    }
  })
})

describe('sealedPlace', () => {
  test('refuses a part that could pose as two', () => {
    expect(() => sealedPlace({ table: 'a|b', rowId: 'c', tenantId: 'd' })).toThrow(TypeError)
    expect(sealedPlace({ table: 'a', rowId: 'b', tenantId: 'c' })).toBe('a|b|c')
  })
})
