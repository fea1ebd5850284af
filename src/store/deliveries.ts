/** Callback deliveries on their way: claimed under an epoch of their own, every try recorded (guarantees.md §2.1-8). */
import type { Pool } from 'pg'
import { createBatcher } from './batcher.ts'
import { isConnectionError } from './database-error.ts'
import {
  type JobRecord,
  type JobRecordRow,
  jobRecordColumns,
  jobRecordTables,
  toJobRecord,
} from './job-record.ts'
import type { StoredCallback } from './job-row.ts'

/** A delivery that is ours until its lease runs out. */
export interface ClaimedDelivery {
  readonly id: string
  readonly epoch: number
  readonly tenantId: string
  /** The `webhook-id`: the same over all tries. */
  readonly eventId: string
  readonly eventType: string
  readonly eventSeq: number
  readonly eventAt: Date
  /** Tries that came before this one. */
  readonly tries: number
  /** Exact bytes from an earlier try; null before the first. */
  readonly body: string | null
  readonly target: DeliveryTarget
  readonly job: JobRecord
}

export interface DeliveryTarget {
  readonly url: string
  readonly headers: Readonly<Record<string, string>>
  readonly endpointId: string | null
  /** Sealed secrets, each with the row it was sealed for; all of them sign. */
  readonly secrets: readonly SealedSecret[]
}

export interface SealedSecret {
  readonly sealed: string
  readonly table: 'job_requests' | 'callback_endpoints' | 'tenants'
  readonly rowId: string
}

export interface DeliveryTry {
  readonly id: string
  readonly epoch: number
  readonly durationMs: number
  readonly outcome: string
  readonly httpStatus: number | null
  readonly error: string | null
  readonly responseHead: string | null
  readonly next:
    | { readonly state: 'delivered' | 'failed' | 'exhausted' }
    | { readonly state: 'waiting'; readonly dueInMs: number }
}

export interface DeliveryStore {
  /** Null when it is not due, done, or somebody else's. */
  claim(deliveryId: string): Promise<ClaimedDelivery | null>
  /** Keeps the body before its first try and returns the one that is kept. */
  keepBody(deliveryId: string, body: string): Promise<string>
  record(attempt: DeliveryTry): Promise<void>
  /** Gives a claimed delivery back untried, to be claimed again after `dueInMs`. */
  postpone(delivery: { readonly id: string; readonly epoch: number; readonly dueInMs: number }): Promise<void>
}

/** $1 delivery ids, $2 length of the lease in milliseconds. */
const claimSql = `
WITH locked AS MATERIALIZED (
  SELECT id FROM callback_deliveries
  WHERE id = ANY ($1) AND state = 'waiting' AND due_at <= now() AND (lease_until IS NULL OR lease_until < now())
  ORDER BY id FOR UPDATE SKIP LOCKED
),
claimed AS (
  UPDATE callback_deliveries d
  SET lease_until = now() + $2 * interval '1 millisecond', epoch = d.epoch + 1, rung_at = NULL
  FROM locked l WHERE d.id = l.id
  RETURNING d.*
)
SELECT d.id AS delivery_id, d.epoch AS delivery_epoch, d.event_id, d.event_type, d.event_seq, d.tries AS delivery_tries,
  d.body, d.endpoint_id, d.created_at AS event_at, q.callback, c.url AS endpoint_url,
  c.secret_sealed AS endpoint_secret,
  CASE WHEN c.previous_secret_until > now() THEN c.previous_secret_sealed END AS endpoint_previous_secret,
  t.callback_secret_sealed AS tenant_secret,
  CASE WHEN t.previous_secret_until > now() THEN t.previous_secret_sealed END AS tenant_previous_secret,
  ${jobRecordColumns}
FROM claimed d
JOIN (${jobRecordTables}) ON j.id = d.job_id
JOIN tenants t ON t.id = d.tenant_id
LEFT JOIN callback_endpoints c ON c.id = d.endpoint_id`

const recordSql = `
WITH op AS MATERIALIZED (
  SELECT * FROM jsonb_to_recordset($1::jsonb) AS op(
    id text, epoch int, duration_ms int, outcome text, http_status int, error text, response_head text,
    state text, due_in_ms bigint)
),
locked AS MATERIALIZED (
  SELECT op.*, d.tries FROM op JOIN callback_deliveries d ON d.id = op.id AND d.epoch = op.epoch
  WHERE d.state = 'waiting' ORDER BY d.id FOR UPDATE OF d
),
updated AS (
  UPDATE callback_deliveries d SET
    state = l.state,
    tries = d.tries + 1,
    due_at = CASE WHEN l.due_in_ms IS NULL THEN d.due_at ELSE now() + l.due_in_ms * interval '1 millisecond' END,
    lease_until = NULL,
    delivered_at = CASE WHEN l.state = 'delivered' THEN now() END
  FROM locked l WHERE d.id = l.id
  RETURNING d.id, d.endpoint_id
),
disabled AS (
  UPDATE callback_endpoints c SET disabled_at = now(), disabled_reason = 'gone'
  FROM updated u JOIN locked l ON l.id = u.id
  WHERE c.id = u.endpoint_id AND l.outcome = 'gone' AND c.disabled_at IS NULL
)
INSERT INTO callback_attempts (delivery_id, no, started_at, duration_ms, outcome, http_status, error, response_head)
SELECT l.id, l.tries + 1, now() - l.duration_ms * interval '1 millisecond', l.duration_ms, l.outcome, l.http_status,
  l.error, l.response_head
FROM locked l`

