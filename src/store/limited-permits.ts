/**
 * Opens permits under budgets: reserved and opened in one transaction that holds the budgets' rows, or neither
 * (guarantees.md §2.1-9). Only messages that something limits come here.
 */
import type { Pool, PoolClient } from 'pg'
import { type BudgetLimit, budgetIdsOf, checkBudgets, type Limits, reserveCredits } from './budgets.ts'
import { inTransaction } from './in-transaction.ts'

export interface LimitedPermit {
  /** The row of the permit as the opening statement reads it. */
  readonly row: { readonly id: string; readonly credits_reserved: number }
  readonly limits: Limits
}

export interface OpenedRow {
  readonly op_id: string
  readonly is_opened: boolean
}

export interface LimitedOpening<R extends OpenedRow> {
  /** What the opening statement returned for those that fit. */
  readonly rows: readonly R[]
  /** The limits of those that do not, by the ids of their permits. */
  readonly exceeded: ReadonlyMap<string, BudgetLimit>
}

/** `open` runs the opening statement with the budgets that each permit is reserved in. */
export const openLimitedPermits = <R extends OpenedRow>(
  pool: Pool,
  permits: readonly LimitedPermit[],
  open: (connection: PoolClient, rows: readonly object[]) => Promise<readonly R[]>,
): Promise<LimitedOpening<R>> =>
  inTransaction(pool, async (connection) => {
    const verdicts = await checkBudgets(connection, permits.map(toReservation))
    const fitting = permits.filter((_, index) => verdicts[index] === null)
    const rows = await open(
      connection,
      fitting.map(({ row, limits }) => ({ ...row, budget_ids: budgetIdsOf(limits) })),
    )
    const opened = new Set(rows.filter(({ is_opened }) => is_opened).map(({ op_id }) => op_id))
    await reserveCredits(connection, fitting.filter(({ row }) => opened.has(row.id)).map(toReservation))
    const exceeded = permits.flatMap(({ row }, index) => {
      const limit = verdicts[index] ?? null
      return limit === null ? [] : [[row.id, limit] as const]
    })
    return { rows, exceeded: new Map(exceeded) }
  })

const toReservation = ({ row, limits }: LimitedPermit) => ({ limits, credits: row.credits_reserved })
