/** Taking a due delivery on: with what it says, to whom, and which secrets sign it. */
import { withoutWaiting } from './commit.ts'
import type { ClaimedDelivery, DeliveryTarget, SealedSecret } from './deliveries.ts'
import { type JobRecordRow, jobRecordColumns, toJobRecord } from './job-record.ts'
import type { StoredCallback } from './job-row.ts'

/**
 * $1 delivery ids, $2 length of the lease in milliseconds.
 *
 * The commit does not wait for the disk: a body is on it before it is sent for the first time, and with it the claim; a
 * claim for a later try that a crash of the database takes back makes the same call once more, under the same id. Epochs
 * are drawn, not counted: the next claim must not have that of the one that was taken back, whose holder may still be there.
 *
 * A try during which the delivery was asked for again, and which nobody has recorded, has not been one.
 *
 * What comes due for a disabled endpoint is put aside until the endpoint is enabled; the shared lock makes either the
 * enabling wait for that, or this see the endpoint enabled.
 */
export const claimSql = `
WITH haste AS MATERIALIZED (SELECT ${withoutWaiting}),
due AS MATERIALIZED (
  SELECT id, endpoint_id FROM callback_deliveries
  WHERE id = ANY ($1) AND state = 'waiting' AND due_at <= now() AND (lease_until IS NULL OR lease_until < now())
  ORDER BY id FOR UPDATE SKIP LOCKED
),
disabled AS MATERIALIZED (
  SELECT id FROM callback_endpoints
  WHERE id IN (SELECT endpoint_id FROM due) AND disabled_at IS NOT NULL
  ORDER BY id FOR SHARE
),
put_aside AS (
  UPDATE callback_deliveries d SET due_at = 'infinity', rung_at = NULL
  FROM due JOIN disabled ON disabled.id = due.endpoint_id WHERE d.id = due.id
),
claimed AS (
  UPDATE callback_deliveries d
  SET lease_until = now() + $2 * interval '1 millisecond', epoch = floor(random() * 2147483647), rung_at = NULL,
    tries_before = LEAST(d.tries_before, d.tries)
  FROM due WHERE d.id = due.id AND NOT EXISTS (SELECT 1 FROM disabled WHERE disabled.id = due.endpoint_id)
  RETURNING d.*
)
SELECT (extract(epoch FROM now()) * 1000)::float8 AS claimed_at_ms, d.id AS delivery_id, d.epoch AS delivery_epoch, d.tenant_id AS delivery_tenant_id, d.event_id, d.event_type,
  d.event_seq, d.tries AS delivery_tries, d.tries_before, d.body, d.endpoint_id, d.created_at AS event_at,
  COALESCE(q.callback, b.callback) AS callback, b.id AS batch_owner_id, q.job_id IS NOT NULL AS has_job, c.url AS endpoint_url, c.secret_sealed AS endpoint_secret,
  CASE WHEN c.previous_secret_until > now() THEN c.previous_secret_sealed END AS endpoint_previous_secret,
  t.callback_secret_sealed AS tenant_secret,
  CASE WHEN t.previous_secret_until > now() THEN t.previous_secret_sealed END AS tenant_previous_secret,
  ${jobRecordColumns}
FROM haste CROSS JOIN claimed d
LEFT JOIN jobs j ON j.id = d.job_id
LEFT JOIN job_requests q ON q.job_id = j.id
LEFT JOIN artifacts a ON a.id = j.artifact_id
JOIN tenants t ON t.id = d.tenant_id
LEFT JOIN callback_endpoints c ON c.id = d.endpoint_id
LEFT JOIN batches b ON b.id = d.batch_id`

/** The columns of the job are null where there is none. */
export interface ClaimRow extends JobRecordRow {
  claimed_at_ms: number
  delivery_id: string
  delivery_epoch: number
  delivery_tenant_id: string
  event_id: string
  event_type: string
  event_seq: number
  event_at: Date
  delivery_tries: number
  tries_before: number
  body: string | null
  endpoint_id: string | null
  has_job: boolean
  callback: StoredCallback | null
  batch_owner_id: string | null
  endpoint_url: string | null
  endpoint_secret: string | null
  endpoint_previous_secret: string | null
  tenant_secret: string | null
  tenant_previous_secret: string | null
}

export const toClaimed = (row: ClaimRow): ClaimedDelivery => ({
  id: row.delivery_id,
  epoch: row.delivery_epoch,
  tenantId: row.delivery_tenant_id,
  eventId: row.event_id,
  eventType: row.event_type,
  eventSeq: row.event_seq,
  eventAt: row.event_at,
  claimedAtMs: row.claimed_at_ms,
  tries: row.delivery_tries - row.tries_before,
  body: row.body,
  target: toTarget(row),
  job: row.has_job ? toJobRecord(row) : null,
})

const toTarget = (row: ClaimRow): DeliveryTarget | null =>
  row.endpoint_id === null ? toOwnTarget(row) : toEndpointTarget(row, row.endpoint_id)

/** Null when the endpoint was deleted meanwhile. */
const toEndpointTarget = (row: ClaimRow, endpointId: string): DeliveryTarget | null =>
  row.endpoint_url === null
    ? null
    : {
        url: row.endpoint_url,
        headers: {},
        endpointId,
        secrets: secretsOf('callback_endpoints', endpointId, [
          row.endpoint_secret,
          row.endpoint_previous_secret,
        ]),
      }

/** Null when the job, or the batch, was erased meanwhile. */
const toOwnTarget = ({ callback, ...row }: ClaimRow): DeliveryTarget | null => {
  if (callback === null) return null
  const own = callback.secret_sealed
  return {
    url: callback.url,
    headers: callback.headers,
    endpointId: null,
    secrets:
      own === null
        ? secretsOf('tenants', row.delivery_tenant_id, [row.tenant_secret, row.tenant_previous_secret])
        : row.batch_owner_id === null
          ? secretsOf('job_requests', row.id, [own])
          : secretsOf('batches', row.batch_owner_id, [own]),
  }
}

const secretsOf = (
  table: SealedSecret['table'],
  rowId: string,
  sealed: readonly (string | null)[],
): readonly SealedSecret[] =>
  sealed.flatMap((secret) => (secret === null ? [] : [{ sealed: secret, table, rowId }]))
