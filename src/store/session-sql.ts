/**
 * What conversations add to the statements of the writer and the dispatcher: one job of a session at a time, always in
 * the provider session that the conversation has by then (architecture.md §4-1).
 */

/**
 * Is nothing of the session of job `job` (an alias of `jobs`) at work? True for a job without a session. A scalar
 * subquery, so that it is looked up through its index for each row and never hashed.
 */
export const hasFreeSession = (job: string): string => `(${job}.session_id IS NULL OR (
  SELECT o.id FROM jobs o WHERE o.session_id = ${job}.session_id AND o.state IN ('running', 'waiting') LIMIT 1) IS NULL)`

/**
 * Is something of the session of job `job` before it: at work, or due and created earlier? What was redriven or
 * scheduled is in the line by the time of its creation, and never beside what is at work. Two questions with an index
 * each, so that a long line costs no more than a short one.
 */
export const isBehindInSession = (job: string): string => `(NOT ${hasFreeSession(job)} OR (
  SELECT o.id FROM jobs o
  WHERE o.session_id = ${job}.session_id AND o.state = 'queued' AND o.due_at <= now()
    AND (o.created_at, o.id) < (${job}.created_at, ${job}.id)
  ORDER BY o.created_at, o.id LIMIT 1) IS NOT NULL)`

/** For the claim: of several queued jobs of a session in one statement, the rows of `locked` that may go on. */
export const isFirstOfSession = (job: string): string => `((${job}.old).session_id IS NULL OR NOT EXISTS (
  SELECT 1 FROM locked o
  WHERE (o.old).session_id = (${job}.old).session_id
    AND ((o.old).created_at, (o.old).id) < ((${job}.old).created_at, (${job}.old).id)))`

/** For the claim: `place` is where the conversation of a row `old` is at the provider, if it is there yet. */
export const sessionPlaceOf = (old: string): string => `LEFT JOIN LATERAL (
    SELECT s AS place FROM sessions s
    WHERE s.id = ${old}.session_id AND s.provider_session_id IS NOT NULL OFFSET 0) at_provider ON true`

/** Columns of `jobs` that a claim takes over from the conversation. */
export const placeColumns = [
  'account_id',
  'provider_session_id',
  'provider_task_id',
  'provider_user_id',
] as const

/**
 * For a transition, after its CTE `updated`: the conversation goes where its job has gone, and is lost where its job has
 * failed because of that.
 */
export const conversationsOfTransitions = `
moved_conversations AS (
  UPDATE sessions s SET ${placeColumns.map((column) => `${column} = u.${column}`).join(', ')}
  FROM updated u WHERE s.id = u.session_id AND u.has_moved
),
lost_conversations AS (
  UPDATE sessions s SET lost_at = COALESCE(s.lost_at, now())
  FROM updated u
  WHERE s.id = u.session_id AND NOT u.has_moved AND s.provider_session_id = u.provider_session_id
    AND u.state = 'failed' AND u.failure_code = 'provider_session_lost'
)`

/** For a statement whose CTE `accepted` are new jobs: what was said to make them, and that they are the answer. */
export const wordsOfNewJobs = `said AS (
  INSERT INTO session_messages (id, session_id, tenant_id, role, action, text, job_id)
  SELECT new_id('msg'), session_id, tenant_id, said.role, said_action, said.text, id
  FROM accepted, LATERAL (VALUES (1, 'user', said_text), (2, 'assistant', NULL)) AS said(turn, role, text)
  WHERE said_action IS NOT NULL
  ORDER BY id, said.turn
)`
