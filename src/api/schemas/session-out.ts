import { z } from 'zod'
import type { SessionRecord } from '../../store/sessions.ts'

export const SessionOut = z
  .object({
    id: z.string(),
    skill: z.string(),
    language: z.string().nullable().describe('Null: that of each message.'),
    metadata: z.record(z.string(), z.string()),
    provider: z
      .object({ task_id: z.string().nullable(), session_id: z.string().nullable() })
      .describe('Both null until the first job has made a session there.'),
    timeline: z
      .string()
      .nullable()
      .describe('What the draft holds in one line, as the last job has seen it.'),
    job_id: z.string().nullable().describe('The job whose turn it is; null when nothing is under way.'),
    queued: z.int().describe('Jobs behind it: one is worked on at a time.'),
    credits_spent: z.int(),
    lost_at: z.iso
      .datetime()
      .nullable()
      .describe(
        'Since when the provider no longer knows the conversation, which then takes no more messages.',
      ),
    created_at: z.iso.datetime(),
    links: z.object({
      self: z.string(),
      messages: z.string(),
      timeline: z.string(),
      exports: z.string(),
      jobs: z.string(),
    }),
  })
  .meta({ id: 'Session' })

export type SessionOut = z.output<typeof SessionOut>

export const toSessionOut = (session: SessionRecord, publicUrl: string): SessionOut => {
  const self = `${publicUrl}/v1/sessions/${session.id}`
  const [jobId = null, ...behind] = session.openJobIds
  return {
    id: session.id,
    skill: session.skill,
    language: session.language,
    metadata: session.metadata,
    provider: { task_id: session.providerTaskId, session_id: session.providerSessionId },
    timeline: session.timeline,
    job_id: jobId,
    queued: behind.length,
    credits_spent: session.creditsSpent,
    lost_at: session.lostAt?.toISOString() ?? null,
    created_at: session.createdAt.toISOString(),
    links: {
      self,
      messages: `${self}/messages`,
      timeline: `${self}/timeline`,
      exports: `${self}/exports`,
      jobs: `${publicUrl}/v1/jobs?session_id=${session.id}`,
    },
  }
}
