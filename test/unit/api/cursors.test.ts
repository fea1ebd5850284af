import { describe, expect, test } from 'vitest'
import { parseQueryString } from '../../../src/api/query-string.ts'
import { cursorQuery, toPage } from '../../../src/api/schemas/list.ts'
import { formatFeedCursor, parseFeedCursor } from '../../../src/api/streams/feed-cursor.ts'

describe('the cursor of a list', () => {
  const items = [3, 2, 1].map((no) => ({
    id: `job_0198c0de-7000-7000-8000-00000000000${no}`,
    createdAt: new Date(no),
  }))

  test('leads to what comes after the last that was shown', () => {
    const page = toPage(items, 2, ({ id }) => id)
    expect(page.data).toHaveLength(2)
    expect(cursorQuery.parse(page.next_cursor)).toEqual(items[1])
  })

  test('is null on the last page', () => {
    expect(toPage(items, 3, ({ id }) => id).next_cursor).toBeNull()
    expect(toPage([], 3, () => 0)).toEqual({ data: [], next_cursor: null })
  })

  test.each(['', 'x', Buffer.from('1.nope').toString('base64url'), 'a'.repeat(201)])('%j is none', (text) => {
    expect(cursorQuery.safeParse(text).success).toBe(false)
  })
})

describe('the cursor of the feed', () => {
  test('holds transaction ids of 64 bits', () => {
    const cursor = { xid: '18446744073709551615', feedId: 123_456_789_012 }
    expect(parseFeedCursor(formatFeedCursor(cursor))).toEqual(cursor)
  })

  test.each([
    '',
    'x',
    Buffer.from('1').toString('base64url'),
    Buffer.from('18446744073709551616.1').toString('base64url'),
  ])('%j is none', (text) => {
    expect(parseFeedCursor(text)).toBeNull()
  })
})

describe('a query string', () => {
  test('repeats become arrays, brackets become objects', () => {
    expect({ ...parseQueryString('a=1&b=2&b=3&metadata[x]=4&metadata%5By%5D=5') }).toEqual({
      a: '1',
      b: ['2', '3'],
      metadata: Object.assign(Object.create(null), { x: '4', y: '5' }),
    })
  })

  test('no name reaches a prototype', () => {
    const query = parseQueryString('__proto__=1&metadata[__proto__]=2&metadata=3&constructor[prototype]=4')
    expect(Object.getPrototypeOf(query)).toBeNull()
    expect(Object.hasOwn(query, '__proto__')).toBe(true)
    expect(({} as Record<string, unknown>)['polluted']).toBeUndefined()
  })
})
