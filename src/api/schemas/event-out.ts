import { z } from 'zod'
import { jobEventTypes } from '../../job/events.ts'
import type { StoredEvent } from '../../store/job-events.ts'

export const EventOut = z
  .object({
    id: z.string(),
    seq: z.int().describe('The number of the event within its job, without gaps.'),
    type: z.enum(jobEventTypes as [(typeof jobEventTypes)[number], ...typeof jobEventTypes]),
    job_id: z.string(),
    at: z.iso.datetime(),
    data: z.record(z.string(), z.unknown()),
  })
  .meta({ id: 'Event' })

export type EventOut = z.output<typeof EventOut>

export const toEventOut = ({ id, seq, type, jobId, at, data }: StoredEvent): EventOut => ({
  id,
  seq,
  type,
  job_id: jobId,
  at: at.toISOString(),
  data,
})
