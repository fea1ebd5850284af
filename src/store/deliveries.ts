/** Callback deliveries on their way: claimed under an epoch of their own, every try recorded (guarantees.md §2.1-8). */
import type { Pool } from 'pg'
import type { Clock } from '../clock.ts'
import { createBatcher } from './batcher.ts'
import { isConnectionError } from './database-error.ts'
import { type ClaimRow, claimSql, toClaimed } from './delivery-claim.ts'
import { type RecordedRow, recordSql, toOperation } from './delivery-record.ts'
import type { JobRecord } from './job-record.ts'
import { toJsonb } from './jsonb.ts'

/** A delivery that is ours until its lease runs out. */
export interface ClaimedDelivery {
  readonly id: string
  /** Another one with every claim. */
  readonly epoch: number
  readonly tenantId: string
  /** The `webhook-id`: the same over all tries. */
  readonly eventId: string
  readonly eventType: string
  readonly eventSeq: number
  readonly eventAt: Date
  /** When it was claimed, in milliseconds on the database's clock. */
  readonly claimedAtMs: number
  /** Tries that came before this one, since the delivery was made or asked for again. */
  readonly tries: number
  /** Exact bytes from an earlier try; null before the first. */
  readonly body: string | null
  /** Null when the endpoint, or whatever had the callback, is no longer there. */
  readonly target: DeliveryTarget | null
  /** Null where the event is none of a job. */
  readonly job: JobRecord | null
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
  readonly table: 'job_requests' | 'batches' | 'callback_endpoints' | 'tenants'
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

/** What an endpoint has done nothing but, up to now. */
export interface FailureStreak {
  readonly failures: number
  readonly failingForMs: number
}

export interface DeliveryStore {
  /** Null when it is not due, done, somebody else's, or for an endpoint that is disabled. */
  claim(deliveryId: string): Promise<ClaimedDelivery | null>
  /**
   * Keeps the body before its first try and returns the one that is kept. Null when the delivery is somebody else's by
   * now, or done: then nothing is to be sent.
   */
  keepBody(delivery: { readonly id: string; readonly epoch: number }, body: string): Promise<string | null>
  /**
   * The streak that its endpoint is in now; null when the try came too late to count, or there is nothing to tell: of
   * an answer that the receiver is gone there always is.
   */
  record(attempt: DeliveryTry): Promise<FailureStreak | null>
  /** Gives a claimed delivery back untried, to be claimed again after `dueInMs`. */
  postpone(delivery: { readonly id: string; readonly epoch: number; readonly dueInMs: number }): Promise<void>
}

type Writing =
  | { readonly kind: 'keep'; readonly id: string; readonly epoch: number; readonly body: string }
  | { readonly kind: 'record'; readonly id: string; readonly attempt: DeliveryTry }

/** Callbacks are many and nothing waits for them, so that the statements that they share may be few. */
const restMs = 40

export const createDeliveryStore = ({
  pool,
  leaseMs,
  clock,
}: {
  readonly pool: Pool
  readonly leaseMs: number
  readonly clock: Clock
}): DeliveryStore => {
  const rest = { clock, ms: restMs }
  const claims = createBatcher<string, ClaimedDelivery | null>({
    maxBatch: 200,
    maxInFlight: 1,
    isFatal: isConnectionError,
    rest,
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

  // A body that is kept rides with the tries that are recorded: as many of each, in half the statements.
  const writes = createBatcher<Writing, RecordedRow | null>({
    maxBatch: 200,
    maxInFlight: 1,
    isFatal: isConnectionError,
    rest,
    async flush(operations) {
      const tries = operations.flatMap((each) => (each.kind === 'record' ? each.attempt : []))
      const kept = operations.flatMap((each) => (each.kind === 'keep' ? each : []))
      const { rows } = await pool.query<RecordedRow>({
        name: 'record-deliveries',
        text: recordSql,
        values: [
          toJsonb(tries.map(toOperation)),
          kept.map(({ id }) => id),
          kept.map(({ epoch }) => epoch),
          kept.map(({ body }) => body),
        ],
      })
      const byId = new Map(rows.map((row) => [row.id, row]))
      return operations.map(({ id }) => byId.get(id) ?? null)
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
    keepBody: async ({ id, epoch }, body) =>
      (await writes.run({ kind: 'keep', id, epoch, body }))?.body ?? null,
    async record(attempt) {
      const row = await writes.run({ kind: 'record', id: attempt.id, attempt })
      return row === null ? null : toStreak(row)
    },
  }
}

/** Two bells for one delivery in the same batch: only the first gets it. */
const takeOnce = (claimed: Map<string, ClaimedDelivery>, id: string): ClaimedDelivery | null => {
  const delivery = claimed.get(id) ?? null
  claimed.delete(id)
  return delivery
}

const toStreak = ({ failures, failing_for_ms }: RecordedRow): FailureStreak => ({
  failures,
  failingForMs: failing_for_ms,
})
