import { describe, expect, test } from 'vitest'
import { checkCallbackHeaders, withoutReserved } from '../../../src/callbacks/headers.ts'

const detailOf = (headers: Record<string, string>): string | null => {
  const check = checkCallbackHeaders(headers)
  return check.ok ? null : check.problems.map(({ detail }) => detail).join('; ')
}

describe("a client's own headers", () => {
  test('are given back in lower case', () => {
    const headers = {
      'X-Team': 'ads',
      Authorization: 'Bearer abc def',
      'user-agent': 'ours/1',
      'x-empty': '',
    }
    expect(checkCallbackHeaders(headers)).toEqual({
      ok: true,
      headers: { 'x-team': 'ads', authorization: 'Bearer abc def', 'user-agent': 'ours/1', 'x-empty': '' },
    })
  })

  test.each([
    'webhook-id',
    'Webhook-Timestamp',
    'WEBHOOK-SIGNATURE',
    'webhook-anything',
    'host',
    'Host',
    'content-type',
    'Content-Length',
    'content-encoding',
    'connection',
    'keep-alive',
    'proxy-authorization',
    'proxy-connection',
    'te',
    'trailer',
    'Transfer-Encoding',
    'upgrade',
    'expect',
    'accept-encoding',
    'date',
    'via',
    'forwarded',
    'x-forwarded-for',
    'X-Real-IP',
  ])('may not be %s', (name) => {
    expect(detailOf({ [name]: 'a' })).toBe(
      'must be a header that Clipline does not set itself and that does not belong to the connection',
    )
    expect(withoutReserved({ [name]: 'a', 'X-Team': 'ads' })).toEqual({ 'x-team': 'ads' })
  })

  test.each(['', ' ', 'x team', 'x:y', 'x\r\ny', 'x\0', 'ключ', '(x)', 'x,y', 'x'.repeat(65), ':authority'])(
    'may not be named %j',
    (name) => {
      expect(detailOf({ [name]: 'a' })).toBe('must be the name of a header, of at most 64 characters')
    },
  )

  test.each([
    'a\r\nx-injected: 1',
    'a\nb',
    'a\rb',
    'a\0b',
    '\u001b[31m',
    'ü',
    '雪',
    ' a',
    'a ',
    '\ta',
    'a\u007f',
    'a\u2028b',
    ' ',
  ])('may not be worth %j', (value) => {
    expect(detailOf({ 'x-a': value })).toBe('must be visible ASCII with blanks between')
  })

  test('are bounded in number and length', () => {
    const many = (count: number) =>
      Object.fromEntries(Array.from({ length: count }, (_, index) => [`x-${index}`, 'a']))
    expect(detailOf(many(20))).toBeNull()
    expect(detailOf(many(21))).toBe('must have at most 20 entries')
    expect(detailOf({ 'x-a': 'a'.repeat(1_024) })).toBeNull()
    expect(detailOf({ 'x-a': 'a'.repeat(1_025) })).toBe('must have at most 1024 characters')
  })

  test('do not differ by case alone', () => {
    expect(detailOf({ 'X-A': '1', 'x-a': '2' })).toBe('must be given once: names do not differ by case')
  })

  test('are refused with every problem at once', () => {
    expect(checkCallbackHeaders({ host: 'a', 'x y': 'b', 'x-ok': 'c', 'x-a': 'd\n' })).toEqual({
      ok: false,
      problems: [
        {
          name: 'host',
          detail:
            'must be a header that Clipline does not set itself and that does not belong to the connection',
        },
        { name: 'x y', detail: 'must be the name of a header, of at most 64 characters' },
        { name: 'x-a', detail: 'must be visible ASCII with blanks between' },
      ],
    })
  })

  test('take no notice of names that objects are born with', () => {
    const headers = JSON.parse('{"__proto__":"a","constructor":"b"}') as Record<string, string>
    const check = checkCallbackHeaders(headers)
    expect(check.ok && Object.entries(check.headers)).toEqual([
      ['__proto__', 'a'],
      ['constructor', 'b'],
    ])
  })
})
