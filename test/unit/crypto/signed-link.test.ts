import { createHmac, randomBytes } from 'node:crypto'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { signToken, verifyToken } from '../../../src/crypto/signed-link.ts'

const key = randomBytes(32)
const nowMs = Date.UTC(2026, 0, 1)
const inAnHourMs = nowMs + 3_600_000
const claims = { job_id: 'job_0198c0de-7000-7000-8000-000000000001', tenant_id: 'ten_1' }
const token = signToken(key, 'stream', claims, inAnHourMs)

describe('a signed token', () => {
  test('carries its claims and its expiry', () => {
    expect(verifyToken(key, 'stream', token, nowMs)).toEqual({
      outcome: 'valid',
      claims,
      expiresAtMs: inAnHourMs,
    })
  })

  test('needs no escaping in a URL', () => {
    fc.assert(
      fc.property(
        fc.dictionary(fc.string({ maxLength: 20 }), fc.string({ unit: 'grapheme', maxLength: 40 }), {
          maxKeys: 4,
        }),
        (any) => {
          const made = signToken(key, 'artifact', any, inAnHourMs)
          expect(encodeURIComponent(made)).toBe(made)
          expect(verifyToken(key, 'artifact', made, nowMs)).toMatchObject({
            outcome: 'valid',
            claims: { ...any },
          })
        },
      ),
    )
  })

  test('lives until the millisecond before its expiry', () => {
    expect(verifyToken(key, 'stream', token, inAnHourMs - 1).outcome).toBe('valid')
    expect(verifyToken(key, 'stream', token, inAnHourMs)).toEqual({ outcome: 'invalid', reason: 'expired' })
  })

  test('is dead when the time is not a number', () => {
    expect(verifyToken(key, 'stream', token, Number.NaN)).toEqual({ outcome: 'invalid', reason: 'expired' })
  })

  test('opens only what it was made for', () => {
    expect(verifyToken(key, 'artifact', token, nowMs)).toEqual({ outcome: 'invalid', reason: 'forged' })
  })

  test('is worth nothing under another key', () => {
    expect(verifyToken(randomBytes(32), 'stream', token, nowMs)).toEqual({
      outcome: 'invalid',
      reason: 'forged',
    })
  })

  test('is refused after any change of one character', () => {
    for (let index = 0; index < token.length; index += 1) {
      const other = token[index] === 'A' ? 'B' : 'A'
      const changed = token.slice(0, index) + other + token.slice(index + 1)
      expect(verifyToken(key, 'stream', changed, nowMs).outcome).toBe('invalid')
    }
  })

  test('is refused with another payload under the same signature, and without a signature', () => {
    const [version, payload, signature] = token.split('.')
    const forged = Buffer.from(JSON.stringify([inAnHourMs * 2, claims])).toString('base64url')
    expect(verifyToken(key, 'stream', `${version}.${forged}.${signature}`, nowMs)).toMatchObject({
      reason: 'forged',
    })
    expect(verifyToken(key, 'stream', `${version}.${payload}.`, nowMs)).toMatchObject({ reason: 'malformed' })
    expect(verifyToken(key, 'stream', `${version}.${payload}`, nowMs)).toMatchObject({ reason: 'malformed' })
  })

  test('is refused when its signature does not name the purpose', () => {
    const [version, payload] = token.split('.')
    const plain = createHmac('sha256', key).update(`${payload}`).digest('base64url')
    expect(verifyToken(key, 'stream', `${version}.${payload}.${plain}`, nowMs)).toMatchObject({
      reason: 'forged',
    })
  })

  test.each([
    '',
    '.',
    'v1..',
    'v2.AAAA.AAAA',
    `v1.AAAA.${'A'.repeat(42)}`,
    `${token}=`,
    ` ${token}`,
    `${token}\n`,
    `v1.${'A'.repeat(3_000)}.${'A'.repeat(43)}`,
  ])('refuses the malformed %j', (text) => {
    expect(verifyToken(key, 'stream', text, nowMs)).toEqual({ outcome: 'invalid', reason: 'malformed' })
  })

  test('cannot be made without an expiry or with claims that do not fit', () => {
    expect(() => signToken(key, 'stream', claims, Number.POSITIVE_INFINITY)).toThrow(TypeError)
    expect(() => signToken(key, 'stream', { much: 'x'.repeat(3_000) }, inAnHourMs)).toThrow(TypeError)
  })
})
