import { randomBytes } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import { hashApiKey, isApiKeyShaped, isSameApiKeyHash, newApiKey } from '../../../src/crypto/api-key.ts'

describe('newApiKey', () => {
  test('makes keys of the documented shape, never the same twice', () => {
    const keys = Array.from({ length: 1_000 }, newApiKey)
    expect(keys.every(isApiKeyShaped)).toBe(true)
    expect(keys.every((key) => /^clk_[0-9A-Za-z]{43}$/.test(key))).toBe(true)
    expect(new Set(keys).size).toBe(1_000)
  })

  test('favors no character', () => {
    const counts = new Map<string, number>()
    for (let made = 0; made < 3_000; made += 1) {
      for (const character of newApiKey().slice(4)) counts.set(character, (counts.get(character) ?? 0) + 1)
    }
    const expected = (3_000 * 43) / 62
    const chiSquare = [...counts.values()].reduce((sum, count) => sum + (count - expected) ** 2 / expected, 0)
    expect(counts.size).toBe(62)
    expect(chiSquare).toBeLessThan(140)
  })
})

describe('isApiKeyShaped', () => {
  test.each(['0'.repeat(40), 'Z'.repeat(64), '_'.repeat(43), 'aB3_'.repeat(12)])(
    'accepts clk_%s',
    (random) => {
      expect(isApiKeyShaped(`clk_${random}`)).toBe(true)
    },
  )

  test.each([
    '',
    'clk_',
    `clk_${'a'.repeat(39)}`,
    `clk_${'a'.repeat(65)}`,
    `clk_${'a'.repeat(1_000_000)}`,
    `CLK_${'a'.repeat(43)}`,
    `sk_${'a'.repeat(43)}`,
    `clk-${'a'.repeat(43)}`,
    `clk_${'a'.repeat(42)}-`,
    `clk_${'a'.repeat(42)}é`,
    `clk_${'a'.repeat(42)}а`,
    `clk_${'a'.repeat(43)}\n`,
    ` clk_${'a'.repeat(43)}`,
    `clk_${'a'.repeat(42)}\0`,
  ])('refuses %j', (text) => {
    expect(isApiKeyShaped(text)).toBe(false)
  })
})

describe('hashApiKey', () => {
  const pepper = randomBytes(32)

  test('is stable, differs by key and by pepper, and shows nothing of the key', () => {
    const key = newApiKey()
    const hash = hashApiKey(pepper, key)
    expect(hash).toMatch(/^[0-9a-f]{64}$/)
    expect(hashApiKey(pepper, key)).toBe(hash)
    expect(hashApiKey(pepper, newApiKey())).not.toBe(hash)
    expect(hashApiKey(randomBytes(32), key)).not.toBe(hash)
  })

  test('is HMAC-SHA-256', () => {
    expect(hashApiKey(Buffer.from('key'), 'The quick brown fox jumps over the lazy dog')).toBe(
      'f7bc83f430538424b13298e6aa6fb143ef4d59a14946175997479dbc2d1a3cd8',
    )
  })

  test('hashes are compared as a whole', () => {
    const hash = hashApiKey(pepper, newApiKey())
    expect(isSameApiKeyHash(hash, `${hash}`)).toBe(true)
    expect(isSameApiKeyHash(hash, hash.slice(0, -1))).toBe(false)
    expect(isSameApiKeyHash(hash, `${hash.slice(0, -1)}x`)).toBe(false)
    expect(isSameApiKeyHash(hash, '')).toBe(false)
  })
})
