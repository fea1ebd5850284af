import { describe, expect, it } from 'vitest'
import { contentRange, parseRange } from '../../../src/media/range.ts'

const etag = '"9f86d081"'
const target = { sizeBytes: 1000, etag }
const part = (start: number, end: number) => ({ kind: 'part', range: { start, end } })
const whole = { kind: 'whole' }
const unsatisfiable = { kind: 'unsatisfiable' }

describe('a Range header', () => {
  it.each([
    ['bytes=0-0', part(0, 1)],
    ['bytes=0-99', part(0, 100)],
    ['bytes=100-199', part(100, 200)],
    ['bytes=999-999', part(999, 1000)],
    ['bytes=0-', part(0, 1000)],
    ['bytes=500-', part(500, 1000)],
    ['bytes=0-999', part(0, 1000)],
    ['bytes=0-1000', part(0, 1000)],
    ['bytes=500-99999999999999999999', part(500, 1000)],
    ['bytes=-1', part(999, 1000)],
    ['bytes=-500', part(500, 1000)],
    ['bytes=-1000', part(0, 1000)],
    ['bytes=-5000', part(0, 1000)],
    ['BYTES=0-99', part(0, 100)],
    ['bytes = 0 - 99 ', part(0, 100)],
    ['bytes=007-0010', part(7, 11)],
    ['bytes=1000-', unsatisfiable],
    ['bytes=1000-1001', unsatisfiable],
    ['bytes=99999999999999999999-', unsatisfiable],
    ['bytes=-0', unsatisfiable],
    ['bytes=', whole],
    ['bytes=-', whole],
    ['bytes', whole],
    ['', whole],
    ['bytes=5-4', whole],
    ['bytes=a-b', whole],
    ['bytes=0x0-0x9', whole],
    ['bytes=1.5-2', whole],
    ['bytes=--5', whole],
    ['bytes=0-99,200-299', whole],
    ['bytes=0-99;', whole],
    ['items=0-99', whole],
    ['none', whole],
  ])('of %j is understood', (range, expected) => expect(parseRange({ range }, target)).toEqual(expected))

  it('that is absent asks for the whole file', () => expect(parseRange({}, target)).toEqual(whole))

  it.each(['bytes=0-', 'bytes=0-0', 'bytes=-1'])('of %s cannot be satisfied by an empty file', (range) => {
    expect(parseRange({ range }, { sizeBytes: 0, etag })).toEqual(unsatisfiable)
  })

  it('of a hundred thousand characters is read in one go', () => {
    expect(parseRange({ range: `bytes=${'0'.repeat(100_000)}-` }, target)).toEqual(part(0, 1000))
    expect(parseRange({ range: `bytes${' '.repeat(100_000)}` }, target)).toEqual(whole)
  })
})

describe('an If-Range header', () => {
  const range = 'bytes=0-99'

  it('lets the range stand while the file is the same', () => {
    expect(parseRange({ range, ifRange: etag }, target)).toEqual(part(0, 100))
    expect(parseRange({ range, ifRange: ` ${etag} ` }, target)).toEqual(part(0, 100))
  })

  it.each(['"other"', '9f86d081', `W/${etag}`, 'Sat, 01 Aug 2026 00:00:00 GMT', '', '*'])(
    'of %j asks for the whole file instead',
    (ifRange) => expect(parseRange({ range, ifRange }, target)).toEqual(whole),
  )

  it('never matches a weak validator', () => {
    expect(parseRange({ range, ifRange: 'W/"a"' }, { sizeBytes: 1000, etag: 'W/"a"' })).toEqual(whole)
  })

  it('comes before the question whether the range can be satisfied', () => {
    expect(parseRange({ range: 'bytes=5000-', ifRange: '"other"' }, target)).toEqual(whole)
  })
})

describe('a Content-Range header', () => {
  it('names the last byte, not the one behind it', () => {
    expect(contentRange({ start: 0, end: 100 }, 1000)).toBe('bytes 0-99/1000')
  })

  it('names the size alone when nothing can be satisfied', () => {
    expect(contentRange(null, 1000)).toBe('bytes */1000')
  })
})
