import type { FastifyReply } from 'fastify'
import type { IngestStop } from '../actions/ingest-lines.ts'
import type { LineCounts } from '../actions/line-counts.ts'
import type { BatchRecord } from '../store/batches.ts'
import { noFigures } from '../store/tallies.ts'
import type { ApiDeps } from './deps.ts'
import { lingerAfter } from './linger.ts'
import { sendProblem } from './problem.ts'
import type { ProblemCode } from './problem-catalog.ts'
import { type BatchOut, toBatchOut } from './schemas/batch-out.ts'
import { sendKeptBack } from './send-kept-back.ts'

type Deps = Pick<ApiDeps, 'tallies' | 'clock' | 'settings'>

/** Batches with their figures, as they are shown. */
export const showBatches = async (deps: Deps, batches: readonly BatchRecord[]): Promise<BatchOut[]> => {
  const figures = await deps.tallies.readBatches(batches.map(({ id }) => id))
  const view = { publicUrl: deps.settings.publicUrl, nowMs: deps.clock.nowMs() }
  return batches.map((batch) => toBatchOut(batch, figures.get(batch.id) ?? noFigures, view))
}

export const showBatch = async (deps: Deps, batch: BatchRecord): Promise<BatchOut> => {
  const figures = await deps.tallies.readBatches([batch.id])
  const view = { publicUrl: deps.settings.publicUrl, nowMs: deps.clock.nowMs() }
  return toBatchOut(batch, figures.get(batch.id) ?? noFigures, view)
}

/** How long a client that polls should leave between two looks. */
const pollS = 5

/** 202 while something goes on by itself, else 200 (api.md §0). */
export const sendBatch = async (
  deps: Deps,
  reply: FastifyReply,
  batch: BatchRecord,
): Promise<FastifyReply> => {
  const body = await showBatch(deps, batch)
  const isBusy = batch.state === 'running' || batch.state === 'canceling'
  if (isBusy) reply.header('retry-after', String(pollS))
  return reply.code(isBusy ? 202 : 200).send(body)
}

/** Answers a stream of lines that was not read to its end. What was taken of it stays. */
export const sendStop = (
  reply: FastifyReply,
  stop: IngestStop,
  { counts }: { readonly counts: LineCounts },
): FastifyReply => {
  lingerAfter(reply)
  if (stop.code === 'idempotency_key_reused') return sendKeptBack(reply, 'key_reused')
  if (stop.code === 'idempotency_in_flight') return sendKeptBack(reply, 'in_flight')
  const code: ProblemCode = stop.code === 'broken' ? 'invalid_request' : stop.code
  const why = stop.faults.map(({ detail }) => detail).join('; ')
  const detail = `${why === '' ? '' : `The lines ${why}. `}${whatStays(counts)}`
  return sendProblem(reply, code, { detail, errors: stop.faults })
}

const whatStays = ({ accepted, rejected, duplicates }: LineCounts): string =>
  accepted + rejected + duplicates === 0
    ? 'No line of this request was taken.'
    : `The first ${accepted + rejected + duplicates} lines were read and stay: ${accepted} accepted, ${rejected} rejected, ${duplicates} there already.`
