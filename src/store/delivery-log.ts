/** Deliveries as their tenant sees them, each with every try, and the wish to have one again (api.md §5). */
import type { Pool } from 'pg'
import type { ListPage } from './list-order.ts'

export const deliveryStates = ['waiting', 'delivered', 'failed', 'exhausted'] as const
export type DeliveryState = (typeof deliveryStates)[number]

export interface DeliveryRecord {
  readonly id: string
  readonly jobId: string | null
  readonly batchId: string | null
  readonly endpointId: string | null
  readonly eventId: string
  readonly eventType: string
  readonly eventSeq: number
  readonly state: DeliveryState
  /** Null when the receiver is no longer there. */
  readonly url: string | null
  /** What it told of was erased with its job, so it cannot be told again. */
  readonly isErased: boolean
  /** Null when there is none, or while its endpoint is disabled. */
  readonly nextTryAt: Date | null
  readonly deliveredAt: Date | null
  readonly createdAt: Date
  readonly tries: readonly DeliveryTryRecord[]
}

export interface DeliveryTryRecord {
  readonly no: number
  readonly startedAt: Date
  readonly durationMs: number
  readonly outcome: string
  readonly httpStatus: number | null
  readonly error: string | null
  readonly responseHead: string | null
}

export interface DeliveryFilter {
  readonly jobIds?: readonly string[]
  readonly endpointIds?: readonly string[]
  readonly states?: readonly DeliveryState[]
}

export interface DeliveryLog {
  find(tenantId: string, deliveryId: string): Promise<DeliveryRecord | null>
  /** Newest first. */
  list(tenantId: string, filter: DeliveryFilter, page: ListPage): Promise<DeliveryRecord[]>
  /** Makes it due now, with a whole schedule of tries before it. Nothing about an unknown one. */
  redeliver(tenantId: string, deliveryId: string): Promise<void>
}

interface Row {
  id: string
  job_id: string | null
  batch_id: string | null
  endpoint_id: string | null
  event_id: string
  event_type: string
  event_seq: number
  state: DeliveryState
  url: string | null
  is_erased: boolean
  next_try_at: Date | null
  delivered_at: Date | null
  created_at: Date
  tries: TryRow[]
}

/** As JSON has it: the time is text. */
interface TryRow {
  no: number
  started_at: string
  duration_ms: number
  outcome: string
  http_status: number | null
  error: string | null
  response_head: string | null
}

const selectSql = `
SELECT d.id, d.job_id, d.batch_id, d.endpoint_id, d.event_id, d.event_type, d.event_seq, d.state, d.delivered_at, d.created_at,
  CASE WHEN d.endpoint_id IS NULL THEN COALESCE(q.callback, b.callback)->>'url' ELSE c.url END AS url,
  d.job_id IS NOT NULL AND q.job_id IS NULL AS is_erased,
  CASE WHEN d.state = 'waiting' AND d.due_at < 'infinity' THEN d.due_at END AS next_try_at,
  COALESCE((SELECT jsonb_agg(to_jsonb(a) ORDER BY a.no) FROM callback_attempts a WHERE a.delivery_id = d.id), '[]')
    AS tries
FROM callback_deliveries d
LEFT JOIN callback_endpoints c ON c.id = d.endpoint_id
LEFT JOIN job_requests q ON q.job_id = d.job_id
LEFT JOIN batches b ON b.id = d.batch_id`

/** A try under way belongs to the former schedule: the whole one begins after it, whatever comes of it. */
const redeliverSql = `
UPDATE callback_deliveries
SET state = 'waiting', due_at = date_trunc('milliseconds', now()), rung_at = NULL,
  tries_before = tries + CASE WHEN lease_until > now() THEN 1 ELSE 0 END
WHERE id = $1 AND tenant_id = $2`

export const createDeliveryLog = ({ pool }: { readonly pool: Pool }): DeliveryLog => ({
  async find(tenantId, deliveryId) {
    const { rows } = await pool.query<Row>(`${selectSql} WHERE d.id = $1 AND d.tenant_id = $2`, [
      deliveryId,
      tenantId,
    ])
    return rows[0] === undefined ? null : toDelivery(rows[0])
  },

  async list(tenantId, filter, page) {
    const { text, values } = toListQuery(tenantId, filter, page)
    const { rows } = await pool.query<Row>(text, values)
    return rows.map(toDelivery)
  },

  async redeliver(tenantId, deliveryId) {
    await pool.query(redeliverSql, [deliveryId, tenantId])
  },
})

const toListQuery = (
  tenantId: string,
  { jobIds, endpointIds, states }: DeliveryFilter,
  { limit, after }: ListPage,
): { readonly text: string; readonly values: unknown[] } => {
  const values: unknown[] = []
  const param = (value: unknown): string => `$${values.push(value)}`
  const anyOf = (column: string, accepted: readonly string[] | undefined): string[] =>
    accepted === undefined ? [] : [`${column} = ANY (${param(accepted)})`]
  const conditions = [
    `d.tenant_id = ${param(tenantId)}`,
    ...(after === null ? [] : [`(d.created_at, d.id) < (${param(after.createdAt)}, ${param(after.id)})`]),
    ...anyOf('d.job_id', jobIds),
    ...anyOf('d.endpoint_id', endpointIds),
    ...anyOf('d.state', states),
  ]
  const text = `${selectSql} WHERE ${conditions.join(' AND ')}
ORDER BY d.created_at DESC, d.id DESC LIMIT ${param(limit)}`
  return { text, values }
}

const toDelivery = (row: Row): DeliveryRecord => ({
  id: row.id,
  jobId: row.job_id,
  batchId: row.batch_id,
  endpointId: row.endpoint_id,
  eventId: row.event_id,
  eventType: row.event_type,
  eventSeq: row.event_seq,
  state: row.state,
  url: row.url,
  isErased: row.is_erased,
  nextTryAt: row.next_try_at,
  deliveredAt: row.delivered_at,
  createdAt: row.created_at,
  tries: row.tries.map((attempt) => ({
    no: attempt.no,
    startedAt: new Date(attempt.started_at),
    durationMs: attempt.duration_ms,
    outcome: attempt.outcome,
    httpStatus: attempt.http_status,
    error: attempt.error,
    responseHead: attempt.response_head,
  })),
})
