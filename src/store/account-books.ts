/**
 * What the permits of a provider account tell of it, worked out beside the jobs and read from memory (guarantees.md
 * §2.1-9): what its messages cost, and whether they explain what became of its balance.
 */
import type { Pool } from 'pg'
import { lateChargeS } from './permit-company.ts'

/** What an account is known to charge for a message; null where that is not known well enough. */
export interface LearnedCredits {
  readonly accountId: string
  /** Null: shared by all tenants without an account of their own. */
  readonly tenantId: string | null
  readonly generation: number | null
  readonly edit: number | null
}

/** A change of a balance that the messages of an account do not explain. */
export interface UnexplainedCredits {
  readonly accountId: string
  /** Above 0: taken. Below: added, as by a top-up, or by a message that was charged less than it was booked with. */
  readonly credits: number
  readonly since: Date
  readonly until: Date
}

export interface AccountBookStore {
  /**
   * Brings the books of up to `most` accounts up to date: of those that closed a permit since, and whose books are
   * older than `freshMs`. Nothing where another process is at it.
   */
  keep(limits: { readonly most: number; readonly freshMs: number }): Promise<readonly UnexplainedCredits[]>
  /** One entry for each account, whether anything is known of it or not. */
  listLearned(): Promise<readonly LearnedCredits[]>
}

const bookLock = 4_705_005

/** So many exact settlements of a kind are wanted before they count for more than the skill's own figures. */
const fewestSettlements = 50
/** Of so many closed permits, the newest of an account, its messages' cost is learned. */
const learnedFrom = 5_000

/** The p90 of one kind. Never 0: a message that was always free is still one that may be charged. */
const ninetyPercentOf = (kind: string): string => `
  CASE WHEN count(*) FILTER (WHERE ${kind}) >= ${fewestSettlements} THEN
    GREATEST(1, percentile_disc(0.9) WITHIN GROUP (ORDER BY credits_settled) FILTER (WHERE ${kind})) END`

/**
 * $1 accounts at most, $2 milliseconds. A balance says something only where its reading saw no other message at work,
 * nor one that may still be charged: the same condition as for the cost of a single message. Between two such readings
 * the permits that were opened must add up to what is gone. Permits of a former token say nothing of the present one.
 */
