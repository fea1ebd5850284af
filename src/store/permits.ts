/**
 * Permits: the intent rows without which no message is sent (guarantees.md §2.1-2). Opening one is fenced by the
 * job's lease; the database refuses a second open one for the same message or the same provider session.
 */
import type { Pool } from 'pg'
import type { Clock } from '../clock.ts'
import { newId } from '../job/ids.ts'
import { tryPatiently } from '../patience.ts'
import { createBatcher, shortRestMs } from './batcher.ts'
import type { BudgetLimit, Limits } from './budgets.ts'
import { databaseErrorKind, isConnectionError } from './database-error.ts'
import { type Disclaimer, isPermitDisclaimed, recordDisclaimer } from './disclaimers.ts'
import {
  type ChosenPermit,
  type LimitedPermit,
  openPermits,
  openPermitsUnderLimits,
  type StoredPermit,
  toPermit,
} from './open-permits.ts'
import { createPermitCompany, lateChargeS } from './permit-company.ts'
import { countPermitTries, type PermitTries } from './permit-tries.ts'
import type { UnsentMarks } from './unsent-marks.ts'

export interface PermitBaseline {
  readonly fingerprint: string
  readonly available: number
  readonly frozen: number
}

export interface NewPermit {
  readonly jobId: string
  readonly epoch: number
  readonly attempt: number
  readonly messageNo: number
  readonly accountId: string
  readonly providerSessionId: string
  readonly messageDigest: string
  readonly baseline: PermitBaseline
  readonly creditsReserved: number
}

export interface PermitRow {
  readonly id: string
  readonly try: number
  readonly state: string
  readonly baseline: PermitBaseline
  readonly creditsReserved: number
}

export type OpenPermitResult =
  | { readonly outcome: 'opened' | 'found'; readonly permit: PermitRow }
  | { readonly outcome: 'denied' }
  /** A budget has less left than the message is estimated to cost; nothing was written. */
  | { readonly outcome: 'over_budget'; readonly limit: BudgetLimit }

type Writing =
  | { readonly kind: 'open'; readonly permit: ChosenPermit }
  | { readonly kind: 'accept'; readonly permitId: string }

export interface PermitStore {
  open(permit: NewPermit): Promise<OpenPermitResult>
  /**
   * Asked once by whoever opened the permit, right before the first byte of its message: false when somebody else has
   * taken it for one that is never sent.
   */
  mayLeave(permitId: string): boolean
  /** Records that the message was accepted. False when that could not be, after which its end has to tell. */
  accept(permitId: string): Promise<boolean>
  /** Has no other message of the account been under way, or charged late, since the baseline of this permit? */
  wasAlone(permitId: string): Promise<boolean>
  /**
   * Says of a permit that was opened here that its message had no effect. Goes on until that is recorded; false when it
   * could not be, after which the message counts as one of unknown fate.
   */
  disclaim(permitId: string, disclaimer: Disclaimer): Promise<boolean>
  /**
   * Gives the message up if it has not left yet, as when its sender has died; one that stands still there will not send it
   * any more. True when nothing came of the permit, be it that whoever opened it has said so.
   */
  giveUp(permitId: string): Promise<boolean>
  countTries(permitId: string): Promise<PermitTries>
  /** Permits of a job whose outcome is still open, newest first. */
  listOpen(jobId: string): Promise<readonly PermitRow[]>
  readonly stats: { readonly statements: number; readonly operations: number }
}

/**
 * A message that was given up while the provider may have gone on with it can still be charged for a while; one of
 * another job may have been charged between the reading of the baseline and the opening of the permit, but not one of
 * the same conversation, which comes to its end before. Two questions, so that each has its part of the index and
 * neither reads the account's history.
 */
const aloneSql = `
SELECT p.id FROM permits p
WHERE p.id = ANY ($1)
  AND NOT EXISTS (
    SELECT 1 FROM permits o
    WHERE o.account_id = p.account_id AND o.closed_at IS NULL AND o.id <> p.id
      AND o.state NOT IN ('not_sent', 'rejected'))
  AND NOT EXISTS (
    SELECT 1 FROM permits o
    WHERE o.account_id = p.account_id AND o.closed_at >= p.created_at - interval '20 minutes' AND o.id <> p.id
      AND o.state NOT IN ('not_sent', 'rejected')
      AND o.closed_at >= p.created_at - CASE
        WHEN o.state = 'unknown' OR o.detail ? 'interrupted' THEN interval '20 minutes'
        WHEN o.job_id <> p.job_id AND o.provider_session_id <> p.provider_session_id THEN interval '${lateChargeS} seconds'
        ELSE interval '0' END)`

const listOpenSql = `
SELECT id, try, state, baseline, credits_reserved FROM permits
WHERE job_id = $1 AND state IN ('open', 'accepted') ORDER BY created_at DESC`

const patienceMs = 10_000
const disclaimingMs = 10 * 60_000
const againAfterMs = 200

/** Asks again when the connection or a race was lost: the ids make it safe, whatever was carried out. */
const askPatiently = async <T>(clock: Clock, ask: () => Promise<T>): Promise<T> => {
  const startedMs = clock.monotonicMs()
  for (;;) {
    try {
      return await ask()
    } catch (error) {
      if (databaseErrorKind(error) === 'other' || clock.monotonicMs() - startedMs > patienceMs) throw error
      await new Promise<void>((resolve) => {
        clock.after(againAfterMs, resolve)
      })
    }
  }
}

