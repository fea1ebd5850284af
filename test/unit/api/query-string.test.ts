import { describe, expect, test } from 'vitest'
import { countParameters, maxParameters, parseQueryString } from '../../../src/api/query-string.ts'

describe('a query string', () => {
  test.each([
    ['', {}],
    ['a=1&b=2', { a: '1', b: '2' }],
    ['a=1&a=2&a=3', { a: ['1', '2', '3'] }],
    ['a&b=&=c', { a: '', b: '', '': 'c' }],
    ['a=x+y%20z&&', { a: 'x y z' }],
    ['a=b=c', { a: 'b=c' }],
    ['a=100%&b=%zz', { a: '100%', b: '%zz' }],
    ['tag=a,b', { tag: 'a,b' }],
    ['m[x]=1&m[y]=2', { m: { x: '1', y: '2' } }],
    ['m%5Bx%5D=1', { m: { x: '1' } }],
    ['m[x]=1,2&m[x]=3%2C4', { m: { x: ['1', '2', '3,4'] } }],
    ['m=1&m[x]=2', { m: { x: '2' } }],
    ['m[]=1&m[x][y]=2', { 'm[]': '1', 'm[x][y]': '2' }],
  ])('%s', (text, expected) => {
    expect(JSON.parse(JSON.stringify(parseQueryString(text)))).toEqual(expected)
  })

  test('reaches no prototype', () => {
    const query = parseQueryString('__proto__=1&m[__proto__]=2&constructor[prototype]=3')
    expect(Object.getPrototypeOf(query)).toBeNull()
    expect(Object.keys(query)).toEqual(['__proto__', 'm', 'constructor'])
    expect(Object.keys(query['m'] as object)).toEqual(['__proto__'])
    expect(Object.hasOwn({}, '__proto__')).toBe(false)
  })

  test('is counted as a whole, and read up to its bound', () => {
    const url = `/v1/jobs?${Array.from({ length: maxParameters + 1 }, (_, no) => `p${no}=1`).join('&')}`
    expect(countParameters(url)).toBe(maxParameters + 1)
    expect(Object.keys(parseQueryString(url.slice(9)))).toHaveLength(maxParameters)
    expect(countParameters('/v1/jobs')).toBe(0)
  })
})
