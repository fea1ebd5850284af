import { describe, expect, test } from 'vitest'
import { preferenceFor } from '../../../src/api/negotiation.ts'
import {
  isNoneMatch,
  readIdempotencyKey,
  readRequestId,
  readWaitS,
} from '../../../src/api/request-headers.ts'

describe('Idempotency-Key', () => {
  test.each([
    ['abc', 'abc'],
    ['"abc"', 'abc'],
    ['"a\\"b\\\\c"', 'a"b\\c'],
    ['a'.repeat(255), 'a'.repeat(255)],
    ['"', '"'],
  ])('%j names the key %j', (header, key) => {
    expect(readIdempotencyKey(header)).toEqual({ outcome: 'given', key })
  })

  test.each(['', '""', 'a b', '"a b"', 'a'.repeat(256), 'ä', 'a\tb'])('%j is no key', (header) => {
    expect(readIdempotencyKey(header).outcome).toBe('invalid')
  })

  test('without the header there is none', () => {
    expect(readIdempotencyKey(undefined)).toEqual({ outcome: 'absent' })
  })
})

describe('Prefer', () => {
  test.each([
    [undefined, 0],
    ['wait=5', 5],
    ['respond-async, Wait=7', 7],
    ['wait=61', 60],
    ['wait=999999', 60],
    ['wait=99999999999999999999', 60],
    ['wait = "9"', 9],
    ['wait=9; here=there', 9],
    ['wait="9', 0],
    ['wait=-1', 0],
    ['wait=1.5', 0],
    ['wait', 0],
  ])('%j waits %i s', (header, seconds) => {
    expect(readWaitS(header)).toBe(seconds)
  })
})

describe('If-None-Match', () => {
  test.each([
    ['"7"', true],
    ['W/"7"', true],
    ['"6", "7"', true],
    ['*', true],
    ['"77"', false],
    ['7', false],
    [undefined, false],
  ])('%j', (header, isMatch) => {
    expect(isNoneMatch(header, '"7"')).toBe(isMatch)
  })
})

describe('X-Request-Id', () => {
  test('is taken only when it is safe to repeat', () => {
    expect(readRequestId('a-B_9')).toBe('a-B_9')
    for (const header of ['', 'a b', 'a\nb', 'x'.repeat(65), 'é', undefined, ['a', 'b']])
      expect(readRequestId(header)).toBeNull()
  })
})

describe('Accept', () => {
  test.each([
    [undefined, 1],
    ['*/*', 1],
    ['application/*;q=0.5', 0.5],
    ['text/html, application/json', 1],
    ['application/json;q=0, */*', 0],
    ['text/html', 0],
    ['APPLICATION/JSON; Q=0.3', 0.3],
    [' , ;;q=', 0],
  ])('%j wants JSON %f', (accept, quality) => {
    expect(preferenceFor(accept, 'application/json')).toBe(quality)
  })
})
