/** Takes a stream of lines into a batch: a few hundred at a time, the next ones judged while the last are written. */
import type { Clock } from '../clock.ts'
import type { Sealer } from '../crypto/seal.ts'
import { createIdSequence } from '../job/ids.ts'
import type { BatchLineStore, GoodLine, RejectedLine } from '../store/batch-lines.ts'
import type { BatchRecord } from '../store/batches.ts'
import { openDefaults } from './batch-defaults.ts'
import type { CheckJobDeps } from './check-job.ts'
import { type CheckedLine, createLineCheck } from './check-lines.ts'
import { toNewJob } from './create-job.ts'
import type { Fault } from './fault.ts'
import type { IncomingLine, LineGroup, StreamStop } from './incoming-line.ts'
import { takeLines } from './take-lines.ts'

export interface IngestDeps extends CheckJobDeps {
  readonly batchLines: BatchLineStore
  readonly sealer: Sealer
  readonly clock: Clock
}

export interface IngestInput {
  readonly batch: BatchRecord
  readonly groups: AsyncIterable<LineGroup>
  /** The idempotency key of the stream: with it, lines without a `custom_id` are known by their numbers. */
  readonly streamKey: string | null
}

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

export type IngestStop =
  | StreamStop
  /** The batch was closed meanwhile, or has as many lines as it may have. */
  | { readonly code: 'batch_not_open' | 'batch_full'; readonly faults: readonly Fault[] }

export interface IngestResult {
  readonly counts: LineCounts
  /** Why the stream was not read to its end; null when it was. */
  readonly stop: IngestStop | null
}

const mostLines = 500
const mostBytes = 2 * 1_048_576
const mostErrors = 100

export const ingestLines = async (deps: IngestDeps, input: IngestInput): Promise<IngestResult> => {
  const counts: LineCounts = { accepted: 0, rejected: 0, duplicates: 0, errors: [] }
  const prepare = createPreparation(deps, input)
  let writing: Promise<() => IngestStop | null> = Promise.resolve(() => null)
  let end: IngestStop | null = null
  const defaultsBytes = Buffer.byteLength(JSON.stringify(input.batch.defaults))
  for await (const chunk of chunksOf(input.groups, defaultsBytes)) {
    const lines = await prepare(chunk.lines)
    end = (await writing)()
    if (end !== null) break
    writing = settled(take(deps, input.batch, lines, counts))
    end = chunk.stop
  }
  const last = (await writing)()
  return { counts, stop: last ?? end }
}

/** Lines as they are written. */
export interface PreparedLines {
  readonly good: readonly GoodLine[]
  readonly bad: readonly RejectedLine[]
}

const createPreparation = (
  deps: IngestDeps,
  { batch, streamKey }: IngestInput,
): ((lines: readonly IncomingLine[]) => Promise<PreparedLines>) => {
  const { tenantId } = batch
  const check = createLineCheck(deps, { tenantId, defaults: openDefaults(deps.sealer, batch) })
  const nextId = createIdSequence('job', deps.clock.nowMs)
  const keyOf = ({ line, customId }: CheckedLine): string | null => {
    if (customId !== null) return `=${customId}`
    return streamKey === null ? null : `#${line}@${streamKey}`
  }
  return async (lines) => {
    const good: GoodLine[] = []
    const bad: RejectedLine[] = []
    for (const checked of await check(lines)) {
      const lineKey = keyOf(checked)
      if (checked.outcome === 'refused') bad.push({ ...checked, lineKey })
      else {
        const { line, customId } = checked
        good.push({ line, customId, lineKey, job: toNewJob(deps, tenantId, checked, nextId()) })
      }
    }
    return { good, bad }
  }
}

const take = async (
  { batchLines }: IngestDeps,
  batch: BatchRecord,
  lines: PreparedLines,
  counts: LineCounts,
): Promise<IngestStop | null> => {
  const taken = await takeLines(batchLines, batch, lines)
  counts.accepted += taken.accepted
  counts.duplicates += taken.duplicates
  counts.rejected += taken.rejected.length
  const room = mostErrors - counts.errors.length
  counts.errors.push(
    ...taken.rejected
      .slice(0, room)
      .map(({ line, customId, isMalformed, faults }) => ({ line, customId, isMalformed, faults })),
  )
  return taken.stop === null ? null : { code: taken.stop, faults: [] }
}

/** A promise that never rejects: its value answers, or throws. It may be awaited late. */
const settled = <Value>(promise: Promise<Value>): Promise<() => Value> =>
  promise.then(
    (value) => () => value,
    (error: unknown) => () => {
      throw error
    },
  )

interface Chunk {
  readonly lines: readonly IncomingLine[]
  readonly stop: StreamStop | null
}

/** Every line carries the defaults along once it is merged with them. */
async function* chunksOf(groups: AsyncIterable<LineGroup>, defaultsBytes: number): AsyncGenerator<Chunk> {
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
