import { createHash } from 'node:crypto'
import type { IncomingLine } from './incoming-line.ts'

/** Tells streams of lines apart, however they are cut into pieces: a digest of each line with its number. */
export interface StreamDigest {
  add(line: IncomingLine): void
  /** Of all lines so far, in hex. */
  value(): string
}

export const createStreamDigest = (): StreamDigest => {
  const hash = createHash('sha256')
  return {
    add: ({ line, digest }) => void hash.update(`${line}:${digest()}\n`),
    value: () => hash.copy().digest('hex'),
  }
}