/**
 * Between its permit and its first byte a message is exposed: a process that is killed there leaves one of unknown fate,
 * unless its mark is seen. Many permits at once would wait for each other's sending.
 */
const mostAtOnce = 6

export interface PermitStoreOptions {
  readonly pool: Pool
  readonly clock: Clock
  readonly marks: UnsentMarks
}

export const createPermitStore = ({ pool, clock, marks }: PermitStoreOptions): PermitStore => {
  /** Opened here, where no mark could be put: nobody else can give them up. */
  const unmarked = new Set<string>()
  const company = createPermitCompany({ clock })
  /** Known here, and not yet in the database. */
  const accepting = new Set<string>()
  const rest = { clock, ms: shortRestMs }
  // What is accepted rides with what is opened: two kinds of operations that are as many, in half the statements.
  const writing = createBatcher<Writing, OpenPermitResult | LimitedPermit | null>({
    maxBatch: mostAtOnce,
    weightOf: ({ kind }) => (kind === 'open' ? 1 : 0),
    maxInFlight: 2,
    isFatal: isConnectionError,
    rest,
    async flush(operations) {
      const opening = operations.flatMap((each) => (each.kind === 'open' ? each.permit : []))
      const accepting = operations.flatMap((each) => (each.kind === 'accept' ? each.permitId : []))
      const results = await openPermits(pool, opening, accepting)
      return operations.map((each) => (each.kind === 'open' ? (results.get(each.permit.id) ?? null) : null))
    },
  })

  // Apart from the others, who need not wait for the locks of budgets.
  const limiting = createBatcher<
    { readonly permit: ChosenPermit; readonly limits: Limits },
    OpenPermitResult
  >({
    maxBatch: 200,
    maxInFlight: 2,
    isFatal: isConnectionError,
    async flush(permits) {
      const results = await openPermitsUnderLimits(pool, permits)
      return permits.map(({ permit }) => results.get(permit.id) ?? { outcome: 'denied' })
    },
  })

  const openChosen = async (permit: ChosenPermit): Promise<OpenPermitResult> => {
    const result = await writing.run({ kind: 'open', permit })
    if (result === null) throw new Error(`the opening of permit ${permit.id} was not answered`)
    return result.outcome === 'limited' ? limiting.run({ permit, limits: result.limits }) : result
  }

  const asking = createBatcher<string, boolean>({
    maxBatch: 500,
    maxInFlight: 1,
    isFatal: isConnectionError,
    async flush(ids) {
      const { rows } = await pool.query<{ id: string }>({
        name: 'find-lonely-permits',
        text: aloneSql,
        values: [ids],
      })
      const alone = new Set(rows.map(({ id }) => id))
      return ids.map((id) => alone.has(id))
    },
  })

  /** Whether it was still there, or never: from now on nobody else can give the message up. */
  const takeMark = (permitId: string): boolean => unmarked.delete(permitId) || marks.take(permitId)

  /** A permit that is not there may still come, by a statement whose answer was lost: its mark stays. */
  const record = async (permitId: string, disclaimer: Disclaimer): Promise<void> => {
    if (await recordDisclaimer(pool, permitId, disclaimer)) marks.forget(permitId)
  }

  const disclaim: PermitStore['disclaim'] = (permitId, disclaimer) =>
    tryPatiently({ clock, forMs: disclaimingMs }, () => record(permitId, disclaimer)).then(
      () => true,
      () => false,
    )

  return {
    disclaim,
    mayLeave: takeMark,
    async giveUp(permitId) {
      if (marks.giveUp(permitId))
        await record(permitId, { state: 'not_sent', detail: { cause: 'its sender was lost before it left' } })
      return isPermitDisclaimed(pool, permitId)
    },
    countTries: (permitId) => countPermitTries(pool, permitId),
    async open(permit) {
      const chosen = { ...permit, id: newId('permit', clock.nowMs()) }
      if (!marks.put(chosen.id)) unmarked.add(chosen.id)
      let asked = 0
      const ask = () => {
        asked += 1
        return openChosen(chosen)
      }
      const result = await askPatiently(clock, ask).catch((error: unknown) => {
        // It may have been written all the same, and nobody will ever send on it.
        void disclaim(chosen.id, { state: 'not_sent', detail: { cause: 'the permit was never heard of' } })
        throw error
      })
      if (result.outcome === 'opened') company.open(result.permit.id, permit)
      // Where an answer was lost the permit may be there all the same, and whoever finds it needs the mark.
      else if (asked === 1) takeMark(chosen.id)
      return result
    },
    accept(permitId) {
      company.accept(permitId)
      accepting.add(permitId)
      return askPatiently(clock, () => writing.run({ kind: 'accept', permitId })).then(
        () => accepting.delete(permitId),
        () => false,
      )
    },
    wasAlone: async (permitId) => !company.hadCompany(permitId) && (await asking.run(permitId)),
    async listOpen(jobId) {
      const known = new Set(accepting)
      const { rows } = await pool.query<StoredPermit>(listOpenSql, [jobId])
      return rows.map((row) => toPermit(known.has(row.id) ? { ...row, state: 'accepted' } : row))
    },
    get stats() {
      return {
        statements: [writing, limiting, asking].reduce((sum, { stats }) => sum + stats.statements, 0),
        operations: [writing, limiting, asking].reduce((sum, { stats }) => sum + stats.operations, 0),
      }
    },
  }
}
