/** The statement that takes lines of a batch in: jobs that are held back until it is closed (architecture.md §6). */
import { firstEvents } from './first-events-sql.ts'
import { wordsOfNewJobs } from './session-sql.ts'
import { talliesOfNewJobs } from './tally-sql.ts'
import { lackingUploads, usesOfUploads } from './upload-uses-sql.ts'

/**
 * $1 batch, $2 tenant, $3 lines that become jobs, $4 lines that do not, $5 how many lines a batch may have, $6 whether
 * the statement may have been carried out before, $7 the stream where it has a key, $8 and $9 how far it has come, $10
 * and $11 how far it comes with these lines.
 *
 * The row of the batch is locked first: streams of one batch come one after the other, and closing waits for the one
 * under way. What tells equal lines apart is a unique key of the request, so requests are written before their jobs.
 * Lines are looked up one by one: the plan, which expects a hundred, would read the whole table (lease-sql.ts).
 */
export const ingestSql = `
WITH stream AS MATERIALIZED (
  SELECT id FROM line_streams
  WHERE id = $7::bigint
    AND ((lines, digest) = ($8::int, $9::text) OR ($6::boolean AND (lines, digest) = ($10::int, $11::text)))
  FOR UPDATE
),
batch AS MATERIALIZED (
  SELECT id FROM batches
  WHERE id = $1 AND tenant_id = $2 AND state = 'open'
    AND accepted + rejected + jsonb_array_length($3::jsonb) + jsonb_array_length($4::jsonb) <= $5
    AND ($7::bigint IS NULL OR EXISTS (SELECT 1 FROM stream))
  FOR NO KEY UPDATE
),
given AS MATERIALIZED (
  SELECT batch.id AS batch_id, given.* FROM batch, jsonb_to_recordset($3::jsonb) AS given(
    id text, tenant_id text, skill text, priority text, run_at timestamptz, start_deadline_s int, deadline_s int,
    credits_estimated int, prompt text, steps text[], inputs jsonb, upload_ids text[], output jsonb, language text,
    callback jsonb, on_unknown text, max_credits int, metadata jsonb, tags text[], batch_line int, custom_id text,
    line_key text, session_id text, said_action text, said_text text, dedupe_key text, dedupe_ttl_s int)
),
bad AS MATERIALIZED (
  SELECT batch.id AS batch_id, bad.* FROM batch, jsonb_to_recordset($4::jsonb) AS bad(
    line int, digest text, custom_id text, line_key text, is_malformed boolean, faults jsonb)
),
${lackingUploads},
earlier AS MATERIALIZED (
  SELECT given.id FROM given CROSS JOIN LATERAL (
    SELECT FROM job_requests q WHERE q.job_id = given.id OFFSET 0) found
  WHERE $6::boolean
),
requests AS (
  INSERT INTO job_requests (job_id, tenant_id, skill, prompt, steps, inputs, output, language, callback, on_unknown,
    max_credits, metadata, tags, batch_id, batch_line, custom_id, line_key, run_at, start_deadline_s, deadline_s, purpose,
    dedupe_key, dedupe_until)
  SELECT id, tenant_id, skill, prompt, steps, inputs, output, language, callback, on_unknown, max_credits, metadata,
    tags, batch_id, batch_line, custom_id, line_key, run_at, start_deadline_s, deadline_s, 'video',
    dedupe_key, now() + dedupe_ttl_s * interval '1 second'
  FROM given WHERE id NOT IN (SELECT id FROM lacking)
  ON CONFLICT DO NOTHING
  RETURNING job_id
),
accepted AS MATERIALIZED (
  SELECT * FROM given WHERE id IN (SELECT job_id FROM requests)
),
created AS (
  INSERT INTO jobs (id, tenant_id, skill, state, stage, due_at, order_at, priority, credits_estimated, batch_id,
    session_id, created_at)
  SELECT id, tenant_id, skill, 'queued', 'auth', 'infinity', 'infinity', priority, credits_estimated, batch_id,
    session_id, date_trunc('milliseconds', now())
  FROM accepted
),
${firstEvents("jsonb_build_object('skill', skill, 'batch_id', batch_id)")},
${wordsOfNewJobs},
${usesOfUploads},
${talliesOfNewJobs('accepted').trim()},
known AS MATERIALIZED (
  SELECT bad.line FROM bad CROSS JOIN LATERAL (
    SELECT FROM job_requests q WHERE q.batch_id = $1 AND q.line_key = bad.line_key OFFSET 0) found
),
refused AS (
  INSERT INTO batch_rejections (batch_id, line, digest, custom_id, is_malformed, faults)
  SELECT batch_id, line, digest, custom_id, is_malformed, faults
  FROM bad WHERE line NOT IN (SELECT line FROM known)
  ORDER BY line, digest
  ON CONFLICT DO NOTHING
  RETURNING line
),
mended AS (
  DELETE FROM batch_rejections r USING accepted a WHERE r.batch_id = $1 AND r.custom_id = a.custom_id
  RETURNING r.line
),
counted AS (
  UPDATE batches b SET
    accepted = b.accepted + (SELECT count(*) FROM accepted),
    rejected = b.rejected + (SELECT count(*) FROM refused) - (SELECT count(*) FROM mended),
    credits_estimated = b.credits_estimated + COALESCE((SELECT sum(a.credits_estimated) FROM accepted a), 0)
  FROM batch WHERE b.id = batch.id
),
moved AS (
  UPDATE line_streams s SET lines = $10::int, digest = $11::text
  FROM batch WHERE s.id = $7::bigint AND NOT EXISTS (SELECT 1 FROM lacking)
)
SELECT EXISTS (SELECT 1 FROM batch) AS is_taken,
  ARRAY(SELECT job_id FROM requests UNION ALL SELECT id FROM earlier) AS accepted,
  ARRAY(SELECT line FROM known) AS known,
  ARRAY(SELECT id FROM lacking WHERE id NOT IN (SELECT id FROM earlier)) AS lacking`
