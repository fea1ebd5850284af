import type { Fault } from './fault.ts'

/** One line of a batch as it came in: what it says, or why that cannot be read. */
export type IncomingLine = {
  /** From 1, in the stream that brought it. */
  readonly line: number
  readonly sizeBytes: number
  /** The SHA-256 of its bytes: a bad line that is sent again is the same one. */
  readonly digest: () => string
} & (
  | { readonly outcome: 'read'; readonly body: unknown }
  | { readonly outcome: 'unreadable'; readonly faults: readonly Fault[] }
)

/** What came of a stream in one go. After a `stop` nothing more of it can be read. */
export interface LineGroup {
  readonly lines: readonly IncomingLine[]
  readonly stop: StreamStop | null
}

/** Why a stream was not read to its end. */
export interface StreamStop {
  /** `broken`: the client was gone before its end. */
  readonly code: 'invalid_request' | 'payload_too_large' | 'broken'
  readonly faults: readonly Fault[]
}

/** Takes a stream apart piece by piece, and holds no more of it than one line. */
export interface LineReader {
  push(chunk: Buffer): LineGroup
  end(): LineGroup
}

export const longestLineBytes = 1_048_576
export const longestStreamBytes = 2 * 1_024 ** 3
