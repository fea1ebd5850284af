import { z } from 'zod'
import type { ConversationAnswer } from '../../actions/send-message.ts'
import { conversationActions } from '../../job/conversation.ts'
import type { SpokenMessage } from '../../store/sessions.ts'
import { toJobOut } from '../to-job-out.ts'
import { CreditsOut, toCreditsOut } from './credits-out.ts'
import { JobOut } from './job-out.ts'
import { TimelineOut, toTimelineOut } from './timeline-out.ts'

const ActionOut = z.enum(conversationActions)

/** One side of what was said. */
export const MessageOut = z
  .object({
    id: z.string(),
    role: z.enum(['user', 'assistant']),
    action: ActionOut.describe('What the message was taken for.'),
    text: z.string().nullable().describe('Null for a reply whose job has not ended, or was erased.'),
    job_id: z.string().nullable(),
    at: z.iso.datetime(),
  })
  .meta({ id: 'Message' })

export type MessageOut = z.output<typeof MessageOut>

export const toMessageOut = ({ id, role, action, text, jobId, at }: SpokenMessage): MessageOut => ({
  id,
  role,
  action,
  text,
  job_id: jobId,
  at: at.toISOString(),
})

export const AnswerOut = z
  .object({
    action: ActionOut,
    reply: z
      .string()
      .describe('For people. Once the job has ended: the words of the provider, or how it ended.'),
    job: JobOut.optional().describe('Where something is made, handed over or rendered.'),
    credits: CreditsOut.optional(),
    timeline: TimelineOut.optional(),
    subtitles: z.object({ format: z.enum(['srt', 'vtt']), content: z.string() }).optional(),
  })
  .meta({ id: 'Answer' })

export type AnswerOut = z.output<typeof AnswerOut>

export const toAnswerOut = (
  { action, reply, job, credits, timeline, subtitles }: ConversationAnswer,
  publicUrl: string,
): AnswerOut => ({
  action,
  reply,
  ...(job && { job: toJobOut(job, publicUrl) }),
  ...(credits && { credits: toCreditsOut(credits) }),
  ...(timeline && { timeline: toTimelineOut(timeline) }),
  ...(subtitles && { subtitles }),
})
