import { z } from 'zod'
import { type DeliveryRecord, deliveryStates } from '../../store/delivery-log.ts'

const TryOut = z.object({
  no: z.int(),
  started_at: z.iso.datetime(),
  ms: z.int(),
  outcome: z
    .enum(['delivered', 'gone', 'retry', 'refused'])
    .describe('`gone`: the receiver answered 410. `refused`: its address is not allowed, or it was deleted.'),
  http_status: z.int().nullable().describe('Null when no answer came.'),
  error: z.string().nullable(),
  response: z.string().nullable().describe('The first KiB of the answer.'),
})

export const DeliveryOut = z
  .object({
    id: z.string(),
    job_id: z.string().nullable().describe('Null where the event is none of a job.'),
    batch_id: z.string().nullable().describe('Null where the event is none of a batch.'),
    endpoint_id: z.string().nullable().describe('Null for the own callback of a job or a batch.'),
    url: z.string().nullable().describe('Null when the receiver is no longer there.'),
    event: z.object({
      id: z.string().describe('The `webhook-id` of every try.'),
      type: z.string(),
      sequence: z.int(),
    }),
    state: z
      .enum(deliveryStates)
      .describe(
        '`failed`: trying again would change nothing. `exhausted`: every try of the schedule was made.',
      ),
    next_try_at: z.iso
      .datetime()
      .nullable()
      .describe('Null when there is none, or its endpoint is disabled.'),
    delivered_at: z.iso.datetime().nullable().describe('When it was first answered with 2xx.'),
    created_at: z.iso.datetime(),
    tries: z.array(TryOut),
    links: z.object({
      self: z.string(),
      job: z.string().nullable(),
      batch: z.string().nullable(),
      endpoint: z.string().nullable(),
      redeliver: z.string(),
    }),
  })
  .meta({ id: 'CallbackDelivery' })

export type DeliveryOut = z.output<typeof DeliveryOut>

export const deliveryUrl = (publicUrl: string, deliveryId: string): string =>
  `${publicUrl}/v1/callback-deliveries/${deliveryId}`

export const toDeliveryOut = (delivery: DeliveryRecord, publicUrl: string): DeliveryOut => {
  const { id, jobId, batchId, endpointId } = delivery
  const self = deliveryUrl(publicUrl, id)
  return {
    id,
    job_id: jobId,
    batch_id: batchId,
    endpoint_id: endpointId,
    url: delivery.url,
    event: { id: delivery.eventId, type: delivery.eventType, sequence: delivery.eventSeq },
    state: delivery.state,
    next_try_at: delivery.nextTryAt?.toISOString() ?? null,
    delivered_at: delivery.deliveredAt?.toISOString() ?? null,
    created_at: delivery.createdAt.toISOString(),
    tries: delivery.tries.map((attempt) => ({
      no: attempt.no,
      started_at: attempt.startedAt.toISOString(),
      ms: attempt.durationMs,
      outcome: attempt.outcome as DeliveryOut['tries'][number]['outcome'],
      http_status: attempt.httpStatus,
      error: attempt.error,
      response: attempt.responseHead,
    })),
    links: {
      self,
      job: jobId === null ? null : `${publicUrl}/v1/jobs/${jobId}`,
      batch: batchId === null ? null : `${publicUrl}/v1/batches/${batchId}`,
      endpoint: endpointId === null ? null : `${publicUrl}/v1/callback-endpoints/${endpointId}`,
      redeliver: `${self}/redeliver`,
    },
  }
}