interface ClaimRow extends JobRecordRow {
  delivery_id: string
  delivery_epoch: number
  event_id: string
  event_type: string
  event_seq: number
  event_at: Date
  delivery_tries: number
  body: string | null
  endpoint_id: string | null
  callback: StoredCallback | null
  endpoint_url: string | null
  endpoint_secret: string | null
  endpoint_previous_secret: string | null
  tenant_secret: string | null
  tenant_previous_secret: string | null
}

export const createDeliveryStore = ({ pool, leaseMs }: { pool: Pool; leaseMs: number }): DeliveryStore => {
  const claims = createBatcher<string, ClaimedDelivery | null>({
    maxBatch: 200,
    maxInFlight: 2,
    isFatal: isConnectionError,
    async flush(ids) {
      const { rows } = await pool.query<ClaimRow>({
        name: 'claim-deliveries',
        text: claimSql,
        values: [ids, leaseMs],
      })
      const byId = new Map(rows.map((row) => [row.delivery_id, toClaimed(row)]))
      return ids.map((id) => takeOnce(byId, id))
    },
  })

  const bodies = createBatcher<{ readonly id: string; readonly body: string }, string>({
    maxBatch: 200,
    maxInFlight: 2,
    isFatal: isConnectionError,
    async flush(kept) {
      const { rows } = await pool.query<{ id: string; body: string }>({
        name: 'keep-delivery-bodies',
        text: `UPDATE callback_deliveries d SET body = COALESCE(d.body, k.body)
               FROM unnest($1::text[], $2::text[]) AS k(id, body) WHERE d.id = k.id RETURNING d.id, d.body`,
        values: [kept.map(({ id }) => id), kept.map(({ body }) => body)],
      })
      const byId = new Map(rows.map(({ id, body }) => [id, body]))
      return kept.map(({ id, body }) => byId.get(id) ?? body)
    },
  })

  const records = createBatcher<DeliveryTry, void>({
    maxBatch: 200,
    maxInFlight: 2,
    isFatal: isConnectionError,
    async flush(tries) {
      await pool.query({
        name: 'record-deliveries',
        text: recordSql,
        values: [JSON.stringify(tries.map(toOperation))],
      })
      return tries.map(() => undefined)
    },
  })

  const postponed = createBatcher<
    { readonly id: string; readonly epoch: number; readonly dueInMs: number },
    void
  >({
    maxBatch: 500,
    maxInFlight: 1,
    isFatal: isConnectionError,
    async flush(deliveries) {
      await pool.query({
        name: 'postpone-deliveries',
        text: `UPDATE callback_deliveries d
               SET lease_until = NULL, due_at = now() + p.due_in_ms * interval '1 millisecond'
               FROM unnest($1::text[], $2::int[], $3::int[]) AS p(id, epoch, due_in_ms)
               WHERE d.id = p.id AND d.epoch = p.epoch AND d.state = 'waiting'`,
        values: [
          deliveries.map(({ id }) => id),
          deliveries.map(({ epoch }) => epoch),
          deliveries.map(({ dueInMs }) => Math.round(dueInMs)),
        ],
      })
      return deliveries.map(() => undefined)
    },
  })

  return {
    postpone: (delivery) => postponed.run(delivery),
    claim: (deliveryId) => claims.run(deliveryId),
    keepBody: (id, body) => bodies.run({ id, body }),
    record: (attempt) => records.run(attempt),
  }
}

/** Two bells for one delivery in the same batch: only the first gets it. */
const takeOnce = (claimed: Map<string, ClaimedDelivery>, id: string): ClaimedDelivery | null => {
  const delivery = claimed.get(id) ?? null
  claimed.delete(id)
  return delivery
}

const toOperation = ({ next, ...attempt }: DeliveryTry) => ({
  id: attempt.id,
  epoch: attempt.epoch,
  duration_ms: Math.round(attempt.durationMs),
  outcome: attempt.outcome,
  http_status: attempt.httpStatus,
  error: attempt.error,
  response_head: attempt.responseHead,
  state: next.state,
  due_in_ms: next.state === 'waiting' ? Math.round(next.dueInMs) : null,
})

const toClaimed = (row: ClaimRow): ClaimedDelivery => ({
  id: row.delivery_id,
  epoch: row.delivery_epoch,
  tenantId: row.tenant_id,
  eventId: row.event_id,
  eventType: row.event_type,
  eventSeq: row.event_seq,
  eventAt: row.event_at,
  tries: row.delivery_tries,
  body: row.body,
  target: toTarget(row),
  job: toJobRecord(row),
})

const toTarget = (row: ClaimRow): DeliveryTarget => {
  if (row.endpoint_id !== null)
    return {
      url: row.endpoint_url ?? '',
      headers: {},
      endpointId: row.endpoint_id,
      secrets: secretsOf('callback_endpoints', row.endpoint_id, [
        row.endpoint_secret,
        row.endpoint_previous_secret,
      ]),
    }
  const own = row.callback?.secret_sealed ?? null
  return {
    url: row.callback?.url ?? '',
    headers: row.callback?.headers ?? {},
    endpointId: null,
    secrets:
      own === null
        ? secretsOf('tenants', row.tenant_id, [row.tenant_secret, row.tenant_previous_secret])
        : secretsOf('job_requests', row.id, [own]),
  }
}

const secretsOf = (
  table: SealedSecret['table'],
  rowId: string,
  sealed: readonly (string | null)[],
): readonly SealedSecret[] =>
  sealed.flatMap((secret) => (secret === null ? [] : [{ sealed: secret, table, rowId }]))
