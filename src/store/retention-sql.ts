/**
 * The statements of the retention sweep. In each, $1 is the time and $2 how many rows at most; each returns a row per
 * row removed, with the keys of its files where there are any.
 */

import { dayBudgetDays } from './budgets.ts'
import { tagUsageDays } from './tallies.ts'

/** A request that saw an upload before its time was over may be taking it just now. */
const grace = `interval '10 minutes'`

export const removeUploadsSql = `
DELETE FROM uploads WHERE id = ANY (ARRAY(
  SELECT u.id FROM uploads u
  WHERE u.expires_at < $1::timestamptz - ${grace}
    AND NOT EXISTS (SELECT 1 FROM upload_uses s WHERE s.upload_id = u.id)
  ORDER BY u.expires_at LIMIT $2 FOR UPDATE SKIP LOCKED))
RETURNING ARRAY[storage_key] AS keys`

export const removeArtifactsSql = `
DELETE FROM artifacts WHERE id = ANY (ARRAY(
  SELECT id FROM artifacts WHERE expires_at < $1::timestamptz ORDER BY expires_at LIMIT $2 FOR UPDATE SKIP LOCKED))
RETURNING ARRAY[storage_key] AS keys`

export const removeResumablesSql = `
DELETE FROM resumable_uploads WHERE id = ANY (ARRAY(
  SELECT id FROM resumable_uploads WHERE expires_at < $1::timestamptz - ${grace} ORDER BY expires_at LIMIT $2
  FOR UPDATE SKIP LOCKED))
RETURNING ARRAY(SELECT piece->>'key' FROM jsonb_array_elements(pieces) AS piece) AS keys`

export const removeKeysSql = `
DELETE FROM idempotency_keys WHERE ctid = ANY (ARRAY(
  SELECT ctid FROM idempotency_keys WHERE created_at < $1::timestamptz - interval '24 hours' ORDER BY created_at
  LIMIT $2 FOR UPDATE SKIP LOCKED))
RETURNING NULL::text[] AS keys`

/** Still to be tried; one whose endpoint is disabled is due at no time. */
export const isPending = (delivery: string): string =>
  `${delivery}.state = 'waiting' AND ${delivery}.due_at < 'infinity'`

/** What is left of a tenant's time at $1. */
export const before = (tenant: string): string =>
  `$1::timestamptz - ${tenant}.retention_days * interval '1 day'`

/** Notes how far the removed events reached in the feeds of their tenants, for readers that come with an older cursor. */
export const trimFeeds = (removed: string): string => `
  INSERT INTO feed_trims (tenant_id, xid, feed_id)
  SELECT DISTINCT ON (tenant_id) tenant_id, xid, feed_id FROM ${removed} ORDER BY tenant_id, xid DESC, feed_id DESC
  ON CONFLICT (tenant_id) DO UPDATE SET xid = EXCLUDED.xid, feed_id = EXCLUDED.feed_id
  WHERE (feed_trims.xid, feed_trims.feed_id) < (EXCLUDED.xid, EXCLUDED.feed_id)`

/** A tag may name a single job; the figures of days and of skills are few, and stay. */
export const removeTagUsageSql = `
DELETE FROM usage_days WHERE ctid = ANY (ARRAY(
  SELECT o.ctid FROM tenants t CROSS JOIN LATERAL (
    SELECT u.ctid FROM usage_days u
    WHERE u.tenant_id = t.id AND u.dimension = 'tag'
      AND u.day < ($1::timestamptz AT TIME ZONE 'UTC')::date - ${tagUsageDays}
    ORDER BY u.day LIMIT $2
  ) o LIMIT $2))
RETURNING NULL::text[] AS keys`

/** Those of jobs go with the history of the job. */
export const removeDeliveriesSql = `
DELETE FROM callback_deliveries WHERE id = ANY (ARRAY(
  SELECT o.id FROM tenants t CROSS JOIN LATERAL (
    SELECT d.id FROM callback_deliveries d
    WHERE d.tenant_id = t.id AND d.created_at < ${before('t')} AND d.job_id IS NULL AND NOT (${isPending('d')})
    ORDER BY d.created_at LIMIT $2
  ) o LIMIT $2))
RETURNING NULL::text[] AS keys`

export const removeTenantEventsSql = `
WITH events AS (
  DELETE FROM tenant_events WHERE id = ANY (ARRAY(
    SELECT o.id FROM tenants t CROSS JOIN LATERAL (
      SELECT e.id FROM tenant_events e WHERE e.tenant_id = t.id AND e.at < ${before('t')}
      ORDER BY e.xid, e.feed_id LIMIT $2
    ) o LIMIT $2))
  RETURNING tenant_id, xid, feed_id
),
feeds AS (${trimFeeds('events')})
SELECT NULL::text[] AS keys FROM events`

/** What conversations answered without a job; what they answered with one stays with it. */
export const removeExchangesSql = `
DELETE FROM session_messages WHERE no = ANY (ARRAY(
  SELECT o.no FROM tenants t CROSS JOIN LATERAL (
    SELECT m.no FROM session_messages m
    WHERE m.tenant_id = t.id AND m.at < ${before('t')} AND m.job_id IS NULL
    ORDER BY m.at LIMIT $2
  ) o LIMIT $2))
RETURNING NULL::text[] AS keys`

