import { z } from 'zod'
import { type FeedEventType, feedEventTypes } from '../../job/events.ts'
import type { FeedCursor, StoredEvent } from '../../store/job-events.ts'
import { formatFeedCursor } from '../streams/feed-cursor.ts'

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

/** Cursors of the feed: `from` is where the reader stood, null for one that begins at the beginning. */
export const FeedGapOut = z.object({ from: z.string().nullable(), to: z.string() }).meta({ id: 'FeedGap' })

export const toFeedGap = (from: FeedCursor | null, to: FeedCursor): z.output<typeof FeedGapOut> => ({
  from: from === null ? null : formatFeedCursor(from),
  to: formatFeedCursor(to),
})

export type EventOut = z.output<typeof EventOut>

export const toEventOut = ({ id, seq, type, jobId, at, data }: StoredEvent): EventOut => ({
  id,
  seq,
  type,
  job_id: jobId,
  at: at.toISOString(),
  data,
})
