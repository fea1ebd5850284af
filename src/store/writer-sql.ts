/**
 * The statements of the writer. Each takes its operations as one JSON array, so that it is prepared once whatever the
 * size of the batch. Rows are locked in id order; every clock is the database's.
 *
 * The prepared plan cannot know how few operations there will be, and would rather read a whole table than look up a
 * hundred rows. Hence `LATERAL (… OFFSET 0)` and `= ANY (ARRAY(…))`: each row is found through its index.
 */
import { finishedStates } from '../job/lifecycle.ts'
import { afterSettledBudgets, settledBudgets } from './budget-sql.ts'
import {
  conversationsOfTransitions,
  hasFreeSession,
  isFirstOfSession,
  placeColumns,
  sessionPlaceOf,
} from './session-sql.ts'
import { talliesOfClaims, talliesOfTransitions } from './tally-sql.ts'

/** Columns of `jobs` that a patch may fill, by their names in the database. */
export const patchColumns = [
  'stage',
  'message_no',
  'tries',
  'crash_count',
  'attempt',
  'account_id',
  'provider_session_id',
  'provider_task_id',
  'provider_user_id',
  'render_id',
  'render_url',
  'artifact_id',
  'notes',
  'progress',
  'timeline',
  'message',
  'warnings',
  'failure_code',
  'failure_message',
  'failure_stage',
  'credits_spent',
  'credits_at_risk',
  'timings',
] as const

const finished = finishedStates.map((state) => `'${state}'`).join(', ')

/**
 * Deliveries for the events of the CTE `events` (job_id, seq, id, tenant_id, type): the job's own, and the tenant's.
 * `rungAt` is now where whoever writes answers them at once; otherwise the dispatcher rings.
 */
const deliveriesRungAt = (rungAt: string): string => `
deliveries AS (
  INSERT INTO callback_deliveries
    (id, tenant_id, job_id, endpoint_id, event_seq, event_id, event_type, state, due_at, rung_at)
  SELECT new_id('dlv'), e.tenant_id, e.job_id, NULL, e.seq, e.id, e.type, 'waiting', now(), ${rungAt}
  FROM events e CROSS JOIN LATERAL (
    SELECT q.callback FROM job_requests q WHERE q.job_id = e.job_id OFFSET 0) q
  WHERE q.callback->'events' ? e.type
  UNION ALL
  SELECT new_id('dlv'), e.tenant_id, e.job_id, c.id, e.seq, e.id, e.type, 'waiting', now(), ${rungAt}
  FROM events e CROSS JOIN LATERAL (
    SELECT c.id FROM callback_endpoints c
    WHERE c.tenant_id = e.tenant_id AND c.disabled_at IS NULL AND e.type = ANY (c.events) OFFSET 0) c
  RETURNING id, job_id
)`

