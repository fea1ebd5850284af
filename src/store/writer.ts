/**
 * The one writer of job state. Transitions, claims and heartbeats of a process go out as multi-row statements, each
 * operation fenced by state, epoch and expected `seq` (architecture.md §5, guarantees.md §2.1-14).
 *
 * A fence that does not hold answers `stale`; nothing is thrown and the caller stops quietly. A lost connection leaves
 * open whether a statement was carried out: the rows are read again, and what carries our operation id was applied.
 * Throws `StoreUnavailable` when the database stays away longer than `patienceMs`.
 */
import { randomUUID } from 'node:crypto'
import type { Pool } from 'pg'
import type { Clock } from '../clock.ts'
import { jittered } from '../job/backoff.ts'
import type { Job } from '../job/job.ts'
import { type Batcher, createBatcher, shortRestMs } from './batcher.ts'
import { databaseErrorKind, StoreUnavailable } from './database-error.ts'
import { type ClaimedRow, toJob } from './job-row.ts'
import { toJsonb } from './jsonb.ts'
import { claimSql, heartbeatSql } from './lease-sql.ts'
import { type Operation, type TransitionInput, toOperation } from './operation.ts'
import { transitionStatement } from './transition-sql.ts'

export type { AttemptCall, AttemptCalls, EndedAttempt, TransitionInput } from './operation.ts'

export type TransitionResult =
  | {
      readonly outcome: 'applied'
      readonly seq: number
      readonly epoch: number
      readonly isCancelRequested: boolean
      /** Ids of callback deliveries that came due in the same statement; none where its answer was lost. */
      readonly deliveries: readonly string[]
    }
  | { readonly outcome: 'stale' }

/** A job whose lease is ours. */
export interface Claim {
  readonly job: Job
  readonly isCancelRequested: boolean
  /** Milliseconds since the job entered its stage. */
  readonly stageMs: number
  /** Milliseconds until the job's deadline; negative when it is past, null without one. */
  readonly deadlineInMs: number | null
}

export interface HeldLease {
  readonly jobId: string
  readonly epoch: number
}

export interface Heartbeat {
  readonly lost: readonly string[]
  readonly canceled: readonly string[]
}

export interface Writer {
  transitionJob(input: TransitionInput): Promise<TransitionResult>
  /** Takes the lease of a due job; null when it is not due or somebody else's. */
  claimJob(jobId: string): Promise<Claim | null>
  /** Renews leases in one statement and says which are lost or whose jobs are to be canceled. */
  renewLeases(leases: readonly HeldLease[]): Promise<Heartbeat>
  idle(): Promise<void>
  readonly stats: { readonly statements: number; readonly operations: number }
}

export interface WriterOptions {
  readonly pool: Pool
  /** Small and separate, so that renewals never wait behind other work. */
  readonly leasePool: Pool
  readonly clock: Clock
  /** New at every start of a process. */
  readonly owner: string
  readonly leaseMs: number
  /** How long a write waits for a database that is away. */
  readonly patienceMs: number
}

const maxBatch = 500
const maxInFlight = 2
const maxConflictTries = 5

export const createWriter = (options: WriterOptions): Writer => {
  const { pool, leasePool, owner, leaseMs, clock } = options
  const rest = { clock, ms: shortRestMs }
  const isFatal = (error: unknown) => error instanceof StoreUnavailable

  const transitions = createBatcher<Operation, TransitionResult>({
    maxBatch,
    maxInFlight,
    isFatal,
    rest,
    flush: (operations) =>
      settle(options, operations, async (open) => {
        const { rows } = await pool.query<AppliedRow>({
          ...transitionStatement(open),
          values: [toJsonb(open.map(({ row }) => row))],
        })
        return new Map(rows.map((row) => [row.operation_id, toApplied(row)]))
      }),
  })

  const claims = createBatcher<Omit<Operation, 'parts'>, Claim | null>({
    maxBatch,
    maxInFlight,
    isFatal,
    rest,
    // A claim whose answer was lost is left to run out: its lease is rescued like any other.
    flush: async (operations) => {
      const values = [toJsonb(operations.map(({ row }) => row)), owner, leaseMs]
      const { rows } = await pool
        .query<ClaimedRow>({ name: 'claim-jobs', text: claimSql, values })
        .catch(async (error: unknown) => {
          if (!isSessionTaken(error)) throw error
          if (operations.length === 1) return { rows: [] }
          // The error comes a moment before the rows are let go of, and a claim skips what is locked.
          await pause(options.clock, 20)
          throw error
        })
      const byOperation = new Map(rows.map((row) => [row.operation_id, toClaim(row)]))
      return operations.map(({ id }) => byOperation.get(id) ?? null)
    },
  })

  return {
    transitionJob: (input) => transitions.run(toOperation(input)),
    claimJob: (jobId) => {
      const id = randomUUID()
      return claims.run({ id, jobId, row: { operation_id: id, job_id: jobId } })
    },
    async renewLeases(leases) {
      const { rows } = await leasePool.query<{ id: string; is_cancel_requested: boolean }>({
        name: 'renew-leases',
        text: heartbeatSql,
        values: [leases.map(({ jobId }) => jobId), leases.map(({ epoch }) => epoch), leaseMs],
      })
      const renewed = new Set(rows.map(({ id }) => id))
      return {
        lost: leases.map(({ jobId }) => jobId).filter((jobId) => !renewed.has(jobId)),
        canceled: rows.filter((row) => row.is_cancel_requested).map(({ id }) => id),
      }
    },
    idle: async () => {
      await Promise.all([transitions.idle(), claims.idle()])
    },
    get stats() {
      return sumStats(transitions, claims)
    },
  }
}

