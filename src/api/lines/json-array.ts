/** Takes a JSON array apart into its elements while it comes in: each is a line, its number the place of the element. */
import type { IncomingLine, LineGroup, LineReader, StreamStop } from '../../actions/incoming-line.ts'
import { createLineParts, isBlankByte } from './line-of-bytes.ts'

const quote = 0x22
const backslash = 0x5c
const comma = 0x2c
const openArray = 0x5b
const closeArray = 0x5d
const openObject = 0x7b
const closeObject = 0x7d

type Place = 'before' | 'inside' | 'after'

const stopFor = (detail: string): StreamStop => ({
  code: 'invalid_request',
  faults: [{ pointer: '', code: 'invalid_json', detail }],
})

const noArray = stopFor('must be a JSON array of lines')
const unfinished = stopFor('must be a whole JSON array; it ended early')
const trailing = stopFor('must be one JSON array, with nothing after it')

/**
 * Finds where elements end by brackets, strings and commas alone; whether an element is JSON is told by its own
 * reading, so a bad one spoils none of the others.
 */
export const createJsonArrayReader = (): LineReader => {
  const parts = createLineParts()
  let place: Place = 'before'
  let line = 1
  /** Brackets that are open inside the present element. */
  let depth = 0
  let isInString = false
  let isEscaped = false
  /** There is something of the present element, or a comma that promises one. */
  let isAwaited = false

  /** Where the present element ends in the chunk, from `start`; its length when it goes on beyond. */
  const findEnd = (chunk: Buffer, start: number): number => {
    for (let index = start; index < chunk.length; index += 1) {
      const byte = chunk[index] ?? 0
      if (isInString) {
        if (isEscaped) isEscaped = false
        else if (byte === backslash) isEscaped = true
        else if (byte === quote) isInString = false
      } else if (byte === quote) isInString = true
      else if (byte === openObject || byte === openArray) depth += 1
      else if (depth > 0) {
        if (byte === closeObject || byte === closeArray) depth -= 1
      } else if (byte === comma || byte === closeArray) return index
    }
    return chunk.length
  }

  const takeElement = (lines: IncomingLine[]): void => {
    const taken = parts.take(line)
    if (taken !== null) lines.push(taken)
    else if (isAwaited) lines.push(emptyElement(line))
    line += 1
  }

  /** Reads elements from `start` on; answers where it stopped. */
  const readInside = (chunk: Buffer, start: number, lines: IncomingLine[]): number => {
    let from = start
    while (from < chunk.length) {
      const end = findEnd(chunk, from)
      parts.add(chunk.subarray(from, end))
      if (end === chunk.length) return end
      isAwaited ||= chunk[end] === comma
      takeElement(lines)
      isAwaited = true
      from = end + 1
      if (chunk[end] === closeArray) {
        place = 'after'
        return from
      }
    }
    return from
  }

  const push = (chunk: Buffer): LineGroup => {
    const lines: IncomingLine[] = []
    let index = 0
    if (place === 'before') {
      index = skipBlank(chunk, 0)
      if (index === chunk.length) return { lines, stop: null }
      if (chunk[index] !== openArray) return { lines, stop: noArray }
      place = 'inside'
      index += 1
    }
    if (place === 'inside') index = readInside(chunk, index, lines)
    const isOver = place === 'after' && skipBlank(chunk, index) < chunk.length
    return { lines, stop: isOver ? trailing : null }
  }

  return {
    push,
    end() {
      if (place === 'after') return { lines: [], stop: null }
      return { lines: [], stop: place === 'before' ? noArray : unfinished }
    },
  }
}

const skipBlank = (chunk: Buffer, start: number): number => {
  let index = start
  while (index < chunk.length && isBlankByte(chunk[index] ?? 0)) index += 1
  return index
}

const emptyElement = (line: number): IncomingLine => ({
  line,
  sizeBytes: 0,
  digest: () => 'empty',
  outcome: 'unreadable',
  faults: [
    { pointer: '', code: 'invalid_json', detail: 'must be a JSON value; there is none between two commas' },
  ],
})
