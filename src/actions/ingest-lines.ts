/** Takes a stream of lines into a batch: a few hundred at a time, the next ones judged while the last are written. */
import type { BatchLineStore } from '../store/batch-lines.ts'
import type { BatchRecord } from '../store/batches.ts'
import type { LineStream, StreamMark } from '../store/line-streams.ts'
import type { CancelJobDeps } from './cancel-job.ts'
import type { Fault } from './fault.ts'
import type { IncomingLine, LineGroup, StreamStop } from './incoming-line.ts'
import { countRejected, type LineCounts } from './line-counts.ts'
import { createPreparation, type Prepare, type PrepareLinesDeps } from './prepare-lines.ts'
import { type ResumedGroup, type ReusedKey, resumeStream } from './resume-stream.ts'
import { settleConflicts } from './settle-conflicts.ts'
import { createStreamDigest, type StreamDigest } from './stream-digest.ts'
import { type Lines, takeLines } from './take-lines.ts'

export interface IngestDeps extends PrepareLinesDeps, CancelJobDeps {
  readonly batchLines: BatchLineStore
}

export interface IngestInput {
  readonly batch: BatchRecord
  readonly groups: AsyncIterable<LineGroup>
  /** Where the stream has an idempotency key: with it, lines without a `custom_id` are known by their numbers. */
  readonly stream: LineStream | null
}

export type IngestStop =
  | StreamStop
  | ReusedKey
  /**
   * The batch was closed meanwhile, or has as many lines as it may have; or another process reads the same stream.
   */
  | {
      readonly code: 'batch_not_open' | 'batch_full' | 'idempotency_in_flight'
      readonly faults: readonly Fault[]
    }

export interface IngestResult {
  readonly counts: LineCounts
  /** Why the stream was not read to its end; null when it was. */
  readonly stop: IngestStop | null
  /** Of the lines that were read, those of earlier requests included; null where the stream has no key. */
  readonly digest: string | null
}

const mostLines = 500
const mostBytes = 2 * 1_048_576

export const ingestLines = async (deps: IngestDeps, input: IngestInput): Promise<IngestResult> => {
  const { batch, stream } = input
  const counts: LineCounts = { accepted: 0, rejected: 0, duplicates: 0, errors: [] }
  const prepare = createPreparation(deps, batch, stream)
  const digest = stream === null ? null : createStreamDigest()
  let mark = stream?.mark ?? null
  let writing: Promise<() => IngestStop | null> = Promise.resolve(() => null)
  let end: IngestStop | null = null
  const defaultsBytes = Buffer.byteLength(JSON.stringify(batch.defaults))
  for await (const chunk of chunksOf(resumed(deps, input, digest, counts), defaultsBytes)) {
    const lines = await prepare(chunk.lines)
    end = (await writing)()
    if (end !== null) break
    const next = digest === null ? null : markAfter(chunk.lines, digest, mark)
    const progress =
      stream === null || mark === null || next === null ? null : { streamId: stream.id, from: mark, to: next }
    mark = next
    writing = settled(take(deps, batch, { chunk: chunk.lines, prepare, counts }, { ...lines, progress }))
    end = chunk.stop
  }
  const last = (await writing)()
  return { counts, stop: last ?? end, digest: digest?.value() ?? null }
}

/** Lines that came in an earlier request of the stream are there already, or are bad once more. */
const resumed = (
  { batchLines }: IngestDeps,
  { batch, groups, stream }: IngestInput,
  digest: StreamDigest | null,
  counts: LineCounts,
): AsyncIterable<ResumedGroup> => {
  if (stream === null || digest === null) return groups
  const onTaken = async (lines: readonly IncomingLine[]): Promise<void> => {
    const names = lines.map(({ line, digest: digestOf }) => ({ line, digest: digestOf() }))
    const rejected = await batchLines.findRejected(batch.id, names)
    counts.duplicates += lines.length - rejected.length
    countRejected(counts, rejected)
  }
  return resumeStream(groups, stream.mark, { digest, onTaken })
}

const markAfter = (
  lines: readonly IncomingLine[],
  digest: StreamDigest,
  before: StreamMark | null,
): StreamMark => {
  for (const line of lines) digest.add(line)
  return { lines: lines.at(-1)?.line ?? before?.lines ?? 0, digest: digest.value() }
}

const take = async (
  deps: IngestDeps,
  batch: BatchRecord,
  about: { readonly chunk: readonly IncomingLine[]; readonly prepare: Prepare; readonly counts: LineCounts },
  lines: Lines,
): Promise<IngestStop | null> => {
  const { chunk, prepare, counts } = about
  const taken = await takeLines(deps.batchLines, batch, lines)
  counts.accepted += taken.accepted
  counts.duplicates += taken.duplicates
  countRejected(counts, taken.rejected)
  if (taken.stop !== null) return { code: taken.stop, faults: [] }
  if (taken.stale.size + taken.conflicts.size === 0) return null
  const again = await prepare(chunk.filter(({ line }) => taken.stale.has(line)))
  const rivals = await settleConflicts(deps, { batch, chunk, good: lines.good }, taken.conflicts)
  counts.duplicates += rivals.duplicates
  const good = [...again.good, ...rivals.good]
  const bad = [...again.bad, ...rivals.bad]
  return take(deps, batch, about, { good, bad, progress: lines.progress })
}

/** A promise that never rejects: its value answers, or throws. It may be awaited late. */
const settled = <Value>(promise: Promise<Value>): Promise<() => Value> =>
  promise.then(
    (value) => () => value,
    (error: unknown) => () => {
      throw error
    },
  )

type Chunk = ResumedGroup

/** Every line carries the defaults along once it is merged with them. */
async function* chunksOf(groups: AsyncIterable<ResumedGroup>, defaultsBytes: number): AsyncGenerator<Chunk> {
  let lines: IncomingLine[] = []
  let sizeBytes = 0
  for await (const group of groups) {
    for (const line of group.lines) {
      lines.push(line)
      sizeBytes += line.sizeBytes + defaultsBytes
      if (lines.length < mostLines && sizeBytes < mostBytes) continue
      yield { lines, stop: null }
      lines = []
      sizeBytes = 0
    }
    if (group.stop !== null) return yield { lines, stop: group.stop }
  }
  if (lines.length > 0) yield { lines, stop: null }
}
