import { z } from 'zod'
import { withoutSecret } from '../../actions/batch-defaults.ts'
import { type BatchRecord, batchStates, endedBatchStates } from '../../store/batches.ts'
import type { BatchFigures } from '../../store/tallies.ts'

const RedriveOut = z.object({
  requested_at: z.iso.datetime(),
  failure_codes: z.array(z.string()).nullable().describe('Null: whatever they failed with.'),
  accept_cost: z.boolean(),
  redriven: z.int().describe('Jobs that run again.'),
  skipped: z.int().describe('Jobs that would cost again, which was not accepted, or cannot run again.'),
  done: z.boolean().describe('Every failed job was looked at.'),
})

export const BatchOut = z
  .object({
    id: z.string(),
    name: z.string().nullable(),
    state: z
      .enum(batchStates)
      .describe(
        '`open` takes lines; `running` and `canceling` since it was closed. It ends as `completed` (every line succeeded), `completed_with_errors`, `failed` (none succeeded, or `all_or_nothing` with a bad line) or `canceled`.',
      ),
    defaults: z.record(z.string(), z.unknown()).describe('Without the secret of their callback.'),
    callback: z
      .object({ url: z.string(), events: z.array(z.string()), headers: z.record(z.string(), z.string()) })
      .nullable(),
    max_credits: z.int().nullable(),
    all_or_nothing: z.boolean(),
    metadata: z.record(z.string(), z.string()),
    lines: z
      .object({ accepted: z.int(), rejected: z.int(), total: z.int() })
      .describe('Lines that became jobs, and lines that did not.'),
    jobs: z.object({
      held: z.int().describe('Not let go of yet: the batch is open, or the queue of the tenant is full.'),
      queued: z.int(),
      running: z.int(),
      waiting: z.int(),
      succeeded: z.int(),
      failed: z.int(),
      canceled: z.int(),
    }),
    credits: z.object({
      estimated: z.int(),
      spent: z.int(),
      at_risk: z.int().describe('The part of spent of which nobody can tell whether it was charged.'),
    }),
    progress: z.number().min(0).max(1).describe('The part of its jobs that have ended.'),
    eta: z.iso
      .datetime()
      .nullable()
      .describe('When it may end, at its pace so far. Null before it has one, and once it has ended.'),
    redrive: RedriveOut.nullable().describe('The last one.'),
    created_at: z.iso.datetime(),
    closed_at: z.iso.datetime().nullable(),
    finished_at: z.iso.datetime().nullable(),
    links: z.object({
      self: z.string(),
      lines: z.string().nullable().describe('Null unless it is open.'),
      close: z.string().nullable().describe('Null unless it is open.'),
      cancel: z.string().nullable().describe('Null when it has ended, or is being canceled.'),
      redrive: z.string().nullable().describe('Null unless a job of it has failed.'),
      jobs: z.string(),
      results: z.string(),
      errors: z.string(),
    }),
  })
  .meta({ id: 'Batch' })

export type BatchOut = z.output<typeof BatchOut>

export const batchUrl = (publicUrl: string, batchId: string): string => `${publicUrl}/v1/batches/${batchId}`

export interface BatchView {
  readonly publicUrl: string
  readonly nowMs: number
}

/** A batch as clients see it: in answers, in lists and in callbacks. An allow-list. */
export const toBatchOut = (
  batch: BatchRecord,
  { jobs, creditsSpent, creditsAtRisk }: BatchFigures,
  view: BatchView,
): BatchOut => {
  const held = Math.min(jobs.queued, batch.accepted - batch.released)
  const ended = jobs.succeeded + jobs.failed + jobs.canceled
  return {
    id: batch.id,
    name: batch.name,
    state: batch.state,
    defaults: withoutSecret(batch.defaults),
    callback: toCallbackOut(batch.callback),
    max_credits: batch.maxCredits,
    all_or_nothing: batch.isAllOrNothing,
    metadata: batch.metadata,
    lines: {
      accepted: batch.accepted,
      rejected: batch.rejected,
      total: batch.accepted + batch.rejected,
    },
    jobs: { held, ...jobs, queued: jobs.queued - held },
    credits: { estimated: batch.creditsEstimated, spent: creditsSpent, at_risk: creditsAtRisk },
    progress: batch.accepted === 0 ? 0 : Math.min(1, ended / batch.accepted),
    eta: etaOf(batch, ended, view.nowMs),
    redrive: toRedriveOut(batch.redrive),
    created_at: batch.createdAt.toISOString(),
    closed_at: batch.closedAt?.toISOString() ?? null,
    finished_at: batch.finishedAt?.toISOString() ?? null,
    links: toLinks(batch, jobs.failed, view.publicUrl),
  }
}

const toCallbackOut = (callback: BatchRecord['callback']): BatchOut['callback'] =>
  callback === null ? null : { url: callback.url, events: callback.events, headers: callback.headers }

const toRedriveOut = (redrive: BatchRecord['redrive']): BatchOut['redrive'] =>
  redrive === null
    ? null
    : {
        requested_at: redrive.requested_at,
        failure_codes: redrive.failure_codes === null ? null : [...redrive.failure_codes],
        accept_cost: redrive.accept_cost,
        redriven: redrive.redriven,
        skipped: redrive.skipped,
        done: redrive.is_done,
      }

const etaOf = ({ state, accepted, closedAt }: BatchRecord, ended: number, nowMs: number): string | null => {
  if (state !== 'running' || closedAt === null || ended === 0 || ended >= accepted) return null
  const passedMs = Math.max(0, nowMs - closedAt.getTime())
  return new Date(nowMs + (passedMs * (accepted - ended)) / ended).toISOString()
}

const toLinks = (
  { id, state, ending }: BatchRecord,
  failed: number,
  publicUrl: string,
): BatchOut['links'] => {
  const self = batchUrl(publicUrl, id)
  const isOpen = state === 'open'
  const canCancel = state !== 'canceling' && !endedBatchStates.includes(state)
  return {
    self,
    lines: isOpen ? `${self}/lines` : null,
    close: isOpen ? `${self}/close` : null,
    cancel: canCancel ? `${self}/cancel` : null,
    redrive: failed > 0 && !isOpen && ending === null ? `${self}/redrive` : null,
    jobs: `${publicUrl}/v1/jobs?batch_id=${id}`,
    results: `${self}/results`,
    errors: `${self}/errors`,
  }
}
