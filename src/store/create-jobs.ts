/**
 * Accepts jobs: many submits share one statement, which writes each job with its request, its first event, what that
 * event delivers, and its idempotency key, or nothing of it (architecture.md §5, guarantees.md §2.2 "Accept").
 *
 * Job ids are chosen before, so a statement whose COMMIT answer was lost is simply run again: what it wrote is found.
 */
import type { Pool, PoolClient } from 'pg'
import type { Clock } from '../clock.ts'
import { createBatcher } from './batcher.ts'
import { StoreUnavailable } from './database-error.ts'
import { firstEvents } from './first-events-sql.ts'
import { inTransaction } from './in-transaction.ts'
import type { NewIntakeEvent } from './intake-events.ts'
import { type NewIdempotencyKey, type NewJob, toNewRow } from './new-job.ts'
import { persist } from './persist.ts'
import { wordsOfNewJobs } from './session-sql.ts'
import { lackingUploads, usesOfUploads } from './upload-uses-sql.ts'

export interface CreateJobInput {
  readonly job: NewJob
  readonly idempotency: NewIdempotencyKey | null
  /** The event of an intake that the job is made of; never together with an idempotency key. */
  readonly intakeEvent?: NewIntakeEvent | null
}

export type CreateJobResult =
  | { readonly outcome: 'created'; readonly createdAt: Date }
  /** Another request holds the idempotency key, or the event has become a job; nothing was written. */
  | { readonly outcome: 'key_taken' }
  /** An upload that it takes was deleted; nothing was written. */
  | { readonly outcome: 'upload_gone' }

export type CreateDedupedResult = CreateJobResult | { readonly outcome: 'duplicate'; readonly jobId: string }

export interface JobCreator {
  create(input: CreateJobInput): Promise<CreateJobResult>
  /** The same for a job with a dedupe key, one at a time per key. `replaces` is a job that no longer counts. */
  createDeduped(input: CreateJobInput, replaces: string | null): Promise<CreateDedupedResult>
  idle(): Promise<void>
  readonly stats: { readonly statements: number; readonly operations: number }
}

export interface JobCreatorOptions {
  readonly pool: Pool
  readonly clock: Clock
  /** How long a submit waits for a database that is away. */
  readonly patienceMs: number
}

const createSql = `
WITH given AS MATERIALIZED (
  SELECT given.*, GREATEST(now(), given.run_at) AS due_at
  FROM jsonb_to_recordset($1::jsonb) AS given(
    id text, tenant_id text, skill text, priority text, head_start_s int, run_at timestamptz, start_deadline_s int,
    deadline_s int, session_id text, purpose text, said_action text, said_text text, credits_estimated int, prompt text, steps text[], inputs jsonb,
    upload_ids text[], output jsonb, language text, callback jsonb, on_unknown text, max_credits int, metadata jsonb,
    tags text[], dedupe_key text, dedupe_ttl_s int, route text, key text, fingerprint text, status int, body jsonb,
    job_field text, intake_id text, event_id text, body_digest text)
),
earlier AS MATERIALIZED (
  SELECT j.id, j.created_at FROM given JOIN jobs j ON j.id = given.id
),
${lackingUploads},
new AS MATERIALIZED (
  SELECT * FROM given
  WHERE id NOT IN (SELECT id FROM earlier) AND id NOT IN (SELECT id FROM lacking)
),
keys AS (
  INSERT INTO idempotency_keys (tenant_id, route, key, fingerprint, resource_id, status, body)
  SELECT tenant_id, route, key, fingerprint, id, status,
    jsonb_set(body, CASE WHEN job_field IS NULL THEN '{created_at}' ELSE ARRAY[job_field, 'created_at'] END,
      to_jsonb(to_char(date_trunc('milliseconds', now()), 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')))
  FROM new WHERE key IS NOT NULL
  ORDER BY tenant_id, route, key
  ON CONFLICT DO NOTHING
  RETURNING resource_id
),
incoming AS (
  INSERT INTO intake_events (intake_id, event_id, body_digest, job_id)
  SELECT intake_id, event_id, body_digest, id FROM new WHERE intake_id IS NOT NULL
  ORDER BY intake_id, event_id
  ON CONFLICT DO NOTHING
  RETURNING job_id
),
accepted AS MATERIALIZED (
  SELECT * FROM new
  WHERE (key IS NULL OR id IN (SELECT resource_id FROM keys))
    AND (intake_id IS NULL OR id IN (SELECT job_id FROM incoming))
  ORDER BY id
),
created AS (
  INSERT INTO jobs (id, tenant_id, skill, state, stage, due_at, order_at, priority, start_deadline_at, deadline_at,
    session_id, credits_estimated, created_at)
  SELECT id, tenant_id, skill, 'queued', 'auth', due_at, due_at - head_start_s * interval '1 second', priority,
    due_at + start_deadline_s * interval '1 second', due_at + deadline_s * interval '1 second',
    session_id, credits_estimated, date_trunc('milliseconds', now())
  FROM accepted
  RETURNING id, created_at
),
requests AS (
  INSERT INTO job_requests (job_id, tenant_id, purpose, skill, prompt, steps, inputs, output, language, callback, on_unknown,
    max_credits, metadata, tags, dedupe_key, dedupe_until)
  SELECT id, tenant_id, COALESCE(purpose, 'video'), skill, prompt, steps, inputs, output, language, callback, on_unknown, max_credits, metadata,
    tags, dedupe_key, now() + dedupe_ttl_s * interval '1 second'
  FROM accepted
),
${firstEvents("jsonb_build_object('skill', skill)")},
${wordsOfNewJobs},
${usesOfUploads}
SELECT id, created_at FROM created
UNION ALL SELECT id, created_at FROM earlier
UNION ALL SELECT id, NULL FROM lacking WHERE id NOT IN (SELECT id FROM earlier)`

