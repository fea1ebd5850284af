import { z } from 'zod'
import type { Skill } from '../../skills/index.ts'
import { inputTypes } from '../../skills/input-type.ts'

export const SkillOut = z
  .object({
    name: z.string().describe('As it stands in the `skill` of a job.'),
    title: z.string(),
    summary: z.string(),
    attribution: z.object({ source: z.string(), version: z.string() }),
    accepts: z.array(
      z.object({
        kind: z.enum(['video', 'image', 'audio', 'text']),
        content_types: z.array(z.string()),
        extensions: z.array(z.string()),
        sent_as: z
          .enum(['file', 'jpeg', 'prompt_text'])
          .describe('What of it reaches the provider: the file, a JPEG made from it, or its words.'),
      }),
    ),
    max_size_bytes: z.int().describe('Of one input.'),
    required_inputs: z.array(z.object({ kind: z.enum(['video', 'image', 'audio', 'text']), min: z.int() })),
    defaults: z.object({ format: z.string(), quality: z.string(), resolution: z.string() }),
    credit_estimates: z
      .object({
        generation: z.int().describe('Of the prompt.'),
        edit: z.int().describe('Of each step.'),
      })
      .describe(
        'What a job is estimated at until it is known better from what its provider account has charged; a dry run says what holds now.',
      ),
    typical_seconds: z.object({ min: z.int(), max: z.int() }),
  })
  .meta({ id: 'Skill' })

export type SkillOut = z.output<typeof SkillOut>

export const toSkillOut = (skill: Skill): SkillOut => ({
  name: skill.name,
  title: skill.title,
  summary: skill.summary,
  attribution: { ...skill.attribution },
  accepts: skill.accepts.map((name) => {
    const { kind, contentTypes, extensions, sentAs } = inputTypes[name]
    return { kind, content_types: [...contentTypes], extensions: [...extensions], sent_as: sentAs }
  }),
  max_size_bytes: skill.maxSizeBytes,
  required_inputs: skill.requiredInputs.map(({ kind, min }) => ({ kind, min })),
  defaults: { ...skill.defaults },
  credit_estimates: { ...skill.creditEstimates },
  typical_seconds: { ...skill.typicalSeconds },
})
