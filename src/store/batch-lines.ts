/** Lines of a batch on their way in: a few hundred a statement, each a job, a rejection, or there already. */
import type { Pool, PoolClient } from 'pg'
import type { Clock } from '../clock.ts'
import { ingestSql } from './batch-lines-sql.ts'
import { createBatcher } from './batcher.ts'
import { findHolders, hasDedupeKeys, holdingKeys } from './deduped-lines.ts'
import type { StreamMark } from './line-streams.ts'
import type { NewJob } from './new-job.ts'
import { persist } from './persist.ts'

/** A line that becomes a job. */
export interface GoodLine {
  readonly line: number
  readonly customId: string | null
  /** What makes a repeated line the same one; null where nothing does. */
  readonly lineKey: string | null
  readonly job: NewJob
  /** What it does where another job holds its dedupe key; null where it has none. */
  readonly onConflict: 'return_existing' | 'reject' | 'replace' | null
  /** A job of the same dedupe key that no longer counts. */
  readonly replaces: string | null
}

/** One thing that is wrong with a line. */
export interface LineFault {
  /** A JSON pointer into the line. */
  readonly pointer: string
  readonly code: string
  readonly detail: string
}

/** A line that does not. */
export interface RejectedLine {
  readonly line: number
  readonly customId: string | null
  readonly lineKey: string | null
  readonly digest: string
  readonly isMalformed: boolean
  readonly faults: readonly LineFault[]
}

export interface LinesToTake {
  readonly batchId: string
  readonly tenantId: string
  readonly good: readonly GoodLine[]
  readonly bad: readonly RejectedLine[]
  /** How far the stream of these lines comes with them; null where it has no key, or they are not all of them. */
  readonly progress: StreamProgress | null
}

export interface StreamProgress {
  readonly streamId: string
  readonly from: StreamMark
  readonly to: StreamMark
}

export type TakenLines =
  | {
      readonly outcome: 'taken'
      /** Ids of the jobs that were made; the other good lines were there already. */
      readonly acceptedIds: ReadonlySet<string>
      /** Bad lines whose jobs are there already. */
      readonly knownLines: ReadonlySet<number>
      /** Ids of the jobs that were not made, because an upload that they take was deleted; then `progress` is not. */
      readonly lackingIds: ReadonlySet<string>
      /** Lines whose dedupe keys are held, and by which jobs (null: by an earlier one of these lines); likewise. */
      readonly conflicts: ReadonlyMap<number, string | null>
    }
  /** All of them together are more than the batch may have; nothing was taken. */
  | { readonly outcome: 'too_many'; readonly room: number }
  /** `overtaken`: the same stream is read by another process. */
  | { readonly outcome: 'not_open' | 'overtaken' }

export interface BatchLineStore {
  take(lines: LinesToTake): Promise<TakenLines>
  /** Which of the keys belong to jobs of the batch. */
  findKnown(batchId: string, lineKeys: readonly string[]): Promise<ReadonlySet<string>>
  /** Which of the dedupe keys are held by jobs of the tenant. */
  findHeld(tenantId: string, dedupeKeys: readonly string[]): Promise<ReadonlySet<string>>
  /** What was wrong with those of the lines that are kept as bad ones. */
  findRejected(batchId: string, lines: readonly LineName[]): Promise<readonly KeptRejection[]>
}

export type LineName = Pick<RejectedLine, 'line' | 'digest'>
export type KeptRejection = Omit<RejectedLine, 'lineKey' | 'digest'>

export interface BatchLineStoreOptions {
  readonly pool: Pool
  readonly clock: Clock
  /** How long lines wait for a database that is away. */
  readonly patienceMs: number
  /** How many a batch may have. */
  readonly maxLines: number
}

const mostWrites = 2

/** Lines are looked up one by one, as where they are taken. */
const rejectedSql = `
SELECT kept.* FROM jsonb_to_recordset($2::jsonb) AS named(line int, digest text) CROSS JOIN LATERAL (
  SELECT r.line, r.custom_id AS "customId", r.is_malformed AS "isMalformed", r.faults FROM batch_rejections r
  WHERE r.batch_id = $1 AND r.line = named.line AND r.digest = named.digest OFFSET 0) kept
ORDER BY kept.line`

export const createBatchLineStore = (options: BatchLineStoreOptions): BatchLineStore => {
  const { pool } = options
  // Streams of one batch wait for each other in the database: they may not take all of its connections with them.
  const writes = createBatcher<LinesToTake, TakenLines>({
    maxBatch: 1,
    maxInFlight: mostWrites,
    isFatal: () => true,
    flush: (chunks) => Promise.all(chunks.map((lines) => write(options, lines))),
  })
  return {
    take: (lines) => writes.run(lines),

    async findKnown(batchId, lineKeys) {
      const { rows } = await pool.query<{ line_key: string }>(
        'SELECT line_key FROM job_requests WHERE batch_id = $1 AND line_key = ANY ($2)',
        [batchId, lineKeys],
      )
      return new Set(rows.map(({ line_key }) => line_key))
    },

    findHeld: async (tenantId, dedupeKeys) =>
      new Set((await findHolders(pool, { tenantId, keys: dedupeKeys, uncounted: [] })).keys()),

    async findRejected(batchId, lines) {
      const { rows } = await pool.query<KeptRejection>(rejectedSql, [batchId, JSON.stringify(lines)])
      return rows
    },
  }
}

