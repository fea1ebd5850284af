/** Batches as their tenant sees them: made, read, closed, canceled, run again (api.md §4). */
import type { Batch, PrismaClient } from './generated/client.ts'
import type { StoredCallback } from './job-row.ts'
import { type KeyedAnswer, writeKeyed } from './keyed-write.ts'
import { type ListPage, newestFirst, olderThan } from './list-order.ts'

export const batchStates = [
  'open',
  'running',
  'canceling',
  'completed',
  'completed_with_errors',
  'failed',
  'canceled',
] as const
export type BatchState = (typeof batchStates)[number]

export const endedBatchStates: readonly BatchState[] = [
  'completed',
  'completed_with_errors',
  'failed',
  'canceled',
]

export interface NewBatch {
  readonly id: string
  readonly tenantId: string
  readonly name: string | null
  /** Merged under every line; the secret of its callback is sealed. */
  readonly defaults: Readonly<Record<string, unknown>>
  readonly callback: StoredCallback | null
  readonly maxCredits: number | null
  readonly isAllOrNothing: boolean
  readonly metadata: Readonly<Record<string, string>>
  /** The idempotency key of the stream that makes it. */
  readonly streamKey: string | null
  readonly createdAt: Date
}

export interface BatchRecord extends NewBatch {
  readonly state: BatchState
  readonly accepted: number
  readonly rejected: number
  readonly released: number
  readonly creditsEstimated: number
  /** How it ends, whatever becomes of its jobs. */
  readonly ending: 'canceled' | 'failed' | null
  readonly redrive: BatchRedrive | null
  readonly seq: number
  readonly streamSha256: string | null
  readonly closedAt: Date | null
  readonly finishedAt: Date | null
}

/** The last redrive of a batch, as it is stored. */
export interface BatchRedrive {
  /** Null: whatever they failed with. */
  readonly failure_codes: readonly string[] | null
  readonly accept_cost: boolean
  /** By the clock of the database: only jobs that had failed by then are looked at. */
  readonly requested_at: string
  /** The last job that it has looked at. */
  readonly redriven_to: string
  readonly redriven: number
  readonly skipped: number
  readonly is_done: boolean
}

export interface BatchStore {
  /** `false` when the idempotency key, or the key of the stream, is taken. */
  insert(batch: NewBatch, answer: KeyedAnswer | null): Promise<boolean>
  find(tenantId: string, batchId: string): Promise<BatchRecord | null>
  /** The batch that a stream of that key has made since then. Older ones give the key back. */
  findByStream(tenantId: string, streamKey: string, since: Date): Promise<BatchRecord | null>
  list(
    tenantId: string,
    filter: { readonly states?: readonly BatchState[] },
    page: ListPage,
  ): Promise<BatchRecord[]>
  /** Takes no more lines and lets go of those it has. Nothing about one that is closed already. */
  close(batchId: string, streamSha256: string | null): Promise<void>
  /** Nothing about one that has ended or is being canceled. */
  cancel(batchId: string): Promise<void>
  /** False when it is not in a state to be run again. */
  requestRedrive(batchId: string, redrive: Omit<BatchRedrive, 'requested_at'>): Promise<boolean>
  /** Has a job of it failed, with one of these codes? */
  hasFailed(batchId: string, failureCodes: readonly string[] | null): Promise<boolean>
}

const toBatchRecord = (row: Batch): BatchRecord => ({
  id: row.id,
  tenantId: row.tenantId,
  name: row.name,
  state: row.state as BatchState,
  defaults: row.defaults as BatchRecord['defaults'],
  callback: row.callback as StoredCallback | null,
  maxCredits: row.maxCredits,
  isAllOrNothing: row.allOrNothing,
  metadata: row.metadata as BatchRecord['metadata'],
  accepted: row.accepted,
  rejected: row.rejected,
  released: row.released,
  creditsEstimated: Number(row.creditsEstimated),
  ending: row.ending as BatchRecord['ending'],
  redrive: row.redrive as BatchRedrive | null,
  seq: row.seq,
  streamKey: row.streamKey,
  streamSha256: row.streamSha256,
  createdAt: row.createdAt,
  closedAt: row.closedAt,
  finishedAt: row.finishedAt,
})

/** A batch may be run again while it runs, and once it has ended by itself. */
const redrivableStates = ['running', 'completed', 'completed_with_errors', 'failed']

export const createBatchStore = ({ prisma }: { readonly prisma: PrismaClient }): BatchStore => {
  const find = async (where: { id?: string; tenantId: string; streamKey?: string }) => {
    const row = await prisma.batch.findFirst({ where })
    return row === null ? null : toBatchRecord(row)
  }
  return {
    find: (tenantId, id) => find({ id, tenantId }),
    insert: (batch, answer) => writeKeyed(prisma, insertion(prisma, batch), answer),

    async findByStream(tenantId, streamKey, since) {
      await prisma.batch.updateMany({
        where: { tenantId, streamKey, createdAt: { lt: since } },
        data: { streamKey: null },
      })
      return find({ tenantId, streamKey })
    },

    async list(tenantId, { states }, { limit, after }) {
      const rows = await prisma.batch.findMany({
        where: { tenantId, ...(states && { state: { in: [...states] } }), ...olderThan(after) },
        orderBy: newestFirst,
        take: limit,
      })
      return rows.map(toBatchRecord)
    },

    async close(id, streamSha256) {
      await prisma.$executeRaw`
        UPDATE batches SET closed_at = now(), stream_sha256 = COALESCE(${streamSha256}, stream_sha256),
          state = CASE WHEN all_or_nothing AND rejected > 0 THEN 'canceling' ELSE 'running' END,
          ending = CASE WHEN all_or_nothing AND rejected > 0 THEN 'failed' END
        WHERE id = ${id} AND state = 'open'`
    },

    async cancel(id) {
      await prisma.$executeRaw`
        UPDATE batches SET state = 'canceling', ending = 'canceled', closed_at = COALESCE(closed_at, now())
        WHERE id = ${id} AND state IN ('open', 'running')`
    },

    async requestRedrive(id, redrive) {
      const count = await prisma.$executeRaw`
        UPDATE batches SET state = 'running', finished_at = NULL,
          redrive = ${JSON.stringify(redrive)}::jsonb || jsonb_build_object('requested_at', to_char(
            (now() + interval '1 millisecond') AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'))
        WHERE id = ${id} AND state = ANY (${redrivableStates}) AND ending IS NULL
          AND COALESCE((redrive->>'is_done')::boolean, true)`
      return count === 1
    },

    async hasFailed(id, failureCodes) {
      const rows = await prisma.$queryRaw<unknown[]>`
        SELECT 1 FROM jobs WHERE batch_id = ${id} AND state = 'failed' AND erased_at IS NULL
          AND (${failureCodes}::text[] IS NULL OR failure_code = ANY (${failureCodes}::text[])) LIMIT 1`
      return rows.length > 0
    },
  }
}

/** The batch, and its budget where it has one. */
const insertion = (prisma: PrismaClient, batch: NewBatch) => {
  const { isAllOrNothing, callback, ...data } = batch
  const row = prisma.batch.create({
    data: {
      ...data,
      allOrNothing: isAllOrNothing,
      defaults: toJson(batch.defaults),
      metadata: toJson(batch.metadata),
      ...(callback !== null && { callback: toJson(callback) }),
    },
  })
  const { id, tenantId, maxCredits } = batch
  return maxCredits === null ? [row] : [row, prisma.budget.create({ data: { id, tenantId, maxCredits } })]
}

const toJson = (value: object) => JSON.parse(JSON.stringify(value))
