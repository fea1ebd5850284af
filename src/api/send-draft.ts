import type { FastifyReply } from 'fastify'
import { z } from 'zod'
import type { DraftReading } from '../actions/read-timeline.ts'
import { sendProblem } from './problem.ts'
import { TimelineOut, toTimelineOut } from './schemas/timeline-out.ts'
import { sendProviderAway } from './send-provider-away.ts'

export const subtitleTypes = { srt: 'application/x-subrip', vtt: 'text/vtt' } as const

export const draftQuery = z.strictObject({ format: z.enum(['json', 'srt', 'vtt']).default('json') })

export const draftResponse = {
  description: 'The tracks, or the subtitles.',
  content: {
    'application/json': { schema: TimelineOut },
    [subtitleTypes.srt]: { schema: z.string() },
    [subtitleTypes.vtt]: { schema: z.string() },
  },
}

/** Answers what a draft holds: its tracks, or its texts as a file named after whose draft it is. */
export const sendDraft = (
  reply: FastifyReply,
  reading: DraftReading,
  { format, name }: { readonly format: 'json' | 'srt' | 'vtt'; readonly name: string },
): FastifyReply => {
  switch (reading.outcome) {
    case 'read':
      if (format === 'json') return reply.send(toTimelineOut(reading.timeline))
      return reply
        .type(`${subtitleTypes[format]}; charset=utf-8`)
        .header('content-disposition', `attachment; filename="${name}.${format}"`)
        .send(reading.subtitles(format))
    case 'provider_unavailable':
      return sendProviderAway(reply, reading)
    case 'no_draft':
      return sendProblem(reply, 'no_draft', { detail: reading.detail })
  }
}
