import type { IncomingLine, LineReader } from '../../actions/incoming-line.ts'
import { createLineParts } from './line-of-bytes.ts'

const lineFeed = 0x0a

/** One JSON value a line. Blank lines are skipped, but have their number. */
export const createNdjsonReader = (): LineReader => {
  const parts = createLineParts()
  let line = 1

  const take = (lines: IncomingLine[]): void => {
    const taken = parts.take(line)
    if (taken !== null) lines.push(taken)
    line += 1
  }

  return {
    push(chunk) {
      const lines: IncomingLine[] = []
      let start = 0
      for (;;) {
        const end = chunk.indexOf(lineFeed, start)
        parts.add(chunk.subarray(start, end === -1 ? chunk.length : end))
        if (end === -1) return { lines, stop: null }
        take(lines)
        start = end + 1
      }
    },
    end() {
      const lines: IncomingLine[] = []
      if (parts.sizeBytes > 0) take(lines)
      return { lines, stop: null }
    },
  }
}