const keepSql = `
WITH turn AS MATERIALIZED (SELECT pg_try_advisory_xact_lock(${bookLock}) AS is_ours),
due AS MATERIALIZED (
  SELECT a.id, a.token_set_at, k.balance, k.balance_at, COALESCE(k.balance_at, now() - interval '1 hour') AS since
  FROM provider_accounts a
  LEFT JOIN account_books b ON b.account_id = a.id
  LEFT JOIN LATERAL (
    SELECT b.balance, b.balance_at WHERE a.token_set_at IS NULL OR b.balance_at >= a.token_set_at) k ON true
  WHERE (SELECT is_ours FROM turn)
    AND (b.booked_at IS NULL OR b.booked_at < now() - $2 * interval '1 millisecond')
    AND (SELECT true FROM permits p WHERE p.account_id = a.id
      AND p.closed_at > COALESCE(b.booked_at - interval '1 minute', '-infinity')
      ORDER BY p.closed_at DESC LIMIT 1)
  ORDER BY b.booked_at NULLS FIRST LIMIT $1
),
learned AS (
  SELECT d.id, l.* FROM due d CROSS JOIN LATERAL (
    SELECT ${ninetyPercentOf('message_no = 0')} AS generation, ${ninetyPercentOf('message_no > 0')} AS edit
    FROM (
      SELECT * FROM permits p
      WHERE p.account_id = d.id AND p.closed_at > now() - interval '30 days'
      ORDER BY p.closed_at DESC LIMIT ${learnedFrom}
    ) newest
    WHERE state = 'settled' AND NOT is_estimated AND (d.token_set_at IS NULL OR created_at >= d.token_set_at)
  ) l
),
seen AS MATERIALIZED (
  SELECT d.id AS account_id, s.* FROM due d CROSS JOIN LATERAL (
    SELECT created_at, closed_at, state, detail, baseline, COALESCE(credits_settled, 0) AS credits
    FROM permits p WHERE p.account_id = d.id AND p.closed_at IS NULL
    UNION ALL
    (SELECT created_at, closed_at, state, detail, baseline, COALESCE(credits_settled, 0)
     FROM permits p WHERE p.account_id = d.id AND p.closed_at >= d.since
     ORDER BY p.closed_at DESC LIMIT ${learnedFrom})
  ) s
),
readings AS (
  SELECT account_id, created_at,
    round((baseline->>'available')::numeric + (baseline->>'frozen')::numeric)::bigint AS balance,
    count(*) OVER (PARTITION BY account_id ORDER BY created_at RANGE CURRENT ROW) AS at_once,
    max(CASE WHEN closed_at IS NULL THEN 'infinity'
      WHEN state IN ('not_sent', 'rejected') THEN '-infinity'
      WHEN state = 'unknown' OR detail ? 'interrupted' THEN closed_at + interval '20 minutes'
      ELSE closed_at + interval '${lateChargeS} seconds' END)
      OVER (PARTITION BY account_id ORDER BY created_at ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING) AS busy_until
  FROM seen
),
latest AS MATERIALIZED (
  SELECT DISTINCT ON (r.account_id) r.account_id, r.created_at AS at, r.balance
  FROM readings r JOIN due d ON d.id = r.account_id
  WHERE r.at_once = 1 AND COALESCE(r.busy_until <= r.created_at, true)
    AND r.created_at > d.since + CASE WHEN d.balance_at IS NULL THEN interval '20 minutes' ELSE interval '0' END
    AND (d.token_set_at IS NULL OR r.created_at >= d.token_set_at)
  ORDER BY r.account_id, r.created_at DESC
),
changes AS MATERIALIZED (
  SELECT d.id, d.balance_at AS since, l.at AS until, d.balance - l.balance - COALESCE(s.credits, 0) AS credits
  FROM due d JOIN latest l ON l.account_id = d.id
  CROSS JOIN LATERAL (
    SELECT sum(credits) FILTER (WHERE created_at >= d.balance_at AND created_at < l.at) AS credits,
      count(closed_at) AS closed
    FROM seen WHERE seen.account_id = d.id) s
  WHERE d.balance_at IS NOT NULL AND s.closed < ${learnedFrom}
),
kept AS (
  INSERT INTO account_books AS b (account_id, generation_credits, edit_credits, balance, balance_at, booked_at)
  SELECT d.id, n.generation, n.edit, COALESCE(l.balance, d.balance), COALESCE(l.at, d.balance_at), now()
  FROM due d JOIN learned n ON n.id = d.id LEFT JOIN latest l ON l.account_id = d.id
  ORDER BY d.id
  ON CONFLICT (account_id) DO UPDATE SET generation_credits = EXCLUDED.generation_credits,
    edit_credits = EXCLUDED.edit_credits, balance = EXCLUDED.balance, balance_at = EXCLUDED.balance_at,
    unexplained = b.unexplained + COALESCE((SELECT c.credits FROM changes c WHERE c.id = b.account_id), 0),
    booked_at = EXCLUDED.booked_at
)
SELECT id, credits, since, until FROM changes WHERE credits <> 0 ORDER BY id`

/** What was learned with a former token does not hold for the present one. */
const listSql = `
SELECT a.id, a.tenant_id, b.generation_credits, b.edit_credits
FROM provider_accounts a LEFT JOIN account_books b
  ON b.account_id = a.id AND (a.token_set_at IS NULL OR b.booked_at >= a.token_set_at)`

interface ChangeRow {
  id: string
  credits: number
  since: Date
  until: Date
}

interface LearnedRow {
  id: string
  tenant_id: string | null
  generation_credits: number | null
  edit_credits: number | null
}

export const createAccountBookStore = ({ pool }: { readonly pool: Pool }): AccountBookStore => ({
  async keep({ most, freshMs }) {
    const values = [most, freshMs]
    const { rows } = await pool.query<ChangeRow>({ name: 'keep-account-books', text: keepSql, values })
    return rows.map(({ id, ...change }) => ({ accountId: id, ...change }))
  },

  async listLearned() {
    const { rows } = await pool.query<LearnedRow>({ name: 'list-learned-credits', text: listSql })
    return rows.map((row) => ({
      accountId: row.id,
      tenantId: row.tenant_id,
      generation: row.generation_credits,
      edit: row.edit_credits,
    }))
  },
})
