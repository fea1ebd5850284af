import { createHash } from 'node:crypto'
import { type IncomingLine, longestLineBytes } from '../../actions/incoming-line.ts'
import { readJson } from '../json-body.ts'

/** The parts of one line as they come. Of one that is too long, only its length is kept. */
export interface LineParts {
  add(part: Buffer): void
  /** Gives the line away and begins the next one; null for one that is blank. */
  take(line: number): IncomingLine | null
  readonly sizeBytes: number
}

export const createLineParts = (): LineParts => {
  let parts: Buffer[] = []
  let sizeBytes = 0
  return {
    get sizeBytes() {
      return sizeBytes
    },
    add(part) {
      sizeBytes += part.length
      if (sizeBytes <= longestLineBytes) parts.push(part)
      else parts = []
    },
    take(line) {
      const isTooLong = sizeBytes > longestLineBytes
      const bytes = parts.length === 1 ? (parts[0] ?? Buffer.alloc(0)) : Buffer.concat(parts)
      const taken = isTooLong ? tooLong(line, sizeBytes) : lineOf(line, bytes)
      parts = []
      sizeBytes = 0
      return taken
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
