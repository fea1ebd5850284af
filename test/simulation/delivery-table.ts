import type { ClaimRow } from '../../src/store/delivery-claim.ts'
import type { Database } from './database.ts'
import { epochMs } from './process.ts'
import type { DeliveryModelRow } from './rows.ts'
import type { World } from './world.ts'

/** What the statements of `deliveries.ts` do to the table of deliveries. */
export interface DeliveryTable {
  claim(ids: readonly string[], leaseMs: number): ClaimRow[]
  /** The tries that counted, and the bodies that are kept. */
  record(tries: readonly RecordRow[], kept: readonly KeptRow[]): RecordedModelRow[]
}

export interface RecordRow {
  readonly id: string
  readonly epoch: number
  readonly state: DeliveryModelRow['state']
  readonly due_in_ms: number | null
}

export interface KeptRow {
  readonly id: string
  readonly epoch: number
  readonly body: string
}

interface RecordedModelRow {
  readonly id: string
  readonly failures: number
  readonly failing_for_ms: number
  readonly body: string | null
}

export const createDeliveryTable = (
  { scheduler }: World,
  { jobs, deliveries }: Database,
  changed: () => void,
): DeliveryTable => {
  const findHeld = (id: string, epoch: number): DeliveryModelRow | undefined =>
    deliveries.find((row) => row.id === id && row.epoch === epoch && row.state === 'waiting')

  const toClaimRow = (row: DeliveryModelRow): ClaimRow => {
    const job = jobs.get(row.job_id)
    if (job === undefined) throw new Error(`the delivery ${row.id} is of no job`)
    const said = { ...job, ...job.request, artifact_id: null, created_at: new Date(epochMs) }
    return {
      ...said,
      claimed_at_ms: epochMs + scheduler.nowMs,
      delivery_id: row.id,
      delivery_epoch: row.epoch,
      delivery_tenant_id: job.tenant_id,
      event_id: row.event_id,
      event_type: row.event_type,
      event_seq: row.event_seq,
      event_at: new Date(epochMs + row.created_at),
      delivery_tries: row.tries,
      tries_before: 0,
      body: row.body,
      endpoint_id: null,
      has_job: true,
      callback: { url: `https://receiver/${row.id}`, events: [], headers: {}, secret_sealed: null },
      batch_owner_id: null,
      endpoint_url: null,
      endpoint_secret: null,
      endpoint_previous_secret: null,
      tenant_secret: 'the secret of the tenant',
      tenant_previous_secret: null,
    } as unknown as ClaimRow
  }

  return {
    claim(ids, leaseMs) {
      const { nowMs } = scheduler
      const due = deliveries.filter(
        (row) =>
          ids.includes(row.id) &&
          row.state === 'waiting' &&
          row.due_at <= nowMs &&
          (row.lease_until === null || row.lease_until < nowMs),
      )
      for (const row of due)
        Object.assign(row, { lease_until: nowMs + leaseMs, epoch: row.epoch + 1, rung_at: null })
      changed()
      return due.map(toClaimRow)
    },
    record(tries, kept) {
      for (const { id, epoch, state, due_in_ms } of tries) {
        const row = findHeld(id, epoch)
        if (row === undefined) continue
        const dueAt = due_in_ms === null ? row.due_at : scheduler.nowMs + due_in_ms
        Object.assign(row, { state, tries: row.tries + 1, due_at: dueAt, lease_until: null })
      }
      changed()
      return kept.flatMap(({ id, epoch, body }) => {
        const row = findHeld(id, epoch)
        if (row === undefined) return []
        row.body ??= body
        return [{ id, failures: 0, failing_for_ms: 0, body: row.body }]
      })
    },
  }
}
