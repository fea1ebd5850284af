export interface StreamLimits {
  readonly maxLineBytes: number
  readonly maxEventBytes: number
  /** Also of empty lines `data:`, which carry no bytes into an event. */
  readonly maxEventLines: number
}

export const streamLimits: StreamLimits = {
  maxLineBytes: 1024 * 1024,
  maxEventBytes: 4 * 1024 * 1024,
  maxEventLines: 10_000,
}

const lineFeed = 0x0a
const carriageReturn = 0x0d

/**
 * Counts the lines of an event stream before they are parsed, so that no line and no event can fill the memory
 * (guarantees.md §2.3). The returned function throws when a limit is passed; an event ends with an empty line.
 */
export const createStreamGuard = (limits: StreamLimits): ((chunk: Uint8Array) => void) => {
  let lineBytes = 0
  let eventBytes = 0
  let eventLines = 0
  let wasCarriageReturn = false

  const endLine = (): void => {
    if (lineBytes === 0) {
      eventBytes = 0
      eventLines = 0
    } else {
      eventLines += 1
    }
    lineBytes = 0
    if (eventLines > limits.maxEventLines) throw overflow('an event', `${limits.maxEventLines} lines`)
  }

  return (chunk) => {
    for (let index = 0; index < chunk.length; index += 1) {
      const byte = chunk[index]
      const isSecondHalf = wasCarriageReturn && byte === lineFeed
      wasCarriageReturn = byte === carriageReturn
      if (isSecondHalf) continue
      if (byte === lineFeed || byte === carriageReturn) {
        endLine()
        continue
      }
      lineBytes += 1
      eventBytes += 1
      if (lineBytes > limits.maxLineBytes) throw overflow('a line', `${limits.maxLineBytes} bytes`)
      if (eventBytes > limits.maxEventBytes) throw overflow('an event', `${limits.maxEventBytes} bytes`)
    }
  }
}

const overflow = (what: string, limit: string): Error => new Error(`${what} of the stream is over ${limit}`)
