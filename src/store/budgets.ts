/**
 * Budgets over several jobs: of a batch, of a tenant's day. What is limited has a row; a reservation locks it, so that
 * jobs of any number of processes never reserve more than is left (guarantees.md §2.1-9). What is not limited has none.
 */
import type { Pool, PoolClient } from 'pg'

export interface Budget {
  readonly maxCredits: number
  /** By messages that are under way. */
  readonly reserved: number
  readonly spent: number
}

/** The limits that a message falls under, as they stand when it asks. */
export interface Limits {
  readonly tenant_id: string
  /** Today, UTC. */
  readonly day: string
  /** Null: the tenant's days are not limited. */
  readonly max_credits_per_day: number | null
  /** Null: it belongs to no batch, or to one without a limit. */
  readonly batch_id: string | null
}

/** The limit that a message would exceed. */
export interface BudgetLimit {
  readonly kind: 'batch' | 'day'
  readonly maxCredits: number
  /** Neither spent nor reserved. */
  readonly leftCredits: number
  /** When there is a whole budget again; null for one that is never renewed. */
  readonly renewsAt: Date | null
}

export interface Reservation {
  readonly limits: Limits
  readonly credits: number
}

export interface BudgetStore {
  /** Null: there is no such budget, so nothing limits. */
  find(budgetId: string): Promise<Budget | null>
  /** What a limited tenant has spent and reserved today (UTC), and when the next day begins. */
  findToday(tenantId: string): Promise<Omit<Budget, 'maxCredits'> & { readonly renewsAt: Date }>
}

/** Budgets of days are kept so long. A permit of an older one that is closed at last has nothing to settle in. */
export const dayBudgetDays = 366

export const dayBudgetId = (tenantId: string, day: string): string => `${tenantId}:${day}`

const dayMs = 86_400_000

/** Batches before days, as ids sort: whoever locks budgets does it in that order. */
export const budgetIdsOf = ({ batch_id, max_credits_per_day, tenant_id, day }: Limits): string[] => [
  ...(batch_id === null ? [] : [batch_id]),
  ...(max_credits_per_day === null ? [] : [dayBudgetId(tenant_id, day)]),
]

/** What was spent on a day before its tenant was given a limit counts as well, and what was on its way then. */
const spentOnDay = (tenantId: string, day: string): string => `(
  COALESCE((SELECT u.credits_spent FROM usage_days u
    WHERE u.tenant_id = ${tenantId} AND u.dimension = 'total' AND u.day = ${day} AND u.key = ''), 0)
  + COALESCE((SELECT sum(t.credits_spent) FROM tallies t WHERE t.tenant_id = ${tenantId} AND t.day = ${day}), 0)
  + COALESCE((SELECT sum(p.credits_reserved) FROM permits p JOIN jobs j ON j.id = p.job_id
    WHERE p.closed_at IS NULL AND p.created_at >= ${day} AND j.tenant_id = ${tenantId}
      AND NOT EXISTS (SELECT 1 FROM unnest(p.budget_ids) AS id WHERE id LIKE ${tenantId} || ':%')), 0))`

const beginDaysSql = `
INSERT INTO budgets (id, tenant_id, max_credits, spent)
SELECT d.id, d.tenant_id, d.max_credits, ${spentOnDay('d.tenant_id', 'd.day')}
FROM unnest($1::text[], $2::text[], $3::int[], $4::date[]) AS d(id, tenant_id, max_credits, day)
WHERE NOT EXISTS (SELECT 1 FROM budgets b WHERE b.id = d.id)
ORDER BY d.id
ON CONFLICT DO NOTHING`

interface Row {
  id: string
  max_credits: number
  reserved: number
  spent: number
}

/**
 * Decides in turn which of the reservations fit into their budgets, and locks these until the transaction ends: null
 * for one that fits, else the limit it would exceed. Nothing is reserved yet.
 */
