import { randomBytes } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import { findSecretKey, isCallbackSecret, newCallbackSecret } from '../../../src/callbacks/secret.ts'
import {
  findPublicKey,
  findSigningKey,
  jwksOf,
  newSigningKey,
  signingKeyFromSeed,
} from '../../../src/callbacks/signing-key.ts'

/** RFC 8032 §7.1, test 1; RFC 8037 appendix A shows the same key as a JWK. */
const seed = Buffer.from('9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60', 'hex')
const publicHex = 'd75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a'

describe('a callback secret', () => {
  test('is new each time and fit to sign with', () => {
    const secrets = Array.from({ length: 100 }, newCallbackSecret)
    expect(new Set(secrets).size).toBe(100)
    expect(secrets.every(isCallbackSecret)).toBe(true)
    expect(findSecretKey(secrets[0]!)).toHaveLength(32)
  })

  test.each([24, 25, 26, 32, 48, 63, 64])('may have %i bytes', (sizeBytes) => {
    const key = randomBytes(sizeBytes)
    expect(findSecretKey(`whsec_${key.toString('base64')}`)).toEqual(key)
  })

  test.each([
    '',
    'whsec_',
    'whsec_AAAA',
    `whsec_${randomBytes(23).toString('base64')}`,
    `whsec_${randomBytes(65).toString('base64')}`,
    `whsec_${'A'.repeat(1_000_000)}`,
    randomBytes(32).toString('base64'),
    `whsk_${randomBytes(32).toString('base64')}`,
    `WHSEC_${randomBytes(32).toString('base64')}`,
    ` whsec_${randomBytes(32).toString('base64')}`,
    `whsec_${randomBytes(32).toString('base64')}\n`,
    `whsec_${randomBytes(32).toString('base64').replace('=', '')}`,
    `whsec_${randomBytes(32).toString('hex').slice(0, 63)}!`,
    `whsec_${'A'.repeat(42)}B=`,
    `whsec_${'-_'.repeat(16)}`,
  ])('is not %j', (text) => {
    expect(isCallbackSecret(text)).toBe(false)
  })
})

describe('a signing key', () => {
  test('comes from its seed, as RFC 8032 has it', () => {
    const key = signingKeyFromSeed(seed)
    expect(key.publicKey).toBe(`whpk_${Buffer.from(publicHex, 'hex').toString('base64')}`)
    expect(key.secret).toBe(`whsk_${Buffer.concat([seed, Buffer.from(publicHex, 'hex')]).toString('base64')}`)
  })

  test('is read from its text, with or without the public half', () => {
    const key = newSigningKey()
    expect(findSigningKey(key.secret)?.publicKey).toBe(key.publicKey)
    expect(findSigningKey(`whsk_${seed.toString('base64')}`)?.publicKey).toBe(
      signingKeyFromSeed(seed).publicKey,
    )
    expect(findPublicKey(key.publicKey)?.asymmetricKeyType).toBe('ed25519')
  })

  test('is not read from a secret with the public half of another', () => {
    expect(findSigningKey(`whsk_${Buffer.concat([seed, randomBytes(32)]).toString('base64')}`)).toBeNull()
  })

  test.each([
    '',
    'whsk_',
    'whpk_',
    'whsk_AAAA',
    'whpk_AAAA',
    `whsk_${randomBytes(33).toString('base64')}`,
    `whpk_${randomBytes(31).toString('base64')}`,
    `${newSigningKey().publicKey} `,
  ])('is not %j', (text) => {
    expect(findSigningKey(text)).toBeNull()
    expect(findPublicKey(text)).toBeNull()
  })

  test('is listed in a JWKS by its public half and thumbprint, as RFC 8037 has it', () => {
    const jwks = jwksOf([signingKeyFromSeed(seed)])
    expect(jwks).toEqual({
      keys: [
        {
          kty: 'OKP',
          crv: 'Ed25519',
          x: '11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo',
          kid: 'kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k',
          use: 'sig',
          alg: 'EdDSA',
        },
      ],
    })
    expect(JSON.stringify(jwks)).not.toContain(seed.toString('base64url').slice(0, 20))
  })
})
