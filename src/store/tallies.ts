/**
 * Figures that are never counted: tallies are appended by whoever changes a job, rolled up each second, and read
 * together with what is not rolled up yet, so that they are exact at once (architecture.md §6).
 */
import type { Pool } from 'pg'
import { type JobState, jobStates } from '../job/lifecycle.ts'

export interface BatchFigures {
  readonly jobs: Readonly<Record<JobState, number>>
  readonly creditsSpent: number
  /** Part of what was spent. */
  readonly creditsAtRisk: number
}

export interface TallyStore {
  /**
   * Adds up to `most` tallies to the figures of batches and of days, and removes them, in one transaction. Says how many
   * it took: none where another process is at it.
   */
  rollUp(most: number): Promise<number>
  /** The figures of each batch, by its id; all zero for one without jobs. */
  readBatches(batchIds: readonly string[]): Promise<ReadonlyMap<string, BatchFigures>>
}

const tallyLock = 4_705_003

/** So many tags of a tenant have figures of their own on a day. */
const mostTagsADay = 1_000
/** Figures of tags are kept so long: what a job takes back that is run again later has nowhere to go. */
export const tagUsageDays = 400
/** Where the figures of all further tags of the day stand together. */
const otherTags = '(other)'

/** The dimensions and keys under which a tally counts in the usage of its tenant. */
export const usageKeysOf = (tally: string): string => `
  SELECT 'total' AS dimension, '' AS key
  UNION ALL SELECT 'skill', ${tally}.skill
  UNION ALL SELECT DISTINCT 'tag', tag
    FROM unnest(CASE WHEN cardinality(${tally}.tags) = 0 THEN '{""}' ELSE ${tally}.tags END) AS tag`

const netOf = (tally: string, state: JobState): string =>
  `${tally}.jobs * ((${tally}.to_state = '${state}')::int - (COALESCE(${tally}.from_state, '') = '${state}')::int)`

/** What a tally adds to the usage of its day; no row for one that only batches count. */
export const usageOfTallies = (tallies: string): string => `
  SELECT t.tenant_id, k.dimension, t.day, k.key, ${netOf('t', 'succeeded')} AS succeeded,
    ${netOf('t', 'failed')} AS failed, ${netOf('t', 'canceled')} AS canceled, t.credits_spent, t.credits_at_risk,
    t.render_seconds, t.size_bytes
  FROM ${tallies} t CROSS JOIN LATERAL (${usageKeysOf('t')}) k
  WHERE t.credits_spent <> 0 OR t.credits_at_risk <> 0
    OR t.to_state IN ('succeeded', 'failed', 'canceled') OR t.from_state IN ('succeeded', 'failed', 'canceled')`

const batchFiguresOf = (tallies: string): string => `
  SELECT batch_id, to_state AS state, jobs, credits_spent, credits_at_risk FROM ${tallies} WHERE batch_id IS NOT NULL
  UNION ALL
  SELECT batch_id, from_state, -jobs, 0, 0 FROM ${tallies} WHERE batch_id IS NOT NULL AND from_state IS NOT NULL`

/**
 * The tags of a day that have a row keep it; new ones get rows in their order while there is room. What another process
 * rolled up at this very moment is not seen: the bound is exceeded by the tags of one round at most.
 */
