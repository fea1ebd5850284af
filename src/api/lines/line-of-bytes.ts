import { createHash } from 'node:crypto'
import { type IncomingLine, longestLineBytes } from '../../actions/incoming-line.ts'
import { readJson } from '../json-body.ts'
import { createKeptBytes } from './kept-bytes.ts'

/** The parts of one line as they come. Of one that is too long, only its length is kept. */
export interface LineParts {
  add(part: Buffer): void
  /** Gives the line away and begins the next one; null for one that is blank. */
  take(line: number): IncomingLine | null
  readonly sizeBytes: number
}

export const createLineParts = (): LineParts => {
  const kept = createKeptBytes(longestLineBytes)
  return {
    get sizeBytes() {
      return kept.sizeBytes
    },
    add: kept.add,
    take(line) {
      const { sizeBytes } = kept
      const bytes = kept.take()
      return bytes === null ? tooLong(line, sizeBytes) : lineOf(line, bytes)
    },
  }
}

const lineOf = (line: number, bytes: Buffer): IncomingLine | null => {
  if (isBlank(bytes)) return null
  const digest = () => sha256(bytes)
  const reading = readJson(bytes)
  return reading.outcome === 'read'
    ? { line, sizeBytes: bytes.length, digest, outcome: 'read', body: reading.value }
    : { line, sizeBytes: bytes.length, digest, outcome: 'unreadable', faults: reading.faults }
}

const tooLong = (line: number, sizeBytes: number): IncomingLine => ({
  line,
  sizeBytes: 0,
  digest: () => sha256(Buffer.from(`${sizeBytes} bytes`)),
  outcome: 'unreadable',
  faults: [{ pointer: '', code: 'payload_too_large', detail: `must have at most ${longestLineBytes} bytes` }],
})

const sha256 = (bytes: Buffer): string => createHash('sha256').update(bytes).digest('hex')

/** Space, tab, line feed, carriage return: what JSON takes for nothing. */
export const isBlankByte = (byte: number): boolean =>
  byte === 0x20 || byte === 0x09 || byte === 0x0a || byte === 0x0d

const isBlank = (bytes: Buffer): boolean => {
  for (const byte of bytes) if (!isBlankByte(byte)) return false
  return true
}
