/**
 * Whoever opened a permit alone may send on it. So what it knows of it, that the message was never sent or was refused,
 * holds whoever has the job by now, and is recorded without the lease: else the next holder would have to take the
 * message for one of unknown fate. The same goes for what the mark of an unsent message proves.
 */
import type { Pool } from 'pg'
import { afterSettledBudgets, settledBudgets } from './budget-sql.ts'
import { toJsonb } from './jsonb.ts'

export interface Disclaimer {
  readonly state: 'not_sent' | 'rejected'
  readonly detail: Readonly<Record<string, string | number | null>>
}

/**
 * A permit whose fate somebody has decided already stays as it is, and no row comes back. What was reserved for the
 * message is released.
 */
const disclaimSql = `
WITH side AS MATERIALIZED (
  SELECT id, 'permit' AS kind, NULL::int AS credits_settled FROM permits WHERE id = $1 AND state = 'open' FOR UPDATE
),
${settledBudgets}
UPDATE permits p SET state = $2, detail = p.detail || $3::jsonb, closed_at = now() FROM side s
WHERE p.id = s.id AND ${afterSettledBudgets}
RETURNING p.id`

/** False when there was nothing to change. */
export const recordDisclaimer = async (
  pool: Pool,
  permitId: string,
  { state, detail }: Disclaimer,
): Promise<boolean> => {
  const { rows } = await pool.query({
    name: 'disclaim-permit',
    text: disclaimSql,
    values: [permitId, state, toJsonb(detail)],
  })
  return rows.length > 0
}

export const isPermitDisclaimed = async (pool: Pool, permitId: string): Promise<boolean> => {
  const { rows } = await pool.query<{ is_disclaimed: boolean }>({
    name: 'is-permit-disclaimed',
    text: `SELECT state IN ('not_sent', 'rejected') AS is_disclaimed FROM permits WHERE id = $1`,
    values: [permitId],
  })
  return rows[0]?.is_disclaimed ?? false
}
