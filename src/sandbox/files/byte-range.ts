import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'

/** Both ends are included, as in HTTP. */
export interface ByteRange {
  readonly start: number
  readonly end: number
}

/** Reads a `Range` header with one range; null means the whole file, also for a header that is not understood. */
export const readRange = (
  header: string | undefined,
  sizeBytes: number,
): ByteRange | 'unsatisfiable' | null => {
  const match = /^bytes=(\d{0,15})-(\d{0,15})$/.exec(header ?? '')
  if (match === null) return null
  const [, first = '', last = ''] = match
  if (first === '' && last === '') return null
  if (first === '') {
    const length = Math.min(Number(last), sizeBytes)
    return length === 0 ? 'unsatisfiable' : { start: sizeBytes - length, end: sizeBytes - 1 }
  }
  const start = Number(first)
  const end = last === '' ? sizeBytes - 1 : Math.min(Number(last), sizeBytes - 1)
  return start >= sizeBytes || end < start ? 'unsatisfiable' : { start, end }
}

export const lengthOfRange = ({ start, end }: ByteRange): number => end - start + 1

/** The SHA-256 of a part of a file, as hex. */
export const hashRange = async (path: string, range: ByteRange): Promise<string> => {
  const hash = createHash('sha256')
  for await (const chunk of createReadStream(path, { ...range })) hash.update(chunk as Buffer)
  return hash.digest('hex')
}
