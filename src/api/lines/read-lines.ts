/** The lines of a body, whichever way they come: NDJSON, a JSON array, or CSV (api.md §4). Never more than a few at once. */
import type { LineGroup, LineReader, StreamStop } from '../../actions/incoming-line.ts'
import { createCsvReader } from './csv.ts'
import { createJsonArrayReader } from './json-array.ts'
import { createNdjsonReader } from './ndjson.ts'

export const lineFormats = ['application/x-ndjson', 'text/csv', 'application/json'] as const
export type LineFormat = (typeof lineFormats)[number]

const readers: Readonly<Record<LineFormat, () => LineReader>> = {
  'application/x-ndjson': createNdjsonReader,
  'text/csv': createCsvReader,
  'application/json': createJsonArrayReader,
}

const aliases: Readonly<Record<string, LineFormat>> = {
  'application/ndjson': 'application/x-ndjson',
  'application/jsonl': 'application/x-ndjson',
}

/** Every `Content-Type` that means one of the formats. */
export const lineContentTypes = (formats: readonly LineFormat[]): readonly string[] => [
  ...formats,
  ...Object.keys(aliases).filter((name) => formats.some((format) => format === aliases[name])),
]

/** The format that a `Content-Type` names, or null for one that holds no lines. */
export const lineFormatOf = (contentType: string | undefined): LineFormat | null => {
  const name = (contentType ?? '').split(';')[0]?.trim().toLowerCase() ?? ''
  return lineFormats.find((format) => format === name) ?? aliases[name] ?? null
}

class TooManyBytes extends Error {
  override readonly name = 'TooManyBytes'
}

export async function* readLines(
  source: AsyncIterable<Buffer>,
  format: LineFormat,
  maxBytes: number,
): AsyncGenerator<LineGroup> {
  const counted = upTo(source, maxBytes)
  try {
    yield* readWith(readers[format](), counted)
  } catch (error) {
    if (error instanceof TooManyBytes) yield { lines: [], stop: tooManyBytes(maxBytes) }
    else if (isBrokenOff(error)) yield { lines: [], stop: { code: 'broken', faults: [] } }
    else throw error
  }
}

/** What Node says of a request whose connection was lost before its end. */
const isBrokenOff = (error: unknown): boolean =>
  error instanceof Error &&
  'code' in error &&
  (error.code === 'ECONNRESET' || error.code === 'ERR_STREAM_PREMATURE_CLOSE')

async function* readWith(reader: LineReader, source: AsyncIterable<Buffer>): AsyncGenerator<LineGroup> {
  for await (const chunk of withoutByteOrderMark(source)) {
    const group = reader.push(chunk)
    yield group
    if (group.stop !== null) return
  }
  yield reader.end()
}

async function* upTo(source: AsyncIterable<Buffer>, maxBytes: number): AsyncGenerator<Buffer> {
  let sizeBytes = 0
  for await (const chunk of source) {
    sizeBytes += chunk.length
    if (sizeBytes > maxBytes) throw new TooManyBytes(`more than ${maxBytes} bytes`)
    yield chunk
  }
}

const byteOrderMark = Buffer.from([0xef, 0xbb, 0xbf])

async function* withoutByteOrderMark(source: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  let head: Buffer | null = Buffer.alloc(0)
  for await (const chunk of source) {
    if (head === null) {
      yield chunk
      continue
    }
    head = head.length === 0 ? chunk : Buffer.concat([head, chunk])
    if (head.length < byteOrderMark.length) continue
    const isMarked = head.subarray(0, byteOrderMark.length).equals(byteOrderMark)
    yield isMarked ? head.subarray(byteOrderMark.length) : head
    head = null
  }
  if (head !== null && head.length > 0) yield head
}

const tooManyBytes = (maxBytes: number): StreamStop => ({
  code: 'payload_too_large',
  faults: [
    {
      pointer: '',
      code: 'payload_too_large',
      detail: `must have at most ${maxBytes} bytes; send the rest by itself`,
    },
  ],
})
