import { describe, expect, it } from 'vitest'
import { createSseReader } from '../../../src/providers/nemo/sse-reader.ts'

const encoder = new TextEncoder()
const limits = { maxLineBytes: 100, maxEventBytes: 250, maxEventLines: 10 }

const feed = (stream: string) => createSseReader(limits).feed(encoder.encode(stream))

describe('the limits of a stream', () => {
  it('lets lines and events of the limit pass, however many there are', () => {
    expect(feed(`data: ${'x'.repeat(94)}\n\n`.repeat(50))).toHaveLength(50)
    expect(feed(`${'data:\n'.repeat(10)}\n`.repeat(50))).toHaveLength(50)
    expect(feed(`${'data:\r\n'.repeat(10)}\r\n`.repeat(50))).toHaveLength(50)
  })

  it.each([
    ['a line without an end', 'x'.repeat(101)],
    ['a line that is too long', `data: ${'x'.repeat(95)}\n`],
    ['an event that is too long', `${`data: ${'x'.repeat(80)}\n`.repeat(3)}`],
    ['an event of too many empty lines', 'data:\n'.repeat(11)],
    ['an event of too many lines, with CR', 'data:\r'.repeat(11)],
    ['too many comments in a row', ': ping\n'.repeat(11)],
  ])('gives up on %s', (_name, stream) => {
    expect(() => feed(stream)).toThrow(/of the stream is over/)
  })

  it('counts over chunk borders', () => {
    const reader = createSseReader(limits)
    const chunk = encoder.encode('x'.repeat(40))
    reader.feed(chunk)
    reader.feed(chunk)
    expect(() => reader.feed(chunk)).toThrow(/a line of the stream is over 100 bytes/)
  })

  it('holds a megabyte a line and four an event by default', () => {
    const line = `data: ${'x'.repeat(1024 * 1024 - 6)}\n`
    const reader = createSseReader()
    expect(reader.feed(encoder.encode(`${line}${line}${line}\n`))).toHaveLength(1)
    expect(() => reader.feed(encoder.encode(line.repeat(5)))).toThrow(/an event/)
  })
})
