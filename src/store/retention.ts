/**
 * What is removed because its time is over. Every statement is bounded and safe to run anywhere at any time; rows go
 * before their files, so that no row is ever without its file, and files without rows are found by {@link findUnused}.
 */
import type { Pool } from 'pg'
import { settleRest } from './endpoint-deliveries.ts'
import { trimHistories } from './job-histories.ts'
import { leading } from './leadership.ts'
import {
  cancelForgottenSql,
  findUnusedSql,
  removeArtifactsSql,
  removeDayBudgetsSql,
  removeDeliveriesSql,
  removeExchangesSql,
  removeIntakeEventsSql,
  removeIntakeFailuresSql,
  removeKeysSql,
  removeLineStreamsSql,
  removeRejectionsSql,
  removeResumablesSql,
  removeTagUsageSql,
  removeTenantEventsSql,
  removeUploadsSql,
} from './retention-sql.ts'

/** What a step has removed: so many rows, and the files that they named, which are the caller's to delete. */
export interface Removal {
  readonly rows: number
  readonly keys: readonly string[]
}

/** A file of the storage, and whose it would be. */
export interface StoredKey {
  readonly key: string
  readonly owner: 'upload' | 'artifact' | 'resumable' | 'job' | 'nobody'
  readonly ownerId: string
  /** Null where the key names none. */
  readonly tenantId: string | null
}

interface RemoveAt {
  readonly now: Date
  readonly most: number
}

const byStatement =
  (text: string) =>
  async (pool: Pool, { now, most }: RemoveAt): Promise<Removal> => {
    const { rows } = await pool.query<{ keys: string[] | null }>(text, [now, most])
    return { rows: rows.length, keys: rows.flatMap(({ keys }) => keys ?? []) }
  }

export const removalSteps = {
  uploads: byStatement(removeUploadsSql),
  artifacts: byStatement(removeArtifactsSql),
  resumable_uploads: byStatement(removeResumablesSql),
  idempotency_keys: byStatement(removeKeysSql),
  job_histories: async (pool: Pool, at: RemoveAt) => ({ rows: await trimHistories(pool, at), keys: [] }),
  deliveries: byStatement(removeDeliveriesSql),
  tenant_events: byStatement(removeTenantEventsSql),
  session_exchanges: byStatement(removeExchangesSql),
  batch_rejections: byStatement(removeRejectionsSql),
  line_streams: byStatement(removeLineStreamsSql),
  waiting_deliveries: async (pool: Pool, at: RemoveAt) => ({ rows: await settleRest(pool, at), keys: [] }),
  forgotten_batches: byStatement(cancelForgottenSql),
  intake_events: byStatement(removeIntakeEventsSql),
  intake_failures: byStatement(removeIntakeFailuresSql),
  usage_by_tag: byStatement(removeTagUsageSql),
  day_budgets: byStatement(removeDayBudgetsSql),
} as const

export type RemovalStep = keyof typeof removalSteps

export interface RetentionStore {
  /** Does the work unless another process is at it; says whether it did. The time is the database's. */
  lead(work: (now: Date) => Promise<void>): Promise<boolean>
  /** Removes what was over at `now`, `most` rows at a time. */
  remove(step: RemovalStep, at: RemoveAt): Promise<Removal>
  /** Those of the keys that no row needs. What belongs to a tenant or a job that is not known here is not ours to judge. */
  findUnused(keys: readonly StoredKey[]): Promise<readonly string[]>
}

const sweepLock = 4_705_010

export const createRetentionStore = ({ pool }: { readonly pool: Pool }): RetentionStore => ({
  // Looking through a large storage says nothing to the database for long.
  lead: (work) => leading(pool, sweepLock, work, { silenceS: 0 }),

  remove: (step, at) => removalSteps[step](pool, at),

  async findUnused(keys) {
    if (keys.length === 0) return []
    const given = keys.map(({ key, owner, ownerId, tenantId }) => ({
      key,
      owner,
      owner_id: ownerId,
      tenant_id: tenantId,
    }))
    const { rows } = await pool.query<{ key: string }>(findUnusedSql, [JSON.stringify(given)])
    return rows.map(({ key }) => key)
  },
})