type Operation = ReturnType<typeof toNewRow>

export const createJobCreator = (options: JobCreatorOptions): JobCreator => {
  const batcher = createBatcher<Operation, CreateJobResult>({
    maxBatch: 200,
    maxInFlight: 2,
    isFatal: (error) => error instanceof StoreUnavailable,
    flush: (rows) => persist(options, () => insert(options.pool, rows)),
  })
  return {
    create: (input) => batcher.run(toNewRow(input)),
    createDeduped: (input, replaces) =>
      persist(options, () => insertDeduped(options.pool, toNewRow(input), replaces)),
    idle: () => batcher.idle(),
    stats: batcher.stats,
  }
}

const insert = async (
  connection: Pool | PoolClient,
  rows: readonly Operation[],
): Promise<readonly CreateJobResult[]> => {
  const created = await connection.query<{ id: string; created_at: Date | null }>({
    name: 'create-jobs',
    text: createSql,
    values: [JSON.stringify(rows)],
  })
  const createdAt = new Map(created.rows.map((row) => [row.id, row.created_at]))
  return rows.map(({ id }) => {
    const at = createdAt.get(id)
    if (at === undefined) return { outcome: 'key_taken' }
    return at === null ? { outcome: 'upload_gone' } : { outcome: 'created', createdAt: at }
  })
}

/** A job that came to nothing holds no key. */
const holderSql = `
SELECT q.job_id FROM job_requests q JOIN jobs j ON j.id = q.job_id
WHERE q.tenant_id = $1 AND q.dedupe_key = $2 AND q.dedupe_until > now() AND j.state NOT IN ('failed', 'canceled')
  AND q.job_id <> $3 AND q.job_id IS DISTINCT FROM $4
ORDER BY q.dedupe_until DESC LIMIT 1`

/** One transaction: the lock makes equal keys come one after the other, and each sees what the one before has done. */
const insertDeduped = (pool: Pool, row: Operation, replaces: string | null): Promise<CreateDedupedResult> =>
  inTransaction(pool, async (connection) => {
    await connection.query('SELECT pg_advisory_xact_lock(hashtextextended($1, 0))', [
      JSON.stringify([row.tenant_id, row.dedupe_key]),
    ])
    return insertUnlessHeld(connection, row, replaces)
  })

/** An event that comes again is no duplicate of its own job: a job that replaces others must not replace that one. */
const knownEventSql = `
SELECT 1 FROM intake_events
WHERE intake_id = $1 AND (event_id = $2 OR body_digest = $3) AND job_id <> $4`

const insertUnlessHeld = async (
  connection: PoolClient,
  row: Operation,
  replaces: string | null,
): Promise<CreateDedupedResult> => {
  if (row.intake_id !== null) {
    const known = await connection.query(knownEventSql, [
      row.intake_id,
      row.event_id,
      row.body_digest,
      row.id,
    ])
    if (known.rows.length > 0) return { outcome: 'key_taken' }
  }
  const place = [row.tenant_id, row.dedupe_key, row.id, replaces]
  const { rows } = await connection.query<{ job_id: string }>(holderSql, place)
  const [holder] = rows
  if (holder !== undefined) return { outcome: 'duplicate', jobId: holder.job_id }
  const [result] = await insert(connection, [row])
  return result ?? { outcome: 'key_taken' }
}
