/**
 * The statement of transitions. Like the others of the writer it takes its operations as one JSON array, so that it is
 * prepared once whatever the size of the batch; rows are locked in id order, every clock is the database's. Why each row
 * is looked up by itself is said in lease-sql.ts.
 *
 * It has the parts that its operations need: each costs time to set up, needed or not, and a lone job would pay that at
 * every step.
 */
import { finishedStates } from '../job/lifecycle.ts'
import { afterSettledBudgets, settledBudgets } from './budget-sql.ts'
import { deliveriesRungAt } from './event-deliveries-sql.ts'
import { headStartOf } from './place-sql.ts'
import { conversationsOfTransitions, placeColumns } from './session-sql.ts'
import { talliesOfTransitions } from './tally-sql.ts'
import { usesOfTransitions, withTheirUploads } from './upload-uses-sql.ts'

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

const lockedJobs = (cte: 'locked' | 'candidates'): string => `
op AS MATERIALIZED (
  SELECT * FROM jsonb_to_recordset($1::jsonb) AS op(
    operation_id text, job_id text, verb text, from_states text[], to_state text, needs_lease boolean,
    epoch int, seq int, patch jsonb, due_in_ms bigint, events jsonb, attempts jsonb, rows jsonb,
    answers_deliveries boolean, upload_ids text[])
),
${cte} AS MATERIALIZED (
  SELECT op.*, found.old
  FROM (SELECT * FROM op ORDER BY job_id) op CROSS JOIN LATERAL (
    SELECT j AS old FROM jobs j
    WHERE j.id = op.job_id AND j.state = ANY (op.from_states) AND j.erased_at IS NULL
      AND (NOT op.needs_lease OR j.epoch = op.epoch)
      AND (op.seq IS NULL OR j.seq = op.seq)
    FOR UPDATE) found
)`

const changedJobs = `
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
    order_at = CASE WHEN l.verb = 'redrive' THEN now() - ${headStartOf('j')} ELSE j.order_at END,
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
    l.operation_id, l.events, l.attempts, l.rows, l.answers_deliveries, (l.old).stage AS old_stage,
    (l.old).message_no AS old_message_no, (l.old).tries AS old_tries, (l.old).attempt AS old_attempt,
    (l.old).lease_owner AS old_owner, j.skill, j.batch_id, j.state, (l.old).state AS old_state, (l.old).finished_at AS old_finished_at,
    j.credits_spent - (l.old).credits_spent AS newly_spent,
    j.credits_at_risk - (l.old).credits_at_risk AS newly_at_risk, j.failure_code, j.session_id,
    ${placeColumns.map((column) => `j.${column}`).join(', ')},
    l.needs_lease AND l.patch ? 'provider_session_id' AS has_moved
)`

const sideRows = `
side AS MATERIALIZED (
  SELECT u.id AS job_id, u.tenant_id, u.skill, r.*
  FROM updated u, LATERAL jsonb_to_recordset(u.rows) AS r(
    kind text, id text, account_id text, external_id text, task_id text, user_id text, storage_key text,
    content_type text, size_bytes bigint, sha256 text, width int, height int, duration_s float8, video_codec text,
    audio_codec text, state text, credits_settled int, is_estimated boolean, detail jsonb, no int,
    provider_session_id text, provider_url text)
)`

