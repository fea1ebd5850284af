/** What a tenant has used, by day, skill or tag: rolled-up days and the tallies since (architecture.md §6). */
import type { Pool } from 'pg'
import { usageKeysOf, usageOfTallies } from './tallies.ts'

export const usageGroups = ['day', 'skill', 'tag'] as const
export type UsageGroup = (typeof usageGroups)[number]

export interface UsageQuery {
  readonly tenantId: string
  /** Days in UTC, `2026-11-21`, both included. */
  readonly from: string
  readonly to: string
  readonly groupBy: UsageGroup
  /** One more is read where there are more. */
  readonly limit: number
  /** The last group of the page before; null on the first. */
  readonly after: string | null
}

export interface UsageFigures {
  readonly succeeded: number
  readonly failed: number
  readonly canceled: number
  /** For messages that are under way now. */
  readonly creditsReserved: number
  readonly creditsSpent: number
  /** Part of what was spent. */
  readonly creditsAtRisk: number
  readonly renderSeconds: number
  readonly sizeBytes: number
}

export interface Usage {
  readonly total: UsageFigures
  /** In the order of their names; what has no tag has the empty one. */
  readonly groups: readonly (UsageFigures & { readonly group: string })[]
}

export interface UsageStore {
  read(query: UsageQuery): Promise<Usage>
}

/**
 * $1 tenant, $2 and $3 days, $4 dimension of the groups, $5 are they days, $6 after which group, $7 how many. What is
 * reserved is read from the few permits that are open, and stands on the day on which its message was sent.
 */
const readSql = `
WITH recent AS MATERIALIZED (SELECT * FROM tallies WHERE tenant_id = $1),
open AS MATERIALIZED (
  SELECT (p.created_at AT TIME ZONE 'UTC')::date AS day, p.credits_reserved, j.skill, q.tags
  FROM (SELECT job_id, created_at, credits_reserved FROM permits WHERE closed_at IS NULL) p
  CROSS JOIN LATERAL (SELECT j.id, j.skill FROM jobs j WHERE j.id = p.job_id AND j.tenant_id = $1 OFFSET 0) j
  CROSS JOIN LATERAL (SELECT q.tags FROM job_requests q WHERE q.job_id = j.id OFFSET 0) q
),
figures AS MATERIALIZED (
  SELECT dimension, day, key, succeeded, failed, canceled, 0 AS credits_reserved, credits_spent, credits_at_risk,
    render_seconds, size_bytes
  FROM usage_days WHERE tenant_id = $1 AND dimension IN ('total', $4) AND day BETWEEN $2 AND $3
  UNION ALL
  SELECT dimension, day, key, succeeded, failed, canceled, 0, credits_spent, credits_at_risk, render_seconds,
    size_bytes
  FROM (${usageOfTallies('recent')}) since WHERE dimension IN ('total', $4) AND day BETWEEN $2 AND $3
  UNION ALL
  SELECT k.dimension, o.day, k.key, 0, 0, 0, o.credits_reserved, 0, 0, 0, 0
  FROM open o CROSS JOIN LATERAL (${usageKeysOf('o')}) k
  WHERE k.dimension IN ('total', $4) AND o.day BETWEEN $2 AND $3
),
named AS (
  SELECT NULL AS name, figures.* FROM figures WHERE dimension = 'total'
  UNION ALL
  SELECT CASE WHEN $5 THEN to_char(day, 'YYYY-MM-DD') ELSE key END, figures.* FROM figures WHERE dimension = $4
)
SELECT name, COALESCE(sum(succeeded), 0)::int AS succeeded, COALESCE(sum(failed), 0)::int AS failed,
  COALESCE(sum(canceled), 0)::int AS canceled, COALESCE(sum(credits_reserved), 0)::bigint AS credits_reserved,
  COALESCE(sum(credits_spent), 0)::bigint AS credits_spent,
  COALESCE(sum(credits_at_risk), 0)::bigint AS credits_at_risk,
  COALESCE(sum(render_seconds), 0)::float8 AS render_seconds, COALESCE(sum(size_bytes), 0)::bigint AS size_bytes
FROM named WHERE name IS NULL OR $6::text IS NULL OR name COLLATE "C" > $6
GROUP BY name ORDER BY name COLLATE "C" NULLS FIRST LIMIT $7 + 2`

interface Row {
  name: string | null
  succeeded: number
  failed: number
  canceled: number
  credits_reserved: number
  credits_spent: number
  credits_at_risk: number
  render_seconds: number
  size_bytes: number
}

const toFigures = (row: Row): UsageFigures => ({
  succeeded: row.succeeded,
  failed: row.failed,
  canceled: row.canceled,
  creditsReserved: row.credits_reserved,
  creditsSpent: row.credits_spent,
  creditsAtRisk: row.credits_at_risk,
  renderSeconds: row.render_seconds,
  sizeBytes: row.size_bytes,
})

const nothing: UsageFigures = {
  succeeded: 0,
  failed: 0,
  canceled: 0,
  creditsReserved: 0,
  creditsSpent: 0,
  creditsAtRisk: 0,
  renderSeconds: 0,
  sizeBytes: 0,
}

export const createUsageStore = ({ pool }: { readonly pool: Pool }): UsageStore => ({
  async read({ tenantId, from, to, groupBy, limit, after }) {
    const isByDay = groupBy === 'day'
    const { rows } = await pool.query<Row>({
      name: 'read-usage',
      text: readSql,
      values: [tenantId, from, to, isByDay ? 'total' : groupBy, isByDay, after, limit],
    })
    const total = rows.find(({ name }) => name === null)
    return {
      total: total === undefined ? nothing : toFigures(total),
      groups: rows.flatMap((row) => (row.name === null ? [] : [{ group: row.name, ...toFigures(row) }])),
    }
  },
})
