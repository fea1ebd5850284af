/**
 * What the figures of tenants and batches are made from: by how much each statement changes them (architecture.md §6).
 * One row for all jobs of a statement that change the same figures, and none where nothing is counted.
 */
import { finishedStates } from '../job/lifecycle.ts'

const finished = finishedStates.map((state) => `'${state}'`).join(', ')

/** Counts in the usage of a tenant: a job ends, is put back in the queue, or has spent something. */
const isUsage = `(u.newly_spent <> 0 OR u.newly_at_risk <> 0
    OR (u.old_state <> u.state AND (u.state IN (${finished}) OR u.old_state IN (${finished}))))`

/**
 * Appends what the CTE `updated` has changed: every change of state of a batch's job, and what counts as usage. A job
 * that is redriven is taken back on the day on which it had failed; credits stay where they were spent.
 */
export const talliesOfTransitions = `
counted AS (
  SELECT u.tenant_id, u.batch_id, u.skill, u.old_state, u.state, u.newly_spent, u.newly_at_risk,
    (COALESCE(u.old_finished_at, now()) AT TIME ZONE 'UTC')::date AS day, COALESCE(q.tags, '{}') AS tags,
    COALESCE(a.duration_s, 0) AS duration_s, COALESCE(a.size_bytes, 0) AS size_bytes
  FROM updated u
  LEFT JOIN LATERAL (SELECT q.tags FROM job_requests q WHERE q.job_id = u.id OFFSET 0) q ON ${isUsage}
  LEFT JOIN LATERAL jsonb_to_recordset(u.rows) AS a(kind text, duration_s float8, size_bytes bigint)
    ON a.kind = 'artifact'
  WHERE ${isUsage} OR (u.batch_id IS NOT NULL AND u.old_state <> u.state)
),
tallies AS (
  INSERT INTO tallies (tenant_id, batch_id, day, skill, tags, from_state, to_state, jobs, credits_spent,
    credits_at_risk, render_seconds, size_bytes)
  SELECT tenant_id, batch_id, day, skill, tags, old_state, state, count(*), sum(newly_spent), sum(newly_at_risk),
    sum(duration_s), sum(size_bytes)
  FROM counted GROUP BY tenant_id, batch_id, day, skill, tags, old_state, state
)`

/** Appends what the CTE `updated` of the claims has changed: only batches count who is being worked on. */
export const talliesOfClaims = `
tallies AS (
  INSERT INTO tallies (tenant_id, batch_id, day, skill, tags, from_state, to_state, jobs)
  SELECT tenant_id, batch_id, (now() AT TIME ZONE 'UTC')::date, skill, '{}', old_state, 'running', count(*)
  FROM updated WHERE batch_id IS NOT NULL AND old_state <> 'running'
  GROUP BY tenant_id, batch_id, skill, old_state
)`

/** Appends the jobs of the given CTE (tenant_id, batch_id, skill) as new and queued; only those of batches count. */
export const talliesOfNewJobs = (created: string): string => `
tallies AS (
  INSERT INTO tallies (tenant_id, batch_id, day, skill, tags, to_state, jobs)
  SELECT tenant_id, batch_id, (now() AT TIME ZONE 'UTC')::date, skill, '{}', 'queued', count(*)
  FROM ${created} WHERE batch_id IS NOT NULL GROUP BY tenant_id, batch_id, skill
)`
