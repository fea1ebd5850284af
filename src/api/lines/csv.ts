import { createHash } from 'node:crypto'
import type { IncomingLine, LineReader, StreamStop } from '../../actions/incoming-line.ts'
import { findHostileValues } from '../json-body.ts'
import { readCsvHeader } from './csv-columns.ts'
import { type CsvRecord, createCsvRecords } from './csv-records.ts'

interface Header {
  readonly width: number
  readonly toBody: (cells: readonly string[]) => object
}

/** A table with a header (RFC 4180). The number of a line is that of its record, from 1 after the header. */
export const createCsvReader = (): LineReader => {
  const records = createCsvRecords()
  let header: Header | null = null
  let refusal: StreamStop | null = null
  let line = 0

  const toLines = (taken: readonly CsvRecord[]): IncomingLine[] => {
    const lines: IncomingLine[] = []
    for (const record of taken) {
      if (header !== null) {
        line += 1
        lines.push(record.outcome === 'read' ? toLine(line, record.cells, header) : toBadLine(line, record))
      } else if (refusal === null) {
        const read = readHeader(record)
        if ('faults' in read) refusal = read
        else header = read
      }
    }
    return lines
  }

  return {
    push: (chunk) => ({ lines: toLines(records.push(chunk)), stop: refusal }),
    end() {
      const lines = toLines(records.end())
      return { lines, stop: refusal ?? (header === null ? noHeader : null) }
    },
  }
}

/** Without a header nobody can tell what any of the lines says. */
const readHeader = (record: CsvRecord): Header | StreamStop => {
  if (record.outcome === 'malformed') return stopFor(record.code, `${record.detail}, in the header`)
  const read = readCsvHeader(record.cells)
  return read.ok
    ? { width: record.cells.length, toBody: read.toBody }
    : { code: 'invalid_request', faults: read.faults }
}

const toLine = (line: number, cells: readonly string[], { width, toBody }: Header): IncomingLine => {
  const about = {
    line,
    sizeBytes: cells.reduce((sum, cell) => sum + cell.length, 0),
    digest: () => sha256(JSON.stringify(cells)),
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

const toBadLine = (
  line: number,
  { bytes, sizeBytes, code, detail }: Extract<CsvRecord, { outcome: 'malformed' }>,
): IncomingLine => ({
  line,
  sizeBytes: bytes?.length ?? 0,
  digest: () => sha256(bytes ?? `${sizeBytes} bytes`),
  outcome: 'unreadable',
  faults: [{ pointer: '', code, detail }],
})

const sha256 = (content: Buffer | string): string => createHash('sha256').update(content).digest('hex')

const stopFor = (code: string, detail: string): StreamStop => ({
  code: 'invalid_request',
  faults: [{ pointer: '', code, detail }],
})

const noHeader = stopFor('missing', 'must begin with a header that names the columns')
