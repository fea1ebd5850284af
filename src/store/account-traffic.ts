/** What the whole fleet knows of a provider account's manners: its pause after a 429, and which operations are down. */
import type { Pool } from 'pg'

export interface AccountTraffic {
  /** Milliseconds until calls may go out again; null when nothing holds them. */
  readonly pausedForMs: number | null
  readonly down: readonly DownOperation[]
}

export interface DownOperation {
  readonly operation: string
  /** Until the next probe is due; negative when it is. */
  readonly probeInMs: number
  /** How often it was found down in a row. */
  readonly openings: number
}

export interface AccountTrafficStore {
  read(accountId: string): Promise<AccountTraffic>
  /** Never shortens a pause that is there. */
  pause(accountId: string, forMs: number): Promise<void>
  markDown(accountId: string, operation: string, probeInMs: number, openings: number): Promise<void>
  markUp(accountId: string, operation: string): Promise<void>
  /** Only one process of the fleet probes: true for the one that may, and for nobody else before `forMs` have passed. */
  claimProbe(accountId: string, operation: string, forMs: number): Promise<boolean>
}

interface Row {
  paused_for_ms: number | null
  breaker: Record<string, { openings: number; in_ms: number }>
}

const probeAt = `(breaker->$2->>'probe_at')::timestamptz`

export const createAccountTrafficStore = ({ pool }: { readonly pool: Pool }): AccountTrafficStore => ({
  async read(accountId) {
    const { rows } = await pool.query<Row>({
      name: 'read-account-traffic',
      text: `SELECT (extract(epoch FROM paused_until - now()) * 1000)::float8 AS paused_for_ms,
               (SELECT COALESCE(jsonb_object_agg(key, jsonb_build_object('openings', value->'openings', 'in_ms',
                  (extract(epoch FROM (value->>'probe_at')::timestamptz - now()) * 1000)::float8)), '{}')
                FROM jsonb_each(breaker)) AS breaker
             FROM provider_accounts WHERE id = $1`,
      values: [accountId],
    })
    const [row] = rows
    if (row === undefined) return { pausedForMs: null, down: [] }
    return {
      pausedForMs: row.paused_for_ms !== null && row.paused_for_ms > 0 ? row.paused_for_ms : null,
      down: Object.entries(row.breaker).map(([operation, { openings, in_ms }]) => ({
        operation,
        openings,
        probeInMs: in_ms,
      })),
    }
  },
  async pause(accountId, forMs) {
    await pool.query(
      `UPDATE provider_accounts
       SET paused_until = GREATEST(paused_until, now() + $2 * interval '1 millisecond') WHERE id = $1`,
      [accountId, forMs],
    )
  },
  async markDown(accountId, operation, probeInMs, openings) {
    await pool.query(
      `UPDATE provider_accounts SET breaker = breaker || jsonb_build_object($2::text,
         jsonb_build_object('openings', $4::int, 'probe_at', now() + $3 * interval '1 millisecond'))
       WHERE id = $1`,
      [accountId, operation, probeInMs, openings],
    )
  },
  async markUp(accountId, operation) {
    await pool.query(
      'UPDATE provider_accounts SET breaker = breaker - $2::text WHERE id = $1 AND breaker ? $2',
      [accountId, operation],
    )
  },
  async claimProbe(accountId, operation, forMs) {
    const { rowCount } = await pool.query(
      `UPDATE provider_accounts SET breaker = jsonb_set(breaker, ARRAY[$2::text, 'probe_at'],
         to_jsonb(now() + $3 * interval '1 millisecond'))
       WHERE id = $1 AND breaker ? $2 AND ${probeAt} <= now()`,
      [accountId, operation, forMs],
    )
    return rowCount === 1
  },
})