export const checkBudgets = async (
  connection: PoolClient,
  wanted: readonly Reservation[],
): Promise<(BudgetLimit | null)[]> => {
  const days = new Map(
    wanted.flatMap(({ limits }) =>
      limits.max_credits_per_day === null ? [] : [[dayBudgetId(limits.tenant_id, limits.day), limits]],
    ),
  )
  if (days.size > 0)
    await connection.query(beginDaysSql, [
      [...days.keys()],
      [...days.values()].map(({ tenant_id }) => tenant_id),
      [...days.values()].map(({ max_credits_per_day }) => max_credits_per_day),
      [...days.values()].map(({ day }) => day),
    ])
  const { rows } = await connection.query<Row>(
    'SELECT id, max_credits, reserved, spent FROM budgets WHERE id = ANY ($1) ORDER BY id FOR UPDATE',
    [[...new Set(wanted.flatMap(({ limits }) => budgetIdsOf(limits)))]],
  )
  const budgets = new Map(rows.map((row) => [row.id, { ...row, used: row.reserved + row.spent }]))
  return wanted.map(({ limits, credits }) => {
    const bounds = budgetIdsOf(limits).flatMap((id) => {
      const budget = budgets.get(id)
      if (budget === undefined) return []
      const max = id === limits.batch_id ? budget.max_credits : (limits.max_credits_per_day ?? 0)
      return [{ budget, limit: toLimit(limits, id, max, budget.used) }]
    })
    const exceeded = bounds.find(({ limit }) => limit.leftCredits < credits)
    if (exceeded !== undefined) return exceeded.limit
    for (const { budget } of bounds) budget.used += credits
    return null
  })
}

const toLimit = (limits: Limits, id: string, maxCredits: number, used: number): BudgetLimit => ({
  kind: id === limits.batch_id ? 'batch' : 'day',
  maxCredits,
  leftCredits: Math.max(0, maxCredits - used),
  renewsAt: id === limits.batch_id ? null : new Date(Date.parse(limits.day) + dayMs),
})

/** Books reservations that were found to fit, in the transaction that found it. */
export const reserveCredits = async (
  connection: PoolClient,
  reservations: readonly Reservation[],
): Promise<void> => {
  const sums = new Map<string, number>()
  for (const { limits, credits } of reservations)
    for (const id of budgetIdsOf(limits)) sums.set(id, (sums.get(id) ?? 0) + credits)
  await connection.query(
    `UPDATE budgets b SET reserved = b.reserved + r.credits
     FROM unnest($1::text[], $2::int[]) AS r(id, credits) WHERE b.id = r.id`,
    [[...sums.keys()], [...sums.values()]],
  )
}

const todaySql = `
SELECT COALESCE(b.reserved, 0) AS reserved,
  COALESCE(b.spent, ${spentOnDay('$1', 'today.day')})::bigint AS spent,
  (today.day + 1)::timestamptz AS renews_at
FROM (SELECT (now() AT TIME ZONE 'UTC')::date AS day) today
LEFT JOIN budgets b ON b.id = $1 || ':' || to_char(today.day, 'YYYY-MM-DD')`

export const createBudgetStore = ({ pool }: { readonly pool: Pool }): BudgetStore => ({
  async find(budgetId) {
    const { rows } = await pool.query<Row>(
      'SELECT id, max_credits, reserved, spent FROM budgets WHERE id = $1',
      [budgetId],
    )
    const [row] = rows
    return row === undefined
      ? null
      : { maxCredits: row.max_credits, reserved: row.reserved, spent: row.spent }
  },

  async findToday(tenantId) {
    const { rows } = await pool.query<{ reserved: number; spent: number; renews_at: Date }>(todaySql, [
      tenantId,
    ])
    const [row] = rows
    if (row === undefined) throw new Error('a statement without conditions returned no row')
    return { reserved: row.reserved, spent: row.spent, renewsAt: row.renews_at }
  },
})