/** Another job of the conversation was claimed in the same moment; a batch of claims is then made one by one. */
const isSessionTaken = (error: unknown): boolean =>
  error instanceof Error && 'constraint' in error && error.constraint === 'jobs_one_at_work_per_session'

interface AppliedRow {
  id: string
  operation_id: string
  seq: number
  epoch: number
  is_cancel_requested: boolean
  deliveries: string[]
}

const toApplied = (row: AppliedRow): TransitionResult => ({
  outcome: 'applied',
  seq: row.seq,
  epoch: row.epoch,
  isCancelRequested: row.is_cancel_requested,
  deliveries: row.deliveries,
})

const toClaim = (row: ClaimedRow): Claim => ({
  job: toJob(row),
  isCancelRequested: row.is_cancel_requested,
  stageMs: row.stage_ms,
  deadlineInMs: row.deadline_in_ms,
})

/**
 * Runs a statement until every operation is known to be applied or stale. A conflict runs it again; after a lost
 * connection the rows tell which operations were carried out, and the rest goes out again: their fences make that safe.
 */
const settle = async (
  { pool, clock, patienceMs }: WriterOptions,
  operations: readonly Operation[],
  send: (operations: readonly Operation[]) => Promise<Map<string, TransitionResult>>,
): Promise<readonly TransitionResult[]> => {
  const applied = new Map<string, TransitionResult>()
  const startedMs = clock.monotonicMs()
  let conflicts = 0
  let mustReadAgain = false
  const open = () => operations.filter(({ id }) => !applied.has(id))
  const learn = (results: Iterable<[string, TransitionResult]>): void => {
    for (const [id, result] of results) applied.set(id, result)
  }
  for (;;) {
    try {
      if (mustReadAgain) learn(await readApplied(pool, open()))
      if (open().length > 0) learn(await send(open()))
      // What was cut off may have been carried out only now, and made the second statement come too late.
      if (mustReadAgain && open().length > 0) learn(await readApplied(pool, open()))
      return operations.map(({ id }) => applied.get(id) ?? { outcome: 'stale' })
    } catch (error) {
      const kind = databaseErrorKind(error)
      if (kind === 'other') throw error
      if (kind === 'conflict' && ++conflicts > maxConflictTries) throw error
      if (clock.monotonicMs() - startedMs > patienceMs)
        throw new StoreUnavailable('the database did not come back in time', { cause: error })
      mustReadAgain ||= kind === 'connection'
      await pause(clock, jittered(kind === 'conflict' ? 10 : 200, 0.5, Math.random()))
    }
  }
}

const readApplied = async (
  pool: Pool,
  operations: readonly Operation[],
): Promise<[string, TransitionResult][]> => {
  const { rows } = await pool.query<AppliedRow>(
    `SELECT id, operation_id, seq, epoch, cancel_requested_at IS NOT NULL AS is_cancel_requested, '{}'::text[] AS deliveries
     FROM jobs WHERE id = ANY ($1) AND operation_id = ANY ($2)`,
    [operations.map(({ jobId }) => jobId), operations.map(({ id }) => id)],
  )
  return rows.map((row) => [row.operation_id, toApplied(row)])
}

const pause = (clock: Clock, ms: number): Promise<void> => new Promise((resolve) => clock.after(ms, resolve))

const sumStats = (...batchers: Pick<Batcher<never, never>, 'stats'>[]) =>
  batchers.reduce(
    (sum, { stats }) => ({
      statements: sum.statements + stats.statements,
      operations: sum.operations + stats.operations,
    }),
    { statements: 0, operations: 0 },
  )
