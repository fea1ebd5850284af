/**
 * The statements of the writer that claim and keep leases. Each takes its operations as one parameter, so that it is
 * prepared once whatever the size of the batch. Rows are locked in id order; every clock is the database's.
 *
 * The prepared plan cannot know how few operations there will be, and would rather read a whole table than look up a
 * hundred rows. Hence `LATERAL (… OFFSET 0)` and `= ANY (ARRAY(…))`: each row is found through its index.
 */
import { deliveriesRungAt } from './event-deliveries-sql.ts'
import { hasFreeSession, isFirstOfSession, placeColumns, sessionPlaceOf } from './session-sql.ts'
import { talliesOfClaims } from './tally-sql.ts'

/** $1 operations, $2 owner of the leases, $3 length of a lease in milliseconds. */
export const claimSql = `
WITH op AS MATERIALIZED (
  SELECT * FROM jsonb_to_recordset($1::jsonb) AS op(operation_id text, job_id text)
),
locked AS MATERIALIZED (
  SELECT op.operation_id, op.job_id, found.old, at_provider.place
  FROM (SELECT * FROM op ORDER BY job_id) op CROSS JOIN LATERAL (
    SELECT j AS old FROM jobs j
    WHERE j.id = op.job_id AND (
      (j.state = 'queued' AND j.due_at <= now() AND ${hasFreeSession('j')})
      OR (j.state = 'waiting' AND j.due_at <= now())
      OR (j.state = 'running' AND j.lease_until < now()))
    FOR UPDATE SKIP LOCKED) found
  ${sessionPlaceOf('(found.old)')}
),
chosen AS MATERIALIZED (
  SELECT * FROM locked WHERE ${isFirstOfSession('locked')}
),
updated AS (
  UPDATE jobs AS j SET
    state = 'running',
    epoch = j.epoch + 1,
    operation_id = l.operation_id,
    lease_owner = $2,
    lease_until = now() + $3 * interval '1 millisecond',
    rung_at = NULL,
    ${placeColumns.map((column) => `${column} = COALESCE((l.place).${column}, j.${column})`).join(', ')},
    started_at = COALESCE(j.started_at, now()),
    stage_started_at = CASE WHEN (l.old).state = 'queued' THEN now() ELSE j.stage_started_at END,
    crash_count = j.crash_count + CASE WHEN (l.old).state = 'running' THEN 1 ELSE 0 END,
    seq = j.seq + CASE (l.old).state WHEN 'queued' THEN 2 WHEN 'running' THEN 1 ELSE 0 END,
    timings = CASE WHEN (l.old).state = 'queued' AND NOT j.timings ? 'queued_ms'
      THEN j.timings || jsonb_build_object('queued_ms',
        GREATEST(0, round(extract(epoch FROM now() - j.created_at) * 1000)))
      ELSE j.timings END
  FROM chosen l
  WHERE j.id = l.job_id AND j.id = ANY (ARRAY(SELECT job_id FROM chosen))
  RETURNING j.*, (l.old).state AS old_state, (l.old).epoch AS old_epoch, (l.old).lease_owner AS old_owner
),
told AS (
  SELECT u.*, e.seq_offset, e.type, e.data
  FROM updated u, LATERAL (VALUES
    ('queued', -1, 'job.started', jsonb_build_object('stage', u.stage)),
    ('queued', 0, 'job.stage_started',
      jsonb_build_object('stage', u.stage, 'message_no', u.message_no, 'progress', u.progress)),
    ('running', 0, 'job.rescued', jsonb_build_object('stage', u.stage))
  ) AS e(old_state, seq_offset, type, data)
  WHERE e.old_state = u.old_state
),
events AS (
  INSERT INTO job_events (job_id, seq, id, tenant_id, type, epoch, data)
  SELECT id, seq + seq_offset, new_id('evt'), tenant_id, type, epoch, data FROM told
  RETURNING job_id, seq, id, tenant_id, type
),
${deliveriesRungAt('NULL::timestamptz')},
attempts AS (
  INSERT INTO attempts (job_id, attempt, stage, message_no, try, epoch, owner, started_at, outcome)
  SELECT id, attempt, stage, message_no, tries, old_epoch, old_owner, COALESCE(stage_started_at, now()), 'lost'
  FROM updated WHERE old_state = 'running'
),
${talliesOfClaims.trim()}
SELECT u.id, u.tenant_id, u.state, u.stage, u.message_no, u.seq, u.epoch, u.attempt, u.tries, u.crash_count,
  u.session_id, u.account_id, u.provider_session_id, u.provider_task_id, u.provider_user_id, u.render_id,
  u.render_url, u.artifact_id, u.notes, u.progress, u.timeline, u.message, u.warnings, u.failure_code,
  u.credits_spent, u.credits_at_risk, u.timings, u.operation_id,
  u.cancel_requested_at IS NOT NULL AS is_cancel_requested,
  (extract(epoch FROM now() - u.stage_started_at) * 1000)::float8 AS stage_ms,
  (extract(epoch FROM u.deadline_at - now()) * 1000)::float8 AS deadline_in_ms,
  q.purpose, q.skill, q.prompt, q.steps, q.inputs, q.output, q.language, q.callback, q.on_unknown, q.max_credits,
  q.metadata, q.tags
FROM updated u CROSS JOIN LATERAL (SELECT * FROM job_requests q WHERE q.job_id = u.id OFFSET 0) q`

/** $1 job ids, $2 epochs, $3 length of a lease in milliseconds. Rows that do not come back are lost. */
export const heartbeatSql = `
UPDATE jobs j SET lease_until = now() + $3 * interval '1 millisecond'
FROM (SELECT job_id, epoch FROM unnest($1::text[], $2::int[]) AS h(job_id, epoch) ORDER BY job_id) h
WHERE j.id = h.job_id AND j.epoch = h.epoch AND j.state = 'running'
RETURNING j.id, j.cancel_requested_at IS NOT NULL AS is_cancel_requested`
