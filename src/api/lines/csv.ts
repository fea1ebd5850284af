import { createHash } from 'node:crypto'
import { CsvError, parse } from 'csv-parse'
import {
  type IncomingLine,
  type LineGroup,
  longestLineBytes,
  type StreamStop,
} from '../../actions/incoming-line.ts'
import { findHostileValues } from '../json-body.ts'
import { readCsvHeader } from './csv-columns.ts'

/** A table with a header (RFC 4180). The number of a line is that of its record, from 1 after the header. */
export async function* readCsv(source: AsyncIterable<Buffer>): AsyncGenerator<LineGroup> {
  const table = createTable()
  const parser = openParser(table)
  const utf8 = new TextDecoder('utf-8', { fatal: true })
  for await (const chunk of source) {
    // The parser would quietly replace what is not UTF-8.
    const stop = isUtf8(utf8, chunk) ? await parser.write(chunk) : notUtf8
    const group = { lines: table.takeLines(), stop: table.refusal() ?? stop }
    yield group
    if (group.stop !== null) return
  }
  const stop = isUtf8(utf8, null) ? await parser.end() : notUtf8
  yield { lines: table.takeLines(), stop: table.refusal() ?? stop ?? (table.hasHeader() ? null : noHeader) }
}

interface Table {
  add(cells: string[]): void
  takeLines(): IncomingLine[]
  hasHeader(): boolean
  /** What is wrong with the header. */
  refusal(): StreamStop | null
}

const createTable = (): Table => {
  let header: Header | null = null
  let refusal: StreamStop | null = null
  let lines: IncomingLine[] = []
  let line = 0
  return {
    add(cells) {
      if (refusal !== null) return
      if (header !== null) {
        line += 1
        lines.push(toLine(line, cells, header))
        return
      }
      const read = readCsvHeader(cells)
      if (read.ok) header = { width: cells.length, toBody: read.toBody }
      else refusal = { code: 'invalid_request', faults: read.faults }
    },
    takeLines() {
      const taken = lines
      lines = []
      return taken
    },
    hasHeader: () => header !== null,
    refusal: () => refusal,
  }
}

/** Hands every record over as soon as it is whole, so that one that is broken takes none before it away. */
const openParser = (table: Table) => {
  const parser = parse({
    bom: true,
    relax_column_count: true,
    skip_empty_lines: true,
    max_record_size: longestLineBytes,
    on_record: (cells: string[]) => {
      table.add(cells)
      return null
    },
  })
  // Each write answers with its own error, if it has one.
  parser.on('error', () => undefined)
  const answerOf = (begin: (done: (error?: Error | null) => void) => void): Promise<StreamStop | null> =>
    new Promise((resolve, reject) => {
      begin((error) => {
        if (!error) resolve(null)
        else if (error instanceof CsvError) resolve(toStop(error))
        else reject(error)
      })
    })
  return {
    write: (chunk: Buffer) => answerOf((done) => parser.write(chunk, done)),
    end: () => answerOf((done) => parser.end(done)),
  }
}

/** Null for the chunk ends the text. */
const isUtf8 = (decoder: InstanceType<typeof TextDecoder>, chunk: Buffer | null): boolean => {
  try {
    decoder.decode(chunk ?? Buffer.alloc(0), { stream: chunk !== null })
    return true
  } catch (error) {
    if (error instanceof TypeError) return false
    throw error
  }
}

interface Header {
  readonly width: number
  readonly toBody: (cells: string[]) => object
}

const toLine = (line: number, cells: string[], { width, toBody }: Header): IncomingLine => {
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

const notUtf8 = stopFor('not_accepted', 'must be UTF-8')
const noHeader = stopFor('missing', 'must begin with a header that names the columns')

const toStop = (error: CsvError): StreamStop =>
  error.code === 'CSV_MAX_RECORD_SIZE'
    ? stopFor(
        'payload_too_large',
        `must have at most ${longestLineBytes} bytes a record; is a quote not closed?`,
      )
    : stopFor(
        'not_accepted',
        `must be CSV (RFC 4180); it is broken near line ${String(error['lines'] ?? '?')}`,
      )
