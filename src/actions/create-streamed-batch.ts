/** Makes a batch from its lines alone, and closes it when they were all read (api.md §4 "one-shot"). */
import { newId } from '../job/ids.ts'
import type { BatchRecord, NewBatch } from '../store/batches.ts'
import type { IdempotencyStore } from '../store/idempotency.ts'
import type { LineStreamStore } from '../store/line-streams.ts'
import type { BatchQuery } from './batch-in.ts'
import { toOpenRecord } from './create-batch.ts'
import { findStreamedBatch } from './find-streamed-batch.ts'
import type { IdempotencyGate } from './idempotency.ts'
import type { LineGroup, StreamStop } from './incoming-line.ts'
import { type IngestDeps, type IngestResult, type IngestStop, ingestLines } from './ingest-lines.ts'
import { closeBatch, type ManageBatchDeps } from './manage-batch.ts'
import { createStreamDigest } from './stream-digest.ts'

export interface StreamedBatchDeps extends IngestDeps, ManageBatchDeps {
  readonly gate: IdempotencyGate
  /** Of the batches that were made without lines, under keys of the same route. */
  readonly idempotency: Pick<IdempotencyStore, 'find'>
  readonly lineStreams: LineStreamStore
}

export interface StreamedBatchInput {
  readonly tenantId: string
  readonly query: BatchQuery
  readonly groups: AsyncIterable<LineGroup>
  readonly streamKey: string | null
}

export type StreamedBatchOutcome =
  /** `isReplay`: the very same stream had made it before. */
  | {
      readonly outcome: 'created'
      readonly batch: BatchRecord
      readonly result: IngestResult
      readonly isReplay: boolean
    }
  /** What was taken stays, and the batch stays open. */
  | {
      readonly outcome: 'stopped'
      readonly batch: BatchRecord
      readonly stop: IngestStop
      readonly result: IngestResult
    }
  /** There was no line, or it is unknown whether they are the ones of before; nothing of them is kept. */
  | { readonly outcome: 'unreadable'; readonly stop: StreamStop }
  | { readonly outcome: 'in_flight' | 'key_reused' }

const route = 'POST /v1/batches'
const maxRounds = 3

export const createStreamedBatch = async (
  deps: StreamedBatchDeps,
  input: StreamedBatchInput,
): Promise<StreamedBatchOutcome> => {
  const { tenantId, streamKey } = input
  if (streamKey === null) return readInto(deps, input, () => createOrFind(deps, input))
  const leave = deps.gate.enter(tenantId, { route, key: streamKey, fingerprint: '' })
  if (leave === null) return { outcome: 'in_flight' }
  try {
    const isOfAnother = (await deps.idempotency.find({ tenantId, route, key: streamKey })) !== null
    if (isOfAnother) return { outcome: 'key_reused' }
    const earlier = await findStreamedBatch(deps, tenantId, streamKey)
    return earlier === null || earlier.state === 'open'
      ? await readInto(deps, input, () => createOrFind(deps, input))
      : await compare(deps, input, earlier)
  } finally {
    leave()
  }
}

const readInto = async (
  deps: StreamedBatchDeps,
  input: StreamedBatchInput,
  openBatch: () => Promise<BatchRecord>,
): Promise<StreamedBatchOutcome> => {
  const groups = input.groups[Symbol.asyncIterator]()
  const first = await firstLines(groups)
  if (first.lines.length === 0) return { outcome: 'unreadable', stop: first.stop ?? noLines }
  const batch = await openBatch()
  // Another process has read the same stream to its end since we looked.
  if (batch.state !== 'open') return compare(deps, { ...input, groups: after(first, groups) }, batch)
  const { streamKey } = input
  const stream = streamKey === null ? null : await deps.lineStreams.open(batch.id, streamKey)
  const result = await ingestLines(deps, { batch, groups: after(first, groups), stream })
  if (result.stop !== null) return { outcome: 'stopped', batch, stop: result.stop, result }
  const closed = await closeBatch(deps, { tenantId: batch.tenantId, batchId: batch.id }, result.digest)
  if (stream !== null) await deps.lineStreams.close(stream.id)
  return {
    outcome: 'created',
    batch: closed.outcome === 'closed' ? closed.batch : batch,
    result,
    isReplay: false,
  }
}

/** The batch is closed already: the stream is only read to see whether it is the same. */
const compare = async (
  { batches }: StreamedBatchDeps,
  { groups, tenantId }: StreamedBatchInput,
  earlier: BatchRecord,
): Promise<StreamedBatchOutcome> => {
  const digest = createStreamDigest()
  let count = 0
  for await (const { lines, stop } of groups) {
    for (const line of lines) digest.add(line)
    if (stop !== null) return { outcome: 'unreadable', stop }
    count += lines.length
  }
  if (digest.value() !== earlier.streamSha256) return { outcome: 'key_reused' }
  const batch = (await batches.find(tenantId, earlier.id)) ?? earlier
  const counts = { accepted: 0, rejected: 0, duplicates: count, errors: [] }
  const result = { counts, stop: null, digest: earlier.streamSha256 }
  return { outcome: 'created', batch, result, isReplay: true }
}

const noLines: StreamStop = {
  code: 'invalid_request',
  faults: [{ pointer: '', code: 'missing', detail: 'must hold at least one line' }],
}

const firstLines = async (groups: AsyncIterator<LineGroup>): Promise<LineGroup> => {
  for (;;) {
    const next = await groups.next()
    if (next.done === true) return { lines: [], stop: null }
    if (next.value.lines.length > 0 || next.value.stop !== null) return next.value
  }
}

async function* after(first: LineGroup, rest: AsyncIterator<LineGroup>): AsyncGenerator<LineGroup> {
  yield first
  if (first.stop === null) yield* { [Symbol.asyncIterator]: () => rest }
}

/** Two processes may read the same stream at once; they fill the same batch. */
const createOrFind = async (
  deps: StreamedBatchDeps,
  { tenantId, query, streamKey }: StreamedBatchInput,
): Promise<BatchRecord> => {
  for (let round = 0; round < maxRounds; round += 1) {
    const earlier = streamKey === null ? null : await findStreamedBatch(deps, tenantId, streamKey)
    if (earlier !== null) return earlier
    const batch = toNewBatch(deps, tenantId, query, streamKey)
    if (await deps.batches.insert(batch, null)) return toOpenRecord(batch)
  }
  throw new Error('the key of a stream was taken again and again')
}

const toNewBatch = (
  { clock }: StreamedBatchDeps,
  tenantId: string,
  { name, max_credits, all_or_nothing }: BatchQuery,
  streamKey: string | null,
): NewBatch => ({
  id: newId('batch', clock.nowMs()),
  tenantId,
  name: name ?? null,
  defaults: {},
  callback: null,
  maxCredits: max_credits ?? null,
  isAllOrNothing: all_or_nothing,
  metadata: {},
  streamKey,
  createdAt: new Date(clock.nowMs()),
})
