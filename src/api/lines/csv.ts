import { createHash } from 'node:crypto'
import { pipeline } from 'node:stream'
import { CsvError, parse } from 'csv-parse'
import {
  type IncomingLine,
  type LineGroup,
  longestLineBytes,
  type StreamStop,
} from '../../actions/incoming-line.ts'
import { findHostileValues } from '../json-body.ts'
import { readCsvHeader } from './csv-columns.ts'

const linesInGroup = 100

/** A table with a header (RFC 4180). The number of a line is that of its record, from 1 after the header. */
export async function* readCsv(source: AsyncIterable<Buffer>): AsyncGenerator<LineGroup> {
  let lines: IncomingLine[] = []
  try {
    for await (const line of linesOf(recordsOf(source))) {
      if ('code' in line) return yield { lines, stop: line }
      lines.push(line)
      if (lines.length < linesInGroup) continue
      yield { lines, stop: null }
      lines = []
    }
  } catch (error) {
    const stop = stopOf(error)
    if (stop === null) throw error
    return yield { lines, stop }
  }
  yield { lines, stop: null }
}

const recordsOf = (source: AsyncIterable<Buffer>): AsyncIterable<string[]> =>
  pipeline(
    strictUtf8(source),
    parse({ bom: true, relax_column_count: true, skip_empty_lines: true, max_record_size: longestLineBytes }),
    // Whatever fails ends the iteration too, which is where it is dealt with.
    () => undefined,
  )

class NotUtf8 extends Error {
  override readonly name = 'NotUtf8'
}

/** Lets everything through that is UTF-8; the parser would quietly replace what is not. */
async function* strictUtf8(source: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  const decoder = new TextDecoder('utf-8', { fatal: true })
  const check = (chunk: Buffer, isLast: boolean): void => {
    try {
      decoder.decode(chunk, { stream: !isLast })
    } catch (error) {
      throw new NotUtf8('the table is not UTF-8', { cause: error })
    }
  }
  for await (const chunk of source) {
    check(chunk, false)
    yield chunk
  }
  check(Buffer.alloc(0), true)
}

async function* linesOf(records: AsyncIterable<string[]>): AsyncGenerator<IncomingLine | StreamStop> {
  let header: { readonly width: number; readonly toBody: (cells: string[]) => object } | null = null
  let line = 0
  for await (const cells of records) {
    if (header === null) {
      const read = readCsvHeader(cells)
      if (!read.ok) return yield { code: 'invalid_request', faults: read.faults }
      header = { width: cells.length, toBody: read.toBody }
    } else {
      line += 1
      yield toLine(line, cells, header)
    }
  }
  if (header === null) yield stopFor('missing', 'must begin with a header that names the columns')
}

const toLine = (
  line: number,
  cells: string[],
  { width, toBody }: { readonly width: number; readonly toBody: (cells: string[]) => object },
): IncomingLine => {
  const about = {
    line,
    sizeBytes: cells.reduce((sum, cell) => sum + cell.length, 0),
    digest: () => createHash('sha256').update(JSON.stringify(cells)).digest('hex'),
  }
  if (cells.length !== width) {
    const detail = `must have ${width} cells, as the header has, not ${cells.length}`
    return { ...about, outcome: 'unreadable', faults: [{ pointer: '', code: 'not_accepted', detail }] }
  }
  const body = toBody(cells)
  const faults = findHostileValues(body)
  return faults.length === 0
    ? { ...about, outcome: 'read', body }
    : { ...about, outcome: 'unreadable', faults }
}

const stopFor = (code: string, detail: string): StreamStop => ({
  code: 'invalid_request',
  faults: [{ pointer: '', code, detail }],
})

const stopOf = (error: unknown): StreamStop | null => {
  if (error instanceof NotUtf8) return stopFor('not_accepted', 'must be UTF-8')
  if (!(error instanceof CsvError)) return null
  if (error.code === 'CSV_MAX_RECORD_SIZE')
    return stopFor(
      'payload_too_large',
      `must have at most ${longestLineBytes} bytes a record; is a quote not closed?`,
    )
  return stopFor(
    'not_accepted',
    `must be CSV (RFC 4180); it is broken near line ${String(error['lines'] ?? '?')}`,
  )
}