const rollUpSql = `
WITH leader AS MATERIALIZED (SELECT pg_try_advisory_xact_lock(${tallyLock}) AS is_leader),
taken AS MATERIALIZED (
  DELETE FROM tallies
  WHERE id = ANY (ARRAY(SELECT id FROM tallies WHERE (SELECT is_leader FROM leader) ORDER BY id LIMIT $1))
  RETURNING *
),
batches AS (
  INSERT INTO batch_counts AS c (batch_id, state, jobs, credits_spent, credits_at_risk)
  SELECT batch_id, state, sum(jobs), sum(credits_spent), sum(credits_at_risk)
  FROM (${batchFiguresOf('taken')}) figures GROUP BY batch_id, state
  ON CONFLICT (batch_id, state) DO UPDATE SET jobs = c.jobs + EXCLUDED.jobs,
    credits_spent = c.credits_spent + EXCLUDED.credits_spent,
    credits_at_risk = c.credits_at_risk + EXCLUDED.credits_at_risk
),
used AS MATERIALIZED (
  SELECT tenant_id, dimension, day, key, sum(succeeded) AS succeeded, sum(failed) AS failed,
    sum(canceled) AS canceled, sum(credits_spent) AS credits_spent, sum(credits_at_risk) AS credits_at_risk,
    sum(render_seconds) AS render_seconds, sum(size_bytes) AS size_bytes
  FROM (${usageOfTallies('taken')}) usage
  WHERE dimension <> 'tag' OR day >= (now() AT TIME ZONE 'UTC')::date - ${tagUsageDays}
  GROUP BY tenant_id, dimension, day, key
),
marked AS (
  SELECT u.*, dimension = 'tag' AND key NOT IN ('', '${otherTags}') AND NOT COALESCE((
    SELECT true FROM usage_days d WHERE d.tenant_id = u.tenant_id AND d.dimension = 'tag' AND d.day = u.day
      AND d.key = u.key), false) AS is_new_tag
  FROM used u
),
numbered AS (
  SELECT m.*, row_number() OVER (PARTITION BY tenant_id, day, is_new_tag ORDER BY key) AS no FROM marked m
),
counted AS (
  SELECT n.*, CASE
    WHEN NOT is_new_tag OR no > 1 THEN NULL
    WHEN EXISTS (SELECT 1 FROM usage_days d WHERE d.tenant_id = n.tenant_id AND d.dimension = 'tag'
      AND d.day = n.day AND d.key = '${otherTags}') THEN ${mostTagsADay}
    ELSE (SELECT count(*) FROM usage_days d WHERE d.tenant_id = n.tenant_id AND d.dimension = 'tag'
      AND d.day = n.day AND d.key <> '') END AS tags
  FROM numbered n
),
placed AS (
  SELECT c.*, CASE
    WHEN is_new_tag AND max(tags) OVER (PARTITION BY tenant_id, day) + no > ${mostTagsADay} THEN '${otherTags}'
    ELSE key END AS place
  FROM counted c
),
days AS (
  INSERT INTO usage_days AS d (tenant_id, dimension, day, key, succeeded, failed, canceled, credits_spent,
    credits_at_risk, render_seconds, size_bytes)
  SELECT tenant_id, dimension, day, place, sum(succeeded), sum(failed), sum(canceled), sum(credits_spent),
    sum(credits_at_risk), sum(render_seconds), sum(size_bytes)
  FROM placed GROUP BY tenant_id, dimension, day, place
  ON CONFLICT (tenant_id, dimension, day, key) DO UPDATE SET succeeded = d.succeeded + EXCLUDED.succeeded,
    failed = d.failed + EXCLUDED.failed, canceled = d.canceled + EXCLUDED.canceled,
    credits_spent = d.credits_spent + EXCLUDED.credits_spent,
    credits_at_risk = d.credits_at_risk + EXCLUDED.credits_at_risk,
    render_seconds = d.render_seconds + EXCLUDED.render_seconds, size_bytes = d.size_bytes + EXCLUDED.size_bytes
)
SELECT count(*)::int AS taken FROM taken`

/** One statement, so one moment: what is being rolled up meanwhile is seen either here or there. */
const readBatchesSql = `
WITH recent AS MATERIALIZED (SELECT * FROM tallies WHERE batch_id = ANY ($1))
SELECT batch_id, state, sum(jobs)::int AS jobs, sum(credits_spent)::float8 AS credits_spent,
  sum(credits_at_risk)::float8 AS credits_at_risk
FROM (
  SELECT batch_id, state, jobs, credits_spent, credits_at_risk FROM batch_counts WHERE batch_id = ANY ($1)
  UNION ALL ${batchFiguresOf('recent')}
) figures GROUP BY batch_id, state`

interface BatchRow {
  batch_id: string
  state: JobState
  jobs: number
  credits_spent: number
  credits_at_risk: number
}

export const noFigures: BatchFigures = {
  jobs: Object.fromEntries(jobStates.map((state) => [state, 0])) as Record<JobState, number>,
  creditsSpent: 0,
  creditsAtRisk: 0,
}

export const createTallyStore = ({ pool }: { readonly pool: Pool }): TallyStore => ({
  async rollUp(most) {
    const { rows } = await pool.query<{ taken: number }>({
      name: 'roll-up-tallies',
      text: rollUpSql,
      values: [most],
    })
    return rows[0]?.taken ?? 0
  },

  async readBatches(batchIds) {
    const { rows } = await pool.query<BatchRow>({
      name: 'read-batch-figures',
      text: readBatchesSql,
      values: [batchIds],
    })
    const figures = new Map<string, BatchFigures>(batchIds.map((id) => [id, noFigures]))
    for (const row of rows) {
      const before = figures.get(row.batch_id) ?? noFigures
      figures.set(row.batch_id, {
        jobs: { ...before.jobs, [row.state]: row.jobs },
        creditsSpent: before.creditsSpent + row.credits_spent,
        creditsAtRisk: before.creditsAtRisk + row.credits_at_risk,
      })
    }
    return figures
  },
})