export const transitionSql = `
WITH op AS MATERIALIZED (
  SELECT * FROM jsonb_to_recordset($1::jsonb) AS op(
    operation_id text, job_id text, verb text, from_states text[], to_state text, needs_lease boolean,
    epoch int, seq int, patch jsonb, due_in_ms bigint, events jsonb, attempts jsonb, rows jsonb,
    answers_deliveries boolean)
),
locked AS MATERIALIZED (
  SELECT op.*, found.old
  FROM (SELECT * FROM op ORDER BY job_id) op CROSS JOIN LATERAL (
    SELECT j AS old FROM jobs j
    WHERE j.id = op.job_id AND j.state = ANY (op.from_states) AND j.erased_at IS NULL
      AND (NOT op.needs_lease OR j.epoch = op.epoch)
      AND (op.seq IS NULL OR j.seq = op.seq)
    FOR UPDATE) found
),
updated AS (
  UPDATE jobs AS j SET
    state = l.to_state,
    seq = j.seq + jsonb_array_length(l.events),
    operation_id = l.operation_id,
    ${patchColumns.map((column) => `${column} = r.${column}`).join(',\n    ')},
    due_at = CASE
      WHEN l.due_in_ms IS NULL THEN j.due_at
      WHEN j.cancel_requested_at IS NOT NULL AND l.verb <> 'redrive' THEN now()
      ELSE LEAST(now() + l.due_in_ms * interval '1 millisecond', COALESCE(j.deadline_at, 'infinity')) END,
    order_at = CASE WHEN l.verb = 'redrive' THEN now() ELSE j.order_at END,
    rung_at = NULL,
    cancel_requested_at = CASE WHEN l.verb = 'redrive' THEN NULL ELSE j.cancel_requested_at END,
    deadline_at = CASE WHEN l.verb = 'redrive' THEN NULL ELSE j.deadline_at END,
    start_deadline_at = CASE WHEN l.verb = 'redrive' THEN NULL ELSE j.start_deadline_at END,
    lease_owner = CASE WHEN l.to_state = 'running' THEN j.lease_owner END,
    lease_until = CASE WHEN l.to_state = 'running' THEN j.lease_until END,
    stage_started_at = CASE WHEN l.patch ? 'stage' THEN now() ELSE j.stage_started_at END,
    finished_at = CASE WHEN l.to_state IN (${finished}) THEN now() END
  FROM locked l, LATERAL jsonb_populate_record(l.old, l.patch) r
  WHERE j.id = l.job_id AND j.id = ANY (ARRAY(SELECT job_id FROM locked))
  RETURNING j.id, j.tenant_id, j.seq, j.epoch, j.cancel_requested_at IS NOT NULL AS is_cancel_requested,
    l.operation_id, l.events, l.attempts, l.rows, l.answers_deliveries, (l.old).stage AS old_stage, (l.old).message_no AS old_message_no,
    (l.old).tries AS old_tries, (l.old).attempt AS old_attempt, (l.old).lease_owner AS old_owner, j.skill, j.batch_id,
    j.state, (l.old).state AS old_state, (l.old).finished_at AS old_finished_at,
    j.credits_spent - (l.old).credits_spent AS newly_spent,
    j.credits_at_risk - (l.old).credits_at_risk AS newly_at_risk, j.failure_code, j.session_id,
    ${placeColumns.map((column) => `j.${column}`).join(', ')},
    l.needs_lease AND l.patch ? 'provider_session_id' AS has_moved
),
${talliesOfTransitions.trim()},
${conversationsOfTransitions.trim()},
events AS (
  INSERT INTO job_events (job_id, seq, id, tenant_id, type, epoch, data)
  SELECT u.id, u.seq - jsonb_array_length(u.events) + e.no, new_id('evt'), u.tenant_id, e.event->>'type', u.epoch,
    e.event->'data'
  FROM updated u, LATERAL jsonb_array_elements(u.events) WITH ORDINALITY AS e(event, no)
  RETURNING job_id, seq, id, tenant_id, type
),
${deliveriesRungAt('(SELECT CASE WHEN u.answers_deliveries THEN now() END FROM updated u WHERE u.id = e.job_id)')},
attempts AS (
  INSERT INTO attempts
    (job_id, attempt, stage, message_no, try, epoch, owner, started_at, finished_at, outcome, failure_code, detail)
  SELECT u.id, u.old_attempt, COALESCE(a.stage, u.old_stage), COALESCE(a.message_no, u.old_message_no),
    COALESCE(a.try, u.old_tries), u.epoch, u.old_owner,
    now() - (a.ms + a.ended_ms_ago) * interval '1 millisecond', now() - a.ended_ms_ago * interval '1 millisecond',
    a.outcome, a.failure_code, a.detail
  FROM updated u, LATERAL jsonb_to_recordset(u.attempts) AS a(
    outcome text, failure_code text, ms float8, ended_ms_ago float8, detail jsonb, stage text, message_no int, try int)
),
side AS MATERIALIZED (
  SELECT u.id AS job_id, u.tenant_id, u.skill, r.*
  FROM updated u, LATERAL jsonb_to_recordset(u.rows) AS r(
    kind text, id text, account_id text, external_id text, task_id text, user_id text, storage_key text,
    content_type text, size_bytes bigint, sha256 text, width int, height int, duration_s float8, video_codec text,
    audio_codec text, state text, credits_settled int, is_estimated boolean, detail jsonb, no int,
    provider_session_id text, provider_url text)
),
sessions AS (
  INSERT INTO provider_sessions (id, tenant_id, account_id, external_id, task_id, user_id, job_id, skill)
  SELECT id, tenant_id, account_id, external_id, task_id, user_id, job_id, skill FROM side WHERE kind = 'session'
),
inputs AS (
  UPDATE job_inputs i SET state = 'acknowledged', acknowledged_at = now(), provider_url = s.provider_url
  FROM side s
  WHERE s.kind = 'input' AND i.job_id = s.job_id AND i.no = s.no AND i.provider_session_id = s.provider_session_id
),
artifacts AS (
  INSERT INTO artifacts (id, job_id, tenant_id, storage_key, content_type, size_bytes, sha256, width, height,
    duration_s, video_codec, audio_codec, expires_at)
  SELECT s.id, s.job_id, s.tenant_id, s.storage_key, s.content_type, s.size_bytes, s.sha256, s.width, s.height,
    s.duration_s, s.video_codec, s.audio_codec, now() + t.retention_days * interval '1 day'
  FROM side s JOIN tenants t ON t.id = s.tenant_id WHERE s.kind = 'artifact'
),
${settledBudgets.trim()},
permits AS (
  UPDATE permits p SET state = s.state, credits_settled = s.credits_settled, is_estimated = s.is_estimated,
    detail = p.detail || s.detail, closed_at = now()
  FROM side s WHERE s.kind = 'permit' AND p.id = s.id AND ${afterSettledBudgets}
)
SELECT u.id, u.operation_id, u.seq, u.epoch, u.is_cancel_requested, COALESCE(d.ids, '{}') AS deliveries
FROM updated u LEFT JOIN (SELECT job_id, array_agg(id) AS ids FROM deliveries GROUP BY job_id) d ON d.job_id = u.id`

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
