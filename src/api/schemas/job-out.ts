import { z } from 'zod'
import { failureCodes } from '../../job/failure.ts'
import { priorities } from '../../job/job.ts'
import { jobStates } from '../../job/lifecycle.ts'
import { jobPurposes, stageNames } from '../../job/plan.ts'

const InputOut = z.union([
  z.object({ upload_id: z.string() }),
  z.object({ url: z.string(), fetch: z.enum(['provider', 'clipline']) }),
])

const OutputOut = z.object({
  format: z.string().optional(),
  quality: z.string().optional(),
  aspect_ratio: z.string().optional(),
  resolution: z.string().optional(),
  duration_s: z.number().optional(),
})

export const ArtifactOut = z
  .object({
    id: z.string(),
    url: z.string().describe('The file. Needs the API key.'),
    content_type: z.string(),
    size_bytes: z.int(),
    sha256: z.string(),
    width: z.int().nullable(),
    height: z.int().nullable(),
    duration_s: z.number(),
    video_codec: z.string().nullable(),
    audio_codec: z.string().nullable(),
    expires_at: z.iso.datetime().nullable(),
  })
  .meta({ id: 'Artifact' })

export type ArtifactOut = z.output<typeof ArtifactOut>

const FailureOut = z.object({
  code: z.enum(failureCodes as [(typeof failureCodes)[number], ...typeof failureCodes]),
  message: z.string(),
  stage: z.enum(stageNames).nullable(),
  retryable: z.boolean().describe('May a redrive, or a new submit, help?'),
  hint: z.string().describe('What a person can do.'),
})

const LinksOut = z.object({
  self: z.string(),
  events: z.string(),
  attempts: z.string(),
  cancel: z.string().nullable().describe('Null when the job has ended.'),
  redrive: z.string().nullable().describe('Null unless the job has failed.'),
  explain: z.string(),
  timeline: z.string().nullable().describe('Null until there is a session.'),
  artifact: z.string().nullable().describe('Null until there is a file.'),
})

export const JobOut = z
  .object({
    id: z.string(),
    state: z.enum(jobStates),
    stage: z.enum(stageNames),
    purpose: z
      .enum(jobPurposes)
      .describe('video: from prompt to file. In a conversation: one message, files for it, or an export.'),
    skill: z.string(),
    prompt: z.string(),
    steps: z.array(z.string()),
    inputs: z.array(InputOut),
    output: OutputOut,
    priority: z.enum(priorities),
    attempt: z.int().describe('1 at first; rises with each redrive.'),
    progress: z.number().min(0).max(1).describe('Falls only by a redrive; 1 only when it has succeeded.'),
    timeline: z.string().nullable().describe('What the draft holds, in one line.'),
    message: z.string().nullable().describe('The last words of the provider.'),
    artifact: ArtifactOut.nullable(),
    failure: FailureOut.nullable(),
    credits: z.object({
      estimated: z.int(),
      spent: z.int(),
      at_risk: z.int().describe('The part of spent of which nobody can tell whether it was charged.'),
    }),
    warnings: z.array(z.object({ code: z.string(), message: z.string() })),
    provider: z.object({
      task_id: z.string().nullable(),
      session_id: z.string().nullable(),
      render_id: z.string().nullable(),
      url: z.string().nullable().describe("The provider's own copy of the file."),
    }),
    session_id: z.string().nullable(),
    batch_id: z.string().nullable(),
    custom_id: z.string().nullable().describe('Of a line of a batch that has one.'),
    metadata: z.record(z.string(), z.string()),
    tags: z.array(z.string()),
    timings: z.record(z.string(), z.number()).describe('Milliseconds in the queue and in each stage.'),
    created_at: z.iso.datetime(),
    started_at: z.iso.datetime().nullable(),
    finished_at: z.iso.datetime().nullable(),
    links: LinksOut,
  })
  .meta({ id: 'Job' })

export type JobOut = z.output<typeof JobOut>
