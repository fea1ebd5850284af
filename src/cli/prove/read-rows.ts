/** Reads the service's rows as facts, by plain SQL and nothing of the service's own. */
import type { JobEventData, JobEventType } from '../../job/events.ts'
import type { ArtifactFact, AttemptFact, DeliveryFact, EventFact, JobFact, PermitFact } from './evidence.ts'

/** A connection pool of `pg`, or anything else that answers a query with rows. */
export interface Queryable {
  query(sql: string): Promise<{ readonly rows: readonly unknown[] }>
}

export interface Rows {
  readonly jobs: readonly JobFact[]
  readonly events: readonly EventFact[]
  readonly permits: readonly PermitFact[]
  readonly attempts: readonly AttemptFact[]
  readonly deliveries: readonly DeliveryFact[]
  readonly artifacts: readonly (Omit<ArtifactFact, 'storedSha256'> & { readonly storageKey: string })[]
}

/** Under this name the load puts its key into a job's metadata. */
export const keyInMetadata = 'prove_key'

const toMs = (column: string): string => `(extract(epoch FROM ${column}) * 1000)::float8`

const jobsSql = `
SELECT j.id, q.metadata->>'${keyInMetadata}' AS key, j.state, j.stage, j.message_no AS "messageNo", j.seq, j.attempt,
  j.progress, j.failure_code AS "failureCode", j.failure_message AS "failureMessage",
  j.credits_spent AS "creditsSpent", j.credits_at_risk AS "creditsAtRisk", j.render_id AS "renderId",
  j.artifact_id AS "artifactId", q.callback->'events' AS "callbackEvents"
FROM jobs j JOIN job_requests q ON q.job_id = j.id`

const eventsSql = `
SELECT job_id AS "jobId", seq, id, epoch, ${toMs('at')} AS "atMs", type, data FROM job_events ORDER BY job_id, seq`

const permitsSql = `
SELECT job_id AS "jobId", message_no AS "messageNo", try, epoch, state, message_digest AS "messageDigest",
  credits_settled AS "creditsSettled", is_estimated AS "isEstimated", ${toMs('created_at')} AS "createdAtMs"
FROM permits ORDER BY created_at, id`

const attemptsSql = `
SELECT job_id AS "jobId", stage, epoch, owner, outcome, failure_code AS "failureCode", detail->>'note' AS note,
  ${toMs('finished_at')} AS "finishedAtMs"
FROM attempts ORDER BY id`

const deliveriesSql = `
SELECT job_id AS "jobId", event_id AS "eventId", event_type AS "eventType", state, tries FROM callback_deliveries`

const artifactsSql = `
SELECT id, job_id AS "jobId", sha256, storage_key AS "storageKey" FROM artifacts`

export const readRows = async (database: Queryable): Promise<Rows> => {
  const list = async <T>(sql: string) => (await database.query(sql)).rows as readonly T[]
  return {
    jobs: await list<JobFact>(jobsSql),
    events: (await list<StoredEventFact>(eventsSql)) as readonly EventFact[],
    permits: await list<PermitFact>(permitsSql),
    attempts: await list<AttemptFact>(attemptsSql),
    deliveries: await list<DeliveryFact>(deliveriesSql),
    artifacts: await list<Rows['artifacts'][number]>(artifactsSql),
  }
}

type StoredEventFact = Pick<EventFact, 'jobId' | 'seq' | 'id' | 'epoch' | 'atMs'> & {
  readonly type: JobEventType
  readonly data: JobEventData[JobEventType]
}

/** How much of the work has not come to rest. */
export interface Unrest {
  readonly ended: number
  readonly unended: number
  readonly undelivered: number
}

export const readUnrest = async (database: Queryable): Promise<Unrest> => {
  const { rows } = await database.query(`
    SELECT (SELECT count(*)::int FROM jobs WHERE finished_at IS NOT NULL) AS ended,
      (SELECT count(*)::int FROM jobs WHERE finished_at IS NULL) AS unended,
      (SELECT count(*)::int FROM callback_deliveries WHERE state = 'waiting') AS undelivered`)
  return rows[0] as Unrest
}
