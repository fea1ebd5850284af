import { randomBytes } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import {
  deriveKeys,
  keyPurposes,
  newMasterSecret,
  parseMasterSecret,
} from '../../../src/crypto/master-secret.ts'

const bytes = Buffer.from('fbffbe6a0d3c1b7e9a8f5c4d2e1f00b1a2c3d4e5f60718293a4b5c6d7e8f9011', 'hex')

describe('parseMasterSecret', () => {
  test.each([
    ['hex', bytes.toString('hex')],
    ['upper-case hex', bytes.toString('hex').toUpperCase()],
    ['base64', bytes.toString('base64')],
    ['base64 without padding', bytes.toString('base64').replace('=', '')],
    ['base64url', bytes.toString('base64url')],
  ])('reads 32 bytes given as %s', (_form, text) => {
    expect(parseMasterSecret(text)).toEqual({ ok: true, secret: bytes })
  })

  test.each([
    ['nothing', ''],
    ['a word', 'secret'],
    ['31 bytes of hex', bytes.toString('hex').slice(2)],
    ['33 bytes of hex', `${bytes.toString('hex')}00`],
    ['31 bytes of base64', bytes.subarray(1).toString('base64')],
    ['33 bytes of base64', Buffer.concat([bytes, Buffer.of(1)]).toString('base64')],
    ['hex with a blank', `${bytes.toString('hex')} `],
    ['hex with a line end', `${bytes.toString('hex')}\n`],
    ['hex with a prefix', `0x${bytes.toString('hex')}`],
    ['base64 with stray last bits', `${bytes.toString('base64url').slice(0, 42)}F`],
    ['base64 with two paddings', `${bytes.toString('base64')}=`],
    ['other characters', `${'*'.repeat(43)}=`],
  ])('refuses %s', (_form, text) => {
    expect(parseMasterSecret(text)).toEqual({
      ok: false,
      detail: 'must be 32 random bytes as 64 hex digits or as base64',
    })
  })

  test.each([
    ['all zeros', '0'.repeat(64)],
    ['a repeated pattern', 'deadbeef'.repeat(8)],
    ['the letter A', `${'A'.repeat(43)}=`],
  ])('refuses the placeholder made of %s', (_form, text) => {
    expect(parseMasterSecret(text)).toMatchObject({
      ok: false,
      detail: expect.stringContaining('placeholder'),
    })
  })

  test('never repeats the value in its detail', () => {
    expect(JSON.stringify(parseMasterSecret('hunter2hunter2'))).not.toContain('hunter2')
  })

  test('accepts every fresh secret, and each is another', () => {
    const secrets = Array.from({ length: 200 }, newMasterSecret)
    expect(secrets.every((secret) => parseMasterSecret(secret).ok)).toBe(true)
    expect(new Set(secrets).size).toBe(200)
  })
})

describe('deriveKeys', () => {
  test('gives every purpose 32 bytes of its own, none of them the secret', () => {
    const keys = Object.values(deriveKeys(bytes))
    expect(keys).toHaveLength(keyPurposes.length)
    expect(keys.every((key) => key.length === 32)).toBe(true)
    expect(new Set([bytes, ...keys].map((key) => key.toString('hex'))).size).toBe(keys.length + 1)
  })

  test('gives the same keys for the same secret, so that a restart can read what was sealed', () => {
    expect(deriveKeys(bytes)).toEqual(deriveKeys(Buffer.from(bytes)))
    expect(deriveKeys(bytes)).not.toEqual(deriveKeys(randomBytes(32)))
  })

  test('has not changed: stored hashes and sealed values depend on these bytes', () => {
    expect(deriveKeys(Buffer.alloc(32, 7)).pepper.toString('hex')).toMatchInlineSnapshot(
      `"8acddecab026ea9f119fedf86336771cd6e61695d8270674242860a93f894d50"`,
    )
  })
})
