import { describe, expect, it } from 'vitest'
import { findId, findNumber, findText, parseJson, toRecord } from '../../../src/providers/nemo/json.ts'

const parsed = (text: string): unknown => {
  const reading = parseJson(text)
  return reading.isJson ? reading.value : 'not JSON'
}

describe('parseJson', () => {
  it.each([
    ['{"a":[1,2.5,true,null,"x"]}', { a: [1, 2.5, true, null, 'x'] }],
    ['\ufeff{"a":1}', { a: 1 }],
    ['', 'not JSON'],
    ['{"a":', 'not JSON'],
    ['<html>', 'not JSON'],
  ])('reads %j', (text, value) => {
    expect(parsed(text)).toEqual(value)
  })

  it.each([
    '{"session_id":5529798706024415232}',
    '{"session_id":5529798706099999999,"n":1}',
    '[-9007199254740993,1e400,12345678901234567890]',
    '{"id":"5529798706099999999","d":10000,"x":0.1}',
  ])('writes %s out again digit for digit', (text) => {
    expect(JSON.stringify(parsed(text))).toBe(text)
  })

  it('refuses nesting that would exhaust the stack, and is not fooled by brackets in strings', () => {
    expect(parsed('['.repeat(100_000) + ']'.repeat(100_000))).toBe('not JSON')
    const text = `{"a":"${'['.repeat(1000)}\\"{"}`
    expect(parsed(text)).toEqual({ a: `${'['.repeat(1000)}"{` })
  })

  it('keeps __proto__ an ordinary key', () => {
    const value = toRecord(parsed('{"__proto__":{"token":"x"}}'))
    expect(Object.hasOwn(value, '__proto__')).toBe(true)
    expect(value['token']).toBeUndefined()
  })
})

describe('reading a value', () => {
  it.each([
    ['"abc"', 'abc'],
    ['5529798706099999999', '5529798706099999999'],
    ['42', '42'],
    ['""', null],
    ['null', null],
    ['{}', null],
  ])('takes %s for the id %s', (json, id) => {
    expect(findId(parsed(json))).toBe(id)
  })

  it.each([
    [1.5, 1.5],
    ['20', 20],
    [' ', null],
    ['twenty', null],
    ['1e30', null],
    [1e30, null],
    [Number.NaN, null],
    [null, null],
    [true, null],
  ])('takes %j for the number %s', (value, number) => {
    expect(findNumber(value)).toBe(number)
  })

  it('takes blank strings for absent', () => {
    expect([findText(' '), findText('x'), findText(7)]).toEqual([null, 'x', null])
  })
})