/** What may be written besides the row of the job. */
const parts = {
  uploads: usesOfTransitions,
  tallies: talliesOfTransitions,
  conversations: conversationsOfTransitions,
  events: `
events AS (
  INSERT INTO job_events (job_id, seq, id, tenant_id, type, epoch, data)
  SELECT u.id, u.seq - jsonb_array_length(u.events) + e.no, new_id('evt'), u.tenant_id, e.event->>'type', u.epoch,
    e.event->'data'
  FROM updated u, LATERAL jsonb_array_elements(u.events) WITH ORDINALITY AS e(event, no)
  RETURNING job_id, seq, id, tenant_id, type
),
${deliveriesRungAt('(SELECT CASE WHEN u.answers_deliveries THEN now() END FROM updated u WHERE u.id = e.job_id)').trim()}`,
  attempts: `
attempts AS (
  INSERT INTO attempts
    (job_id, attempt, stage, message_no, try, epoch, owner, started_at, finished_at, outcome, failure_code, detail)
  SELECT u.id, u.old_attempt, COALESCE(a.stage, u.old_stage), COALESCE(a.message_no, u.old_message_no),
    COALESCE(a.try, u.old_tries), u.epoch, u.old_owner,
    now() - (a.ms + a.ended_ms_ago) * interval '1 millisecond', now() - a.ended_ms_ago * interval '1 millisecond',
    a.outcome, a.failure_code, a.detail
  FROM updated u, LATERAL jsonb_to_recordset(u.attempts) AS a(
    outcome text, failure_code text, ms float8, ended_ms_ago float8, detail jsonb, stage text, message_no int, try int)
)`,
  session: `
sessions AS (
  INSERT INTO provider_sessions (id, tenant_id, account_id, external_id, task_id, user_id, job_id, skill)
  SELECT id, tenant_id, account_id, external_id, task_id, user_id, job_id, skill FROM side WHERE kind = 'session'
)`,
  input: `
inputs AS (
  UPDATE job_inputs i SET state = 'acknowledged', acknowledged_at = now(), provider_url = s.provider_url
  FROM side s
  WHERE s.kind = 'input' AND i.job_id = s.job_id AND i.no = s.no AND i.provider_session_id = s.provider_session_id
)`,
  artifact: `
artifacts AS (
  INSERT INTO artifacts (id, job_id, tenant_id, storage_key, content_type, size_bytes, sha256, width, height,
    duration_s, video_codec, audio_codec, expires_at)
  SELECT s.id, s.job_id, s.tenant_id, s.storage_key, s.content_type, s.size_bytes, s.sha256, s.width, s.height,
    s.duration_s, s.video_codec, s.audio_codec, now() + t.retention_days * interval '1 day'
  FROM side s JOIN tenants t ON t.id = s.tenant_id WHERE s.kind = 'artifact'
)`,
  permit: `
${settledBudgets.trim()},
permits AS (
  UPDATE permits p SET state = s.state, credits_settled = s.credits_settled, is_estimated = s.is_estimated,
    detail = p.detail || s.detail, closed_at = now()
  FROM side s WHERE s.kind = 'permit' AND p.id = s.id AND ${afterSettledBudgets}
)`,
} as const

export type TransitionPart = keyof typeof parts

const partNames = Object.keys(parts) as TransitionPart[]

/** Redrives alone need it. */
const rareParts: ReadonlySet<TransitionPart> = new Set(['uploads'])

const sideParts: ReadonlySet<TransitionPart> = new Set(['session', 'input', 'artifact', 'permit'])

interface TransitionStatement {
  /** Under which a connection knows it. */
  readonly name: string
  readonly text: string
}

const statements = new Map<string, TransitionStatement>()

/**
 * The statement for operations that need the given parts; $1 is the operations. An operation that comes alone gets the
 * parts that it needs, several share the costs of one with all usual parts: there are few different statements, as each
 * connection plans and keeps every one that it meets, at up to a megabyte.
 */
export const transitionStatement = (
  operations: readonly { readonly parts: readonly TransitionPart[] }[],
): TransitionStatement => {
  const needed = new Set(operations.flatMap(({ parts: own }) => own))
  const present = partNames.filter(
    (part) => needed.has(part) || (operations.length > 1 && !rareParts.has(part)),
  )
  const name = `transition-jobs ${present.map((part) => part.slice(0, 3)).join('')}`
  const known = statements.get(name)
  if (known !== undefined) return known
  const statement = { name, text: composeStatement(present) }
  statements.set(name, statement)
  return statement
}

const composeStatement = (present: readonly TransitionPart[]): string => {
  const ctes = present.includes('uploads')
    ? [lockedJobs('candidates'), withTheirUploads, changedJobs]
    : [lockedJobs('locked'), changedJobs]
  if (present.some((part) => sideParts.has(part))) ctes.push(sideRows)
  ctes.push(...present.map((part) => parts[part]))
  return `WITH ${ctes.map((cte) => cte.trim()).join(',\n')}
SELECT u.id, u.operation_id, u.seq, u.epoch, u.is_cancel_requested, ${
    present.includes('events')
      ? `COALESCE(d.ids, '{}') AS deliveries
FROM updated u LEFT JOIN (SELECT job_id, array_agg(id) AS ids FROM deliveries GROUP BY job_id) d ON d.job_id = u.id`
      : `'{}'::text[] AS deliveries FROM updated u`
  }`
}