/** The lines of a batch that became no jobs; what became of the others stays with the jobs. */
export const removeRejectionsSql = `
WITH due AS MATERIALIZED (
  SELECT o.id FROM tenants t CROSS JOIN LATERAL (
    SELECT b.id FROM batches b
    WHERE b.tenant_id = t.id AND b.finished_at < ${before('t')} AND b.rejected > 0 AND b.trimmed_at IS NULL
    ORDER BY b.finished_at LIMIT $2
  ) o LIMIT $2
),
taken AS MATERIALIZED (
  SELECT r.place FROM due d CROSS JOIN LATERAL (
    SELECT ctid AS place FROM batch_rejections WHERE batch_id = d.id LIMIT $2
  ) r LIMIT $2
),
trimmed AS (
  UPDATE batches b SET trimmed_at = $1::timestamptz
  WHERE b.id = ANY (ARRAY(SELECT id FROM due)) AND NOT EXISTS (
    SELECT 1 FROM batch_rejections r WHERE r.batch_id = b.id AND r.ctid <> ALL (ARRAY(SELECT place FROM taken)))
)
DELETE FROM batch_rejections WHERE ctid = ANY (ARRAY(SELECT place FROM taken))
RETURNING NULL::text[] AS keys`

/** Of those that nobody takes up again: a key stands for its stream for a day. */
export const removeLineStreamsSql = `
DELETE FROM line_streams WHERE ctid = ANY (ARRAY(
  SELECT ctid FROM line_streams WHERE created_at < $1::timestamptz - interval '2 days' LIMIT $2
  FOR UPDATE SKIP LOCKED))
RETURNING NULL::text[] AS keys`

/**
 * A batch that was never closed, and has taken no line for as long: it is canceled, and the keeper of the batches ends
 * its jobs as those of any other. A stream that comes in just now holds the lock of its batch, and keeps it open.
 */
export const cancelForgottenSql = `
UPDATE batches SET state = 'canceling', ending = 'canceled', closed_at = $1::timestamptz
WHERE id = ANY (ARRAY(
  SELECT b.id FROM tenants t JOIN batches b ON b.tenant_id = t.id AND b.state = 'open' AND b.created_at < ${before('t')}
  WHERE COALESCE((SELECT j.created_at FROM jobs j WHERE j.batch_id = b.id ORDER BY j.id DESC LIMIT 1), b.created_at)
    < ${before('t')}
  LIMIT $2 FOR UPDATE OF b SKIP LOCKED))
RETURNING NULL::text[] AS keys`

/** A budget of a day limits nothing any more once the day is over; for a year it can be looked up. */
export const removeDayBudgetsSql = `
DELETE FROM budgets WHERE id = ANY (ARRAY(
  SELECT id FROM budgets
  WHERE strpos(id, ':') > 0
    AND right(id, 10) COLLATE "C" < to_char(($1::timestamptz AT TIME ZONE 'UTC')::date - ${dayBudgetDays}, 'YYYY-MM-DD')
  ORDER BY right(id, 10) COLLATE "C" LIMIT $2 FOR UPDATE SKIP LOCKED))
RETURNING NULL::text[] AS keys`

export const removeIntakeEventsSql = `
DELETE FROM intake_events WHERE ctid = ANY (ARRAY(
  SELECT e.ctid FROM intake_events e
  LEFT JOIN intakes i ON i.id = e.intake_id LEFT JOIN tenants t ON t.id = i.tenant_id
  WHERE e.received_at < $1::timestamptz - interval '1 day' AND (t.id IS NULL OR e.received_at < ${before('t')})
  ORDER BY e.received_at LIMIT $2))
RETURNING NULL::text[] AS keys`

export const removeIntakeFailuresSql = `
DELETE FROM intake_failures WHERE id = ANY (ARRAY(
  SELECT id FROM intake_failures WHERE expires_at < $1::timestamptz ORDER BY expires_at LIMIT $2
  FOR UPDATE SKIP LOCKED))
RETURNING NULL::text[] AS keys`

/**
 * $1: files with their owners. A tenant or a job that is not here may be that of another installation that was given
 * the same place by mistake: its files are left alone. A job that failed may be run again, with the texts it has fetched,
 * unless it was erased.
 */
export const findUnusedSql = `
SELECT f.key FROM jsonb_to_recordset($1::jsonb) AS f(key text, owner text, owner_id text, tenant_id text)
WHERE (f.tenant_id IS NULL OR EXISTS (SELECT 1 FROM tenants t WHERE t.id = f.tenant_id))
  AND CASE f.owner
    WHEN 'upload' THEN NOT EXISTS (SELECT 1 FROM uploads u WHERE u.id = f.owner_id AND u.storage_key = f.key)
    WHEN 'artifact' THEN NOT EXISTS (SELECT 1 FROM artifacts a WHERE a.id = f.owner_id AND a.storage_key = f.key)
    WHEN 'resumable' THEN NOT EXISTS (
      SELECT 1 FROM resumable_uploads r
      WHERE r.id = f.owner_id AND r.pieces @> jsonb_build_array(jsonb_build_object('key', f.key)))
    WHEN 'job' THEN EXISTS (
      SELECT 1 FROM jobs j WHERE j.id = f.owner_id AND j.finished_at IS NOT NULL
        AND (j.state <> 'failed' OR j.erased_at IS NOT NULL OR j.finished_at < now() - interval '30 days'))
    ELSE true END`
