/** Cuts a table into its records by quotes and line ends alone (RFC 4180), and holds no more of it than one record. */
import { isUtf8 } from 'node:buffer'
import { longestLineBytes } from '../../actions/incoming-line.ts'
import { createKeptBytes } from './kept-bytes.ts'

const quote = 0x22
const comma = 0x2c
const lineFeed = 0x0a
const carriageReturn = 0x0d

/** A record is one cell after another, or says what is wrong with it. */
export type CsvRecord =
  | { readonly outcome: 'read'; readonly cells: readonly string[] }
  | {
      readonly outcome: 'malformed'
      readonly code: string
      readonly detail: string
      /** Null of one that was too long to be held. */
      readonly bytes: Buffer | null
      readonly sizeBytes: number
    }

export interface CsvRecords {
  push(chunk: Buffer): CsvRecord[]
  /** The last one, where no line end follows it. */
  end(): CsvRecord[]
}

/** `closing`: after a quote inside of quotes, which is either one of two or the last. */
type Place = 'start' | 'bare' | 'quoted' | 'closing'

/**
 * A quote inside of a bare cell is part of it: `5" TV` is taken as it is written. Text behind the quote that closes a
 * cell makes a record malformed, and that record alone; empty lines are none.
 */
export const createCsvRecords = (): CsvRecords => {
  const kept = createKeptBytes(longestLineBytes)
  let place: Place = 'start'
  let cell = 1
  let brokenCell: number | null = null

  const take = (): CsvRecord[] => {
    const { sizeBytes } = kept
    const bytes = kept.take()
    const problem = problemOf(place === 'quoted' ? cell : null, brokenCell)
    place = 'start'
    cell = 1
    brokenCell = null
    if (sizeBytes === 0) return []
    if (bytes === null)
      return [{ outcome: 'malformed', code: 'payload_too_large', ...tooLong, bytes, sizeBytes }]
    const detail = problem ?? (isUtf8(bytes) ? null : 'must be UTF-8')
    return detail === null
      ? [{ outcome: 'read', cells: cellsOf(bytes.toString()) }]
      : [{ outcome: 'malformed', code: 'not_accepted', detail, bytes, sizeBytes }]
  }

  /** Where the present record ends in the chunk, from `start`; its length when it goes on beyond. */
  const findEnd = (chunk: Buffer, start: number): number => {
    for (let index = start; index < chunk.length; index += 1) {
      const byte = chunk[index] ?? 0
      if (place === 'quoted') {
        if (byte === quote) place = 'closing'
      } else if (byte === lineFeed || byte === carriageReturn) return index
      else if (byte === comma) {
        place = 'start'
        cell += 1
      } else if (byte === quote && place !== 'bare') place = 'quoted'
      else {
        if (place === 'closing') brokenCell ??= cell
        place = 'bare'
      }
    }
    return chunk.length
  }

  return {
    push(chunk) {
      const records: CsvRecord[] = []
      let from = 0
      for (;;) {
        const end = findEnd(chunk, from)
        kept.add(chunk.subarray(from, end))
        if (end === chunk.length) return records
        records.push(...take())
        from = end + 1
      }
    },
    end: take,
  }
}

const tooLong = { detail: `must have at most ${longestLineBytes} bytes a record; is a quote not closed?` }

const problemOf = (openCell: number | null, brokenCell: number | null): string | null => {
  if (brokenCell !== null)
    return `must be CSV (RFC 4180); text follows the quote that closes cell ${brokenCell}, where quotes inside are written twice`
  if (openCell === null) return null
  return `must be CSV (RFC 4180); cell ${openCell} begins with a quote that is never closed, so all that follows is part of it`
}

/** Of a record that is well formed. */
const cellsOf = (text: string): string[] => {
  const cells: string[] = []
  for (let start = 0; start <= text.length; ) {
    const isQuoted = text[start] === '"'
    const end = isQuoted ? endOfQuoted(text, start) : endOfBare(text, start)
    cells.push(isQuoted ? text.slice(start + 1, end - 1).replaceAll('""', '"') : text.slice(start, end))
    start = end + 1
  }
  return cells
}

const endOfBare = (text: string, start: number): number => {
  const end = text.indexOf(',', start)
  return end === -1 ? text.length : end
}

/** Behind the first quote that is not one of two. */
const endOfQuoted = (text: string, start: number): number => {
  let end = text.indexOf('"', start + 1)
  while (text[end + 1] === '"') end = text.indexOf('"', end + 2)
  return end + 1
}
