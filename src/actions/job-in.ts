/** What a client may ask for: the body of `POST /v1/jobs`, of a line of a batch, and of what an intake maps to. */
import { z } from 'zod'
import { isCallbackSecret } from '../callbacks/secret.ts'
import { defaultCallbackEvents, jobEventTypes } from '../job/events.ts'
import { onUnknownChoices, priorities } from '../job/job.ts'
import { defaultSkillName } from '../skills/index.ts'
import { callbackHeaders } from './callback-in.ts'

export const limits = {
  promptCharacters: 8_000,
  steps: 20,
  inputs: 20,
  metadataPairs: 16,
  metadataKeyCharacters: 64,
  metadataValueCharacters: 512,
  tags: 10,
  tagCharacters: 64,
  urlCharacters: 2_048,
} as const

const yearSeconds = 31_536_000

/** Nothing that a prompt is made of: control characters other than tab and line breaks. */
const controlCharacter = /(?![\t\n\r])\p{Cc}/u

/** Text for the provider: normalized to NFC, its length counted in characters, not in UTF-16 units. */
const proseUpTo = (maxCharacters: number) =>
  z
    .string()
    .normalize('NFC')
    .refine((text) => text.trim() !== '', { error: 'must not be empty' })
    .refine((text) => isAtMost(text, maxCharacters), {
      error: `must have at most ${maxCharacters} characters`,
    })
    .refine((text) => !controlCharacter.test(text), {
      error: 'must not hold control characters other than tab and line breaks',
    })
    .meta({ minLength: 1, maxLength: maxCharacters })

/** A short text on one line. */
const labelUpTo = (maxCharacters: number) =>
  z
    .string()
    .refine((text) => text !== '' && isAtMost(text, maxCharacters) && !/\p{Cc}/u.test(text), {
      error: `must have 1 to ${maxCharacters} characters and no control characters`,
    })
    .meta({ minLength: 1, maxLength: maxCharacters })

const isAtMost = (text: string, maxCharacters: number): boolean =>
  text.length <= maxCharacters || (text.length <= 2 * maxCharacters && [...text].length <= maxCharacters)

const idOf = (prefix: string, example: string) =>
  z
    .string()
    .regex(new RegExp(`^${prefix}_[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$`), {
      error: `must be an id such as ${example}`,
    })
    .meta({ examples: [example] })

export const InputIn = z
  .union(
    [
      z.strictObject({
        upload_id: idOf('upl', 'upl_0198c0de-7000-7000-8000-000000000001').describe(
          'A file of POST /v1/uploads.',
        ),
      }),
      z.strictObject({
        url: z.string().min(1).max(limits.urlCharacters).describe('A public https URL of the file itself.'),
        fetch: z
          .enum(['provider', 'clipline'])
          .default('provider')
          .describe(
            'Who fetches it: the provider, which then judges it, or Clipline, which checks it first.',
          ),
      }),
    ],
    { error: 'must be {"upload_id": …} or {"url": …, "fetch": "provider" or "clipline"}' },
  )
  .meta({ title: 'Input' })

const OutputIn = z.strictObject({
  format: z.enum(['mp4']).optional(),
  quality: z.enum(['low', 'medium', 'high']).optional(),
  aspect_ratio: z
    .string()
    .regex(/^[1-9]\d?:[1-9]\d?$/, { error: 'must be two numbers such as 16:9, 9:16 or 1:1' })
    .optional()
    .meta({ examples: ['9:16'] }),
  resolution: z
    .string()
    .regex(/^(\d{3,4}p|[248]k|\d{3,4}x\d{3,4})$/, { error: 'must be such as 720p, 1080p, 4k or 1080x1920' })
    .optional()
    .meta({ examples: ['1080p'] }),
  duration_s: z.number().gt(0).max(3_600).optional(),
})

const CallbackIn = z.strictObject({
  url: z.string().min(1).max(limits.urlCharacters),
  events: z
    .array(z.enum(jobEventTypes as [(typeof jobEventTypes)[number], ...typeof jobEventTypes]))
    .min(1)
    .max(jobEventTypes.length)
    .default(defaultCallbackEvents)
    .describe('Which events are told; the three endings when left out.'),
  headers: callbackHeaders.default({}).describe('Sent along with every delivery.'),
  secret: z
    .string()
    .refine(isCallbackSecret, { error: 'must be whsec_ and 24 to 64 bytes in base64' })
    .optional()
    .describe('Signs the deliveries of this job; without it, the secret of the tenant does.'),
})

const DedupeIn = z.strictObject({
  key: labelUpTo(255),
  ttl_s: z
    .int()
    .min(1)
    .max(30 * 86_400)
    .default(600)
    .describe('How long the key holds, from the creation of the job.'),
  on_conflict: z
    .enum(['return_existing', 'reject', 'replace'])
    .default('return_existing')
    .describe('What a second job of the same key does; replace cancels the first one.'),
})

export const JobIn = z
  .strictObject({
    skill: z.string().min(1).max(100).default(defaultSkillName).describe('One of GET /v1/skills.'),
    prompt: proseUpTo(limits.promptCharacters).describe(
      'What the video shows. Passed on as it is, and not logged.',
    ),
    steps: z
      .array(proseUpTo(limits.promptCharacters))
      .max(limits.steps)
      .default([])
      .describe('Further messages, sent one after the other before the export. Each may cost credits.'),
    inputs: z.array(InputIn).max(limits.inputs).default([]),
    output: OutputIn.default({}).describe(
      'Wishes for the file. Where the file differs, the job warns; it does not fail.',
    ),
    language: z
      .string()
      .regex(/^[a-z]{2,3}(-[A-Za-z0-9]{2,8}){0,3}$/, { error: 'must be a language tag such as en or zh-CN' })
      .optional(),
    session_id: idOf('ses', 'ses_0198c0de-7000-7000-8000-000000000001').optional(),
    callback: CallbackIn.optional(),
    priority: z.enum(priorities).default('normal'),
    run_at: z.iso
      .datetime({ offset: true, error: 'must be an RFC 3339 time such as 2026-09-01T12:00:00Z' })
      .optional()
      .describe('Not before this time; at most a year from now.'),
    start_deadline_s: z
      .int()
      .min(1)
      .max(yearSeconds)
      .optional()
      .describe('Fail unless started in time, from run_at.'),
    deadline_s: z
      .int()
      .min(1)
      .max(yearSeconds)
      .optional()
      .describe('Fail unless finished in time, from run_at.'),
    max_credits: z.int().min(1).max(1_000_000_000).optional(),
    on_unknown: z
      .enum(onUnknownChoices)
      .default('fail')
      .describe('What to do when nobody can tell whether the provider took a message.'),
    metadata: z
      .record(labelUpTo(limits.metadataKeyCharacters), z.string().max(limits.metadataValueCharacters))
      .refine((metadata) => Object.keys(metadata).length <= limits.metadataPairs, {
        error: `must have at most ${limits.metadataPairs} entries`,
      })
      .default({}),
    tags: z
      .array(
        labelUpTo(limits.tagCharacters).refine((tag) => !tag.includes(','), {
          error: 'must not hold a comma',
        }),
      )
      .max(limits.tags)
      .default([]),
    dedupe: DedupeIn.optional(),
    dry_run: z.boolean().default(false).describe('Validate and estimate, and store nothing.'),
  })
  .meta({ id: 'JobRequest' })

export type JobIn = z.output<typeof JobIn>
