/** What a client may ask of conversations (api.md §2). */
import { z } from 'zod'
import { JobIn } from './job-in.ts'

const { skill, language, metadata, inputs, prompt, output, callback, tags } = JobIn.shape

export const SessionIn = z.strictObject({ skill, language, metadata }).meta({ id: 'SessionRequest' })

export type SessionIn = z.output<typeof SessionIn>

export const MessageIn = z
  .strictObject({
    text: prompt
      .optional()
      .describe('What to do, in English or Chinese. Without it, the inputs are only handed over.'),
    inputs: inputs.describe('Files for this message, or for the next one when there is no text.'),
  })
  .refine(({ text, inputs: given }) => text !== undefined || given.length > 0, {
    path: ['text'],
    error: 'is required where there are no inputs',
  })
  .meta({ id: 'MessageRequest' })

export type MessageIn = z.output<typeof MessageIn>

export const ExportIn = z
  .strictObject({
    output: output
      .unwrap()
      .pick({ format: true, quality: true, resolution: true })
      .strict()
      .default({})
      .describe('Wishes for the file; what it shows is a matter of messages.'),
    callback,
    metadata,
    tags,
  })
  .meta({ id: 'ExportRequest' })

export type ExportIn = z.output<typeof ExportIn>
