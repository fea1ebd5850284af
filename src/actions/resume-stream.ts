/**
 * Goes on in a stream that broke off and is sent again: what was taken of it is compared and passed over, so that a key
 * never stands for two different streams (api.md §0).
 */
import type { StreamMark } from '../store/line-streams.ts'
import type { IncomingLine, LineGroup, StreamStop } from './incoming-line.ts'
import type { StreamDigest } from './stream-digest.ts'

export interface ResumedGroup {
  /** Lines that were not taken before. */
  readonly lines: readonly IncomingLine[]
  readonly stop: StreamStop | ReusedKey | null
}

/** These are not the lines that came under the key before. */
export interface ReusedKey {
  readonly code: 'idempotency_key_reused'
  readonly faults: readonly []
}

const reused: ResumedGroup = { lines: [], stop: { code: 'idempotency_key_reused', faults: [] } }

export async function* resumeStream(
  groups: AsyncIterable<LineGroup>,
  { lines: takenTo, digest: taken }: StreamMark,
  {
    digest,
    onTaken,
  }: {
    readonly digest: StreamDigest
    /** Lines that were taken before. */
    readonly onTaken: (lines: readonly IncomingLine[]) => Promise<void>
  },
): AsyncGenerator<ResumedGroup> {
  let isSame = takenTo === 0
  for await (const { lines, stop } of groups) {
    const before = lines.filter(({ line }) => line <= takenTo)
    for (const line of before) digest.add(line)
    if (before.length > 0) await onTaken(before)
    if (!isSame && before.length < lines.length) {
      isSame = digest.value() === taken
      if (!isSame) return yield reused
    }
    yield { lines: lines.slice(before.length), stop }
    if (stop !== null) return
  }
  if (!isSame && digest.value() !== taken) yield reused
}
