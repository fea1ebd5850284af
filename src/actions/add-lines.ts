/** Adds a stream of lines to an open batch, once per `Idempotency-Key` (api.md §0, §4). */
import type { IdempotencyStore } from '../store/idempotency.ts'
import type { LineStreamStore } from '../store/line-streams.ts'
import { fingerprintOf, type IdempotencyGate, type Replay } from './idempotency.ts'
import type { LineGroup } from './incoming-line.ts'
import { type IngestDeps, type IngestResult, type IngestStop, ingestLines } from './ingest-lines.ts'
import type { LineCounts } from './line-counts.ts'
import { closeBatch, type ManageBatchDeps } from './manage-batch.ts'
import { createStreamDigest } from './stream-digest.ts'

export interface AddLinesDeps extends IngestDeps, ManageBatchDeps {
  readonly gate: IdempotencyGate
  readonly idempotency: IdempotencyStore
  readonly lineStreams: LineStreamStore
}

export interface AddLinesInput {
  readonly tenantId: string
  readonly batchId: string
  readonly groups: AsyncIterable<LineGroup>
  readonly streamKey: string | null
  /** Close the batch once every line was read. */
  readonly isLast: boolean
  /** The answer as it is stored under the key. */
  readonly toBody: (counts: LineCounts) => object
}

export type AddLinesOutcome =
  | { readonly outcome: 'taken'; readonly counts: LineCounts }
  /** What was taken stays, and a stream with a key can be sent again. */
  | { readonly outcome: 'stopped'; readonly stop: IngestStop; readonly counts: LineCounts }
  | { readonly outcome: 'not_found' | 'batch_not_open' | 'in_flight' }
  | Replay

const route = 'POST /v1/batches/{id}/lines'
const takenStatus = 200

export const addLines = async (deps: AddLinesDeps, input: AddLinesInput): Promise<AddLinesOutcome> => {
  const { tenantId, streamKey: key } = input
  if (key === null) return addUnkeyed(deps, input)
  const leave = deps.gate.enter(tenantId, { route, key, fingerprint: '' })
  if (leave === null) return { outcome: 'in_flight' }
  try {
    const stored = await deps.idempotency.find({ tenantId, route, key })
    return stored === null ? await addKeyed(deps, input, key) : await compare(deps, input, stored)
  } finally {
    leave()
  }
}

const addUnkeyed = async (deps: AddLinesDeps, input: AddLinesInput): Promise<AddLinesOutcome> => {
  const { tenantId, batchId, groups, isLast } = input
  const batch = await deps.batches.find(tenantId, batchId)
  if (batch?.state !== 'open') return { outcome: batch === null ? 'not_found' : 'batch_not_open' }
  const result = await ingestLines(deps, { batch, groups, stream: null })
  if (result.stop !== null) return stopped(result, result.stop)
  if (isLast) await closeBatch(deps, { tenantId, batchId })
  return { outcome: 'taken', counts: result.counts }
}

/** The answer is stored before the batch is closed: a request that finds it closes the batch, if that is still to do. */
const addKeyed = async (deps: AddLinesDeps, input: AddLinesInput, key: string): Promise<AddLinesOutcome> => {
  const { tenantId, batchId, groups, isLast, toBody } = input
  const batch = await deps.batches.find(tenantId, batchId)
  if (batch?.state !== 'open') return { outcome: batch === null ? 'not_found' : 'batch_not_open' }
  const stream = await deps.lineStreams.open(batchId, key)
  // Another process stores its answer before it forgets the stream: one that is new here may have been answered there.
  const stored = await deps.idempotency.find({ tenantId, route, key })
  if (stored !== null) {
    await deps.lineStreams.close(stream.id)
    return compare(deps, input, stored)
  }
  const result = await ingestLines(deps, { batch, groups, stream })
  if (result.stop !== null) return stopped(result, result.stop)
  await deps.idempotency.reserve({
    tenantId,
    route,
    key,
    fingerprint: nameOf(input, result.digest),
    resourceId: batchId,
    status: takenStatus,
    body: toBody(result.counts),
  })
  await deps.lineStreams.close(stream.id)
  if (isLast) await closeBatch(deps, { tenantId, batchId })
  return { outcome: 'taken', counts: result.counts }
}

/** The stream was read to its end before: it is only read to see whether it is the same. */
const compare = async (
  deps: AddLinesDeps,
  input: AddLinesInput,
  stored: { readonly fingerprint: string; readonly status: number; readonly body: unknown },
): Promise<AddLinesOutcome> => {
  const digest = createStreamDigest()
  for await (const { lines, stop } of input.groups) {
    for (const line of lines) digest.add(line)
    if (stop !== null) return { outcome: 'stopped', stop, counts: nothing }
  }
  if (nameOf(input, digest.value()) !== stored.fingerprint) return { outcome: 'key_reused' }
  if (input.isLast) await closeBatch(deps, input)
  return { outcome: 'replayed', status: stored.status, body: stored.body }
}

/** What the key stands for. */
const nameOf = ({ batchId, isLast }: AddLinesInput, digest: string | null): string =>
  fingerprintOf({ id: batchId, close: isLast, lines: digest })

const stopped = ({ counts }: IngestResult, stop: IngestStop): AddLinesOutcome => ({
  outcome: 'stopped',
  stop,
  counts,
})

const nothing: LineCounts = { accepted: 0, rejected: 0, duplicates: 0, errors: [] }
