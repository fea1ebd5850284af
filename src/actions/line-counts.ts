import type { Fault } from './fault.ts'

/** What came of the lines of one stream. */
export interface LineCounts {
  accepted: number
  rejected: number
  /** Were there already. */
  duplicates: number
  /** The first bad lines. */
  readonly errors: LineError[]
}

export interface LineError {
  readonly line: number
  readonly customId: string | null
  readonly isMalformed: boolean
  readonly faults: readonly Fault[]
}

const mostErrors = 100

export const countRejected = (counts: LineCounts, rejected: readonly LineError[]): void => {
  counts.rejected += rejected.length
  const room = mostErrors - counts.errors.length
  counts.errors.push(
    ...rejected
      .slice(0, room)
      .map(({ line, customId, isMalformed, faults }) => ({ line, customId, isMalformed, faults })),
  )
}
