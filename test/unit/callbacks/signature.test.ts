import { randomBytes } from 'node:crypto'
import { Webhook } from 'standardwebhooks'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { newCallbackSecret } from '../../../src/callbacks/secret.ts'
import { signCallback, verifyCallback } from '../../../src/callbacks/signature.ts'
import { newSigningKey } from '../../../src/callbacks/signing-key.ts'

const nowMs = Date.UTC(2026, 5, 1, 12, 0, 0, 789)
const nowS = Math.floor(nowMs / 1_000)
const secretOf = (sizeBytes: number): string => `whsec_${randomBytes(sizeBytes).toString('base64')}`

/** The reference library reads the time itself. */
beforeEach(() => {
  vi.useFakeTimers({ now: nowMs })
})
afterEach(() => {
  vi.useRealTimers()
})

const bodies: Record<string, string> = {
  empty: '',
  'an empty object': '{}',
  'an event':
    '{"type":"job.succeeded","timestamp":"2026-06-01T12:00:00.000Z","data":{"sequence":9,"job":{"id":"job_1"}}}',
  'a blank': ' ',
  'line ends of all kinds': '{\r\n"a":\n1\r}',
  'a last line end': '{"a":1}\n',
  umlauts: '{"prompt":"Füchse im Schnee"}',
  'composed and decomposed letters': '{"a":"é","b":"e\u0301"}',
  Chinese: '{"prompt":"雪地里的狐狸"}',
  'right-to-left text': '{"prompt":"ثعلب في الثلج \u202e abc"}',
  emoji: '{"prompt":"🦊❄️👩‍👩‍👧‍👦"}',
  'letters beyond the BMP': '{"a":"𝒳𐍈"}',
  'line and paragraph separators': '{"a":"\u2028\u2029"}',
  'a byte order mark': '\ufeff{"a":1}',
  'an escaped NUL': '{"a":"\\u0000"}',
  'a real NUL': '{"a":"\0"}',
  'an escaped lone surrogate': '{"a":"\\ud800"}',
  'dots that look like the signed parts': `evt_1.${nowS}.{}`,
  'commas and blanks': 'v1,a v1,b , ,',
  'no JSON at all': 'hello',
  '20 kB': `{"a":"${'x'.repeat(20_000)}"}`,
  '20 kB of Chinese': `{"a":"${'狐'.repeat(7_000)}"}`,
  '64 KiB': 'y'.repeat(65_536),
}
const secretSizes = [24, 32, 64]
const vectors = Object.entries(bodies).flatMap(([name, body]) =>
  secretSizes.map((size) => [name, size, body] as const),
)

