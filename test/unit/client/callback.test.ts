import { Webhook } from 'standardwebhooks'
import { describe, expect, it } from 'vitest'
import { newCallbackSecret } from '../../../src/callbacks/secret.ts'
import { signCallback } from '../../../src/callbacks/signature.ts'
import { newSigningKey } from '../../../src/callbacks/signing-key.ts'
import { type CallbackFault, CallbackRejected, verifyCallback } from '../../../src/client/index.ts'

const secret = newCallbackSecret()
const other = newCallbackSecret()
const signingKey = newSigningKey()
const body = Buffer.from('{"type":"job.succeeded","data":{"job":{"id":"job_1","prompt":"ein Fuchs läuft"}}}')
const nowS = () => Math.floor(Date.now() / 1_000)

const sign = (
  given: { readonly ageS?: number; readonly secrets?: readonly string[]; readonly body?: Buffer } = {},
) => ({
  ...signCallback({
    id: 'evt_1',
    timestampS: nowS() - (given.ageS ?? 0),
    body: given.body ?? body,
    secrets: given.secrets ?? [secret],
    signingKeys: [signingKey],
  }),
})

const reasonOf = (verify: () => unknown): CallbackFault | null => {
  try {
    verify()
    return null
  } catch (error) {
    if (error instanceof CallbackRejected) return error.reason
    throw error
  }
}

describe('verifyCallback', () => {
  it('gives the callback that the service signed, with its id', () => {
    const callback = verifyCallback(body, sign(), secret)
    expect(callback).toMatchObject({ id: 'evt_1', type: 'job.succeeded', data: { job: { id: 'job_1' } } })
    expect(verifyCallback(body.toString(), new Headers({ ...sign() }), [secret])).toEqual(callback)
    expect(verifyCallback(new Uint8Array(body), sign(), secret)).toEqual(callback)
  })

  it('believes what the official library signs', () => {
    const stamp = new Date()
    const signature = new Webhook(secret).sign('evt_1', stamp, body.toString())
    const headers = {
      'Webhook-Id': 'evt_1',
      'Webhook-Timestamp': String(Math.floor(stamp.getTime() / 1_000)),
      'Webhook-Signature': signature,
    }
    expect(verifyCallback(body, headers, secret).id).toBe('evt_1')
  })

  it('takes any of several secrets and signatures, and public keys', () => {
    expect(verifyCallback(body, sign(), [other, secret]).id).toBe('evt_1')
    expect(verifyCallback(body, sign({ secrets: [other, secret] }), secret).id).toBe('evt_1')
    expect(verifyCallback(body, sign({ secrets: [other] }), signingKey.publicKey).id).toBe('evt_1')
    expect(reasonOf(() => verifyCallback(body, sign(), newSigningKey().publicKey))).toBe('wrong_signature')
  })

  it.each<[string, CallbackFault, () => unknown]>([
    ['another secret', 'wrong_signature', () => verifyCallback(body, sign(), other)],
    ['another body', 'wrong_signature', () => verifyCallback(Buffer.from('{}'), sign(), secret)],
    [
      'another id',
      'wrong_signature',
      () => verifyCallback(body, { ...sign(), 'webhook-id': 'evt_2' }, secret),
    ],
    [
      'an empty signature',
      'wrong_signature',
      () => verifyCallback(body, { ...sign(), 'webhook-signature': 'v1,' }, secret),
    ],
    [
      'a signature of another version',
      'wrong_signature',
      () =>
        verifyCallback(
          body,
          { ...sign(), 'webhook-signature': sign()['webhook-signature'].replaceAll('v1,', 'v2,') },
          secret,
        ),
    ],
    ['one that is too old', 'too_old', () => verifyCallback(body, sign({ ageS: 400 }), secret)],
    ['one of the future', 'too_new', () => verifyCallback(body, sign({ ageS: -400 }), secret)],
    ['no headers', 'missing_headers', () => verifyCallback(body, {}, secret)],
    [
      'a doubled header',
      'malformed_headers',
      () => verifyCallback(body, { ...sign(), 'webhook-id': ['a', 'b'] }, secret),
    ],
    [
      'a time that is none',
      'malformed_headers',
      () => verifyCallback(body, { ...sign(), 'webhook-timestamp': '1e99' }, secret),
    ],
    [
      'an id with a dot',
      'malformed_headers',
      () => verifyCallback(body, { ...sign(), 'webhook-id': 'evt.1' }, secret),
    ],
    [
      'a body that is no JSON',
      'malformed_body',
      () => verifyCallback('x', sign({ body: Buffer.from('x') }), secret),
    ],
  ])('rejects %s', (_, reason, verify) => {
    expect(reasonOf(verify)).toBe(reason)
  })

  it('lets the time be narrowed, and never widened or left out', () => {
    const old = sign({ ageS: 100 })
    expect(reasonOf(() => verifyCallback(body, old, secret, { toleranceS: 60 }))).toBe('too_old')
    for (const toleranceS of [0, -1, 301, Number.POSITIVE_INFINITY, Number.NaN])
      expect(() => verifyCallback(body, old, secret, { toleranceS })).toThrow(RangeError)
  })

  it('is held against the clock that is given, and a clock that tells no time lets nothing pass', () => {
    const old = sign({ ageS: 4_000 })
    const atMs = (ms: number) => () => verifyCallback(body, old, secret, { nowMs: () => ms })
    const signedAtMs = (nowS() - 4_000) * 1_000
    expect(atMs(signedAtMs)()).toMatchObject({ id: 'evt_1' })
    expect(reasonOf(atMs(signedAtMs + 302_000))).toBe('too_old')
    expect(reasonOf(atMs(signedAtMs - 302_000))).toBe('too_new')
    for (const ms of [Number.NaN, Number.POSITIVE_INFINITY]) expect(reasonOf(atMs(ms))).toBe('too_old')
  })

  it('refuses to verify without a key that can be one', () => {
    for (const keys of [[], '', 'whsec_', 'whsec_c2hvcnQ=', 'whpk_AAAA', 'secret'])
      expect(() => verifyCallback(body, sign(), keys)).toThrow(TypeError)
  })
})