const write = async (options: BatchLineStoreOptions, lines: LinesToTake): Promise<TakenLines> => {
  let isRepeated = false
  const { taken, conflicts } = await persist(options, () => {
    const attempt = hasDedupeKeys(lines.good)
      ? writeDeduped(options, lines, isRepeated)
      : insert(options.pool, options, lines, isRepeated).then((row) => ({ taken: row, conflicts: new Map() }))
    isRepeated = true
    return attempt
  })
  if (taken?.is_taken !== true) return whyNot(options, lines.batchId, lines.progress)
  return {
    outcome: 'taken',
    acceptedIds: new Set(taken.accepted),
    knownLines: new Set(taken.known),
    lackingIds: new Set(taken.lacking),
    conflicts,
  }
}

/** Lines that have to wait hold back the progress of their stream: they may still be taken, or refused. */
const writeDeduped = (options: BatchLineStoreOptions, lines: LinesToTake, isRepeated: boolean) =>
  holdingKeys(options.pool, lines, async (connection, conflicts) => {
    const { good, progress } = lines
    const free = {
      ...lines,
      good: good.filter(({ line }) => !conflicts.has(line)),
      progress: progress === null || conflicts.size === 0 ? progress : { ...progress, to: progress.from },
    }
    return { taken: await insert(connection, options, free, isRepeated), conflicts }
  })

const insert = async (
  connection: Pool | PoolClient,
  { maxLines }: BatchLineStoreOptions,
  { batchId, tenantId, good, bad, progress }: LinesToTake,
  isRepeated: boolean,
): Promise<TakenRow | undefined> => {
  const given = [JSON.stringify(good.map(toGoodRow)), JSON.stringify(bad.map(toBadRow))]
  const { streamId = null, from, to } = progress ?? {}
  const marks = [streamId, from?.lines, from?.digest, to?.lines, to?.digest]
  const values = [batchId, tenantId, ...given, maxLines, isRepeated, ...marks]
  const { rows } = await connection.query<TakenRow>({ name: 'ingest-lines', text: ingestSql, values })
  return rows[0]
}

interface TakenRow {
  is_taken: boolean
  accepted: string[]
  known: number[]
  lacking: string[]
}

const whyNot = async (
  { pool, maxLines }: BatchLineStoreOptions,
  batchId: string,
  progress: StreamProgress | null,
): Promise<Exclude<TakenLines, { outcome: 'taken' }>> => {
  const { rows } = await pool.query<{ state: string; lines: number; is_current: boolean }>(whyNotSql, [
    batchId,
    progress?.streamId,
    progress?.from.lines,
    progress?.from.digest,
  ])
  const [batch] = rows
  if (batch?.state !== 'open') return { outcome: 'not_open' }
  if (!batch.is_current) return { outcome: 'overtaken' }
  return { outcome: 'too_many', room: Math.max(0, maxLines - batch.lines) }
}

const whyNotSql = `
SELECT state, accepted + rejected AS lines, $2::bigint IS NULL OR EXISTS (
    SELECT 1 FROM line_streams WHERE id = $2::bigint AND (lines, digest) = ($3::int, $4::text)) AS is_current
FROM batches WHERE id = $1`

const toGoodRow = ({ line, customId, lineKey, job }: GoodLine) => ({
  id: job.id,
  tenant_id: job.tenantId,
  skill: job.skill,
  priority: job.priority,
  run_at: job.runAt,
  start_deadline_s: job.startDeadlineS,
  deadline_s: job.deadlineS,
  credits_estimated: job.creditsEstimated,
  prompt: job.prompt,
  steps: job.steps,
  inputs: job.inputs,
  upload_ids: job.inputs.flatMap((input) => ('upload_id' in input ? [input.upload_id] : [])),
  output: job.output,
  language: job.language,
  callback: job.callback,
  on_unknown: job.onUnknown,
  max_credits: job.maxCredits,
  metadata: job.metadata,
  tags: job.tags,
  batch_line: line,
  custom_id: customId,
  line_key: lineKey,
  session_id: job.sessionId,
  said_action: job.said?.action ?? null,
  said_text: job.said?.text ?? null,
  dedupe_key: job.dedupe?.key ?? null,
  dedupe_ttl_s: job.dedupe?.ttlS ?? null,
})

const toBadRow = ({ line, customId, lineKey, digest, isMalformed, faults }: RejectedLine) => ({
  line,
  digest,
  custom_id: customId,
  line_key: lineKey,
  is_malformed: isMalformed,
  faults,
})