describe('the reference library and we agree', () => {
  test('on enough vectors', () => {
    expect(vectors.length).toBeGreaterThanOrEqual(60)
  })

  test.each(vectors)('on a body that is %s under a secret of %i bytes', (_name, size, body) => {
    const secret = secretOf(size)
    const reference = new Webhook(secret)
    const id = 'evt_0198c0de-7000-7000-8000-000000000001'
    const ours = signCallback({ id, timestampS: nowS, body: Buffer.from(body), secrets: [secret] })
    const theirs = reference.sign(id, new Date(nowMs), body)

    expect(ours['webhook-signature']).toBe(theirs)
    reference.verify(body, { ...ours }, { jsonParse: false })
    expect(
      verifyCallback({ headers: { ...ours, 'webhook-signature': theirs }, body, keys: [secret], nowMs }),
    ).toEqual({
      outcome: 'verified',
      id,
      timestampS: nowS,
    })
  })

  test('on the published example', () => {
    const headers = signCallback({
      id: 'msg_p5jXN8AQM9LWM0D4loKWxJek',
      timestampS: 1_614_265_330,
      body: Buffer.from('{"test": 2432232314}'),
      secrets: ['whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw'],
    })
    expect(headers).toEqual({
      'webhook-id': 'msg_p5jXN8AQM9LWM0D4loKWxJek',
      'webhook-timestamp': '1614265330',
      'webhook-signature': 'v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=',
    })
  })

  test.each([
    [-301, 'too_old'],
    [-300, 'verified'],
    [-299, 'verified'],
    [-1, 'verified'],
    [0, 'verified'],
    [1, 'verified'],
    [299, 'verified'],
    [300, 'verified'],
    [301, 'too_new'],
  ])('on a time stamp of %i seconds from now', (skewS, expected) => {
    const secret = newCallbackSecret()
    const headers = signCallback({
      id: 'evt_1',
      timestampS: nowS + skewS,
      body: Buffer.from('{}'),
      secrets: [secret],
    })
    const result = verifyCallback({ headers: { ...headers }, body: '{}', keys: [secret], nowMs })
    expect(result.outcome === 'verified' ? 'verified' : result.reason).toBe(expected)
    const reference = () => new Webhook(secret).verify('{}', { ...headers })
    if (expected === 'verified') expect(reference).not.toThrow()
    else expect(reference).toThrow(expected === 'too_old' ? 'too old' : 'too new')
  })

  test.each([2, 3])('while %i secrets overlap: each of them verifies, another does not', (count) => {
    const secrets = Array.from({ length: count }, newCallbackSecret)
    const headers = signCallback({ id: 'evt_1', timestampS: nowS, body: Buffer.from('{}'), secrets })
    expect(headers['webhook-signature'].split(' ')).toHaveLength(count)
    for (const secret of secrets) {
      expect(new Webhook(secret).verify('{}', { ...headers })).toEqual({})
      expect(verifyCallback({ headers: { ...headers }, body: '{}', keys: [secret], nowMs }).outcome).toBe(
        'verified',
      )
    }
    const other = newCallbackSecret()
    expect(() => new Webhook(other).verify('{}', { ...headers })).toThrow('No matching signature')
    expect(verifyCallback({ headers: { ...headers }, body: '{}', keys: [other], nowMs })).toMatchObject({
      reason: 'wrong_signature',
    })
  })

  test('when signatures of other versions stand beside', () => {
    const secret = newCallbackSecret()
    const signingKey = newSigningKey()
    const headers = signCallback({
      id: 'evt_1',
      timestampS: nowS,
      body: Buffer.from('{}'),
      secrets: [secret],
      signingKeys: [signingKey],
    })
    expect(headers['webhook-signature']).toMatch(/^v1,\S{44} v1a,\S{88}$/)
    const mixed = { ...headers, 'webhook-signature': `v2,abc v0 , ${headers['webhook-signature']} v1,` }
    expect(new Webhook(secret).verify('{}', mixed)).toEqual({})
    expect(verifyCallback({ headers: mixed, body: '{}', keys: [secret], nowMs }).outcome).toBe('verified')
    expect(verifyCallback({ headers: mixed, body: '{}', keys: [signingKey.publicKey], nowMs }).outcome).toBe(
      'verified',
    )
  })
})

