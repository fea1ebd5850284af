import { z } from 'zod'
import { type FeedEventType, feedEventTypes } from '../../job/events.ts'
import type { StoredEvent } from '../../store/job-events.ts'

export const EventOut = z
  .object({
    id: z.string(),
    seq: z
      .int()
      .describe('The number of the event within its job, without gaps; 0 where it is none of a job.'),
    type: z.enum(feedEventTypes as [FeedEventType, ...FeedEventType[]]),
    job_id: z
      .string()
      .nullable()
      .describe('Null for what happens to other things: only the feed of the tenant has that.'),
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