describe('verifyCallback', () => {
  const secret = newCallbackSecret()
  const body = Buffer.from('{"type":"job.succeeded"}')
  const good = { ...signCallback({ id: 'evt_1', timestampS: nowS, body, secrets: [secret] }) }
  const verified = (headers: Record<string, string | string[] | undefined>, at = nowMs) => {
    const result = verifyCallback({ headers, body, keys: [secret], nowMs: at })
    return result.outcome === 'verified' ? 'verified' : result.reason
  }

  test('takes header names in any case', () => {
    expect(
      verified({
        'Webhook-Id': 'evt_1',
        'WEBHOOK-TIMESTAMP': good['webhook-timestamp'],
        'webhook-Signature': good['webhook-signature'],
      }),
    ).toBe('verified')
  })

  test.each(['webhook-id', 'webhook-timestamp', 'webhook-signature'] as const)('needs %s, once', (name) => {
    expect(verified({ ...good, [name]: undefined })).toBe('missing_headers')
    expect(verified({ ...good, [name]: '' })).toBe('missing_headers')
    expect(verified({ ...good, [name]: [good[name], good[name]] })).toBe('malformed_headers')
  })

  test.each(['1e9', '-1', '+1', ' 1', '1 ', '0x1', '1.5', 'now', 'NaN', '٣', '9'.repeat(12), `${nowS}abc`])(
    'does not take %j for a time stamp',
    (timestamp) => {
      expect(verified({ ...good, 'webhook-timestamp': timestamp })).toBe('malformed_headers')
    },
  )

  test.each(['evt.1', 'evt 1', 'evt_1\n', 'événement', 'x'.repeat(257)])(
    'does not take %j for an id',
    (id) => {
      expect(verified({ ...good, 'webhook-id': id })).toBe('malformed_headers')
    },
  )

  test('cannot be talked out of the time stamp', () => {
    expect(verified(good, Number.NaN)).toBe('too_old')
    expect(verified(good, Number.POSITIVE_INFINITY)).toBe('too_old')
    expect(verified(good, Number.NEGATIVE_INFINITY)).toBe('too_new')
  })

  test.each([
    ['another id', { 'webhook-id': 'evt_2' }],
    ['another time stamp', { 'webhook-timestamp': `${nowS + 1}` }],
    ['no version', { 'webhook-signature': good['webhook-signature'].slice(3) }],
    ['another version', { 'webhook-signature': good['webhook-signature'].replace('v1', 'v1a') }],
    ['an empty signature', { 'webhook-signature': 'v1,' }],
    ['half a signature', { 'webhook-signature': good['webhook-signature'].slice(0, 24) }],
    ['signatures joined by commas', { 'webhook-signature': `v1,AAAA,${good['webhook-signature']}` }],
  ])('does not verify %s', (_what, change) => {
    expect(verified({ ...good, ...change })).toBe('wrong_signature')
  })

  test('does not verify another body, not even by one byte', () => {
    for (const other of ['', '{}', `${body} `, ` ${body}`, `${body}`.replace('job', 'Job')]) {
      expect(verifyCallback({ headers: good, body: other, keys: [secret], nowMs })).toMatchObject({
        reason: 'wrong_signature',
      })
    }
  })

  test('does not take a public key for a secret, nor an ed25519 signature by another key', () => {
    const [ours, other] = [newSigningKey(), newSigningKey()]
    const headers = {
      ...signCallback({ id: 'evt_1', timestampS: nowS, body, secrets: [], signingKeys: [ours] }),
    }
    const reasonWith = (key: string) => verifyCallback({ headers, body, keys: [key], nowMs })
    expect(reasonWith(ours.publicKey)).toMatchObject({ outcome: 'verified' })
    expect(reasonWith(other.publicKey)).toMatchObject({ reason: 'wrong_signature' })
    expect(reasonWith(secret)).toMatchObject({ reason: 'wrong_signature' })
  })

  test('verifies nothing without keys, and throws for a key that is none', () => {
    expect(verifyCallback({ headers: good, body, keys: [], nowMs })).toMatchObject({
      reason: 'wrong_signature',
    })
    expect(() => verifyCallback({ headers: good, body, keys: ['whsec_short'], nowMs })).toThrow(TypeError)
  })

  test('signs and verifies bytes that are no text', () => {
    const bytes = Buffer.from([0xff, 0xfe, 0x00, 0x80])
    const headers = signCallback({ id: 'evt_1', timestampS: nowS, body: bytes, secrets: [secret] })
    expect(verifyCallback({ headers: { ...headers }, body: bytes, keys: [secret], nowMs }).outcome).toBe(
      'verified',
    )
  })
})

describe('signCallback', () => {
  const message = { id: 'evt_1', timestampS: nowS, body: Buffer.from('{}'), secrets: [newCallbackSecret()] }

  test.each([
    ['an id with a dot', { id: 'evt.1' }],
    ['an empty id', { id: '' }],
    ['an id that would split the header', { id: 'evt_1\r\nx: y' }],
    ['a fraction of a second', { timestampS: 1.5 }],
    ['no secret', { secrets: [] }],
    ['a secret that is too short', { secrets: [secretOf(23)] }],
    ['a secret that is too long', { secrets: [secretOf(65)] }],
    ['a secret without its prefix', { secrets: [randomBytes(32).toString('base64')] }],
  ])('throws for %s', (_what, change) => {
    expect(() => signCallback({ ...message, ...change })).toThrow(TypeError)
  })
})
