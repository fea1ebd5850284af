/** What a client may ask of a batch (api.md §4). */
import { z } from 'zod'
import { batchCompletedEvent } from '../callbacks/endpoint-events.ts'
import { isCallbackSecret } from '../callbacks/secret.ts'
import { failureCodes } from '../job/failure.ts'
import { callbackHeaders } from './callback-in.ts'
import { JobIn } from './job-in.ts'

const name = z
  .string()
  .min(1)
  .max(200)
  .refine((text) => !/\p{Cc}/u.test(text), { error: 'must not hold control characters' })

const maxCredits = z
  .number()
  .int()
  .min(1)
  .max(1_000_000_000)
  .describe('What all of its jobs together may spend. A message that would spend more is not sent.')

const allOrNothing = 'With any bad line, nothing is started and the batch fails when it is closed.'

const CallbackIn = z.strictObject({
  url: z.string().min(1).max(2_048),
  events: z
    .array(z.enum([batchCompletedEvent]))
    .min(1)
    .max(1)
    .default([batchCompletedEvent]),
  headers: callbackHeaders.default({}).describe('Sent along with every delivery.'),
  secret: z
    .string()
    .refine(isCallbackSecret, { error: 'must be whsec_ and 24 to 64 bytes in base64' })
    .optional()
    .describe('Signs the delivery; without it, the secret of the tenant does.'),
})

export const BatchIn = z
  .strictObject({
    name: name.optional(),
    defaults: z
      .record(z.string(), z.unknown())
      .default({})
      .describe(
        'Fields of a job that hold for every line that does not say otherwise, merged as RFC 7396 merges: objects field by field, and `null` takes a default away.',
      ),
    callback: CallbackIn.optional().describe(
      'Told when the batch has ended. What is told of each job is a default: `defaults.callback`.',
    ),
    max_credits: maxCredits.optional(),
    all_or_nothing: z.boolean().default(false).describe(allOrNothing),
    metadata: JobIn.shape.metadata,
  })
  .meta({ id: 'BatchRequest' })

export type BatchIn = z.output<typeof BatchIn>

/** The same for a batch that is made from its lines alone: there is no room for more in a query. */
export const BatchQuery = z.strictObject({
  name: name.optional(),
  max_credits: z.coerce.number().pipe(maxCredits).optional(),
  all_or_nothing: z.stringbool().default(false).describe(allOrNothing),
})

export type BatchQuery = z.output<typeof BatchQuery>

export const BatchRedriveIn = z
  .strictObject({
    failure_codes: z
      .array(z.enum(failureCodes as [(typeof failureCodes)[number], ...typeof failureCodes]))
      .min(1)
      .max(failureCodes.length)
      .optional()
      .describe('Only jobs that failed with one of these; all failed ones when left out.'),
    accept_cost: z
      .boolean()
      .default(false)
      .describe('Messages that may have been paid for already may be sent, and paid, again.'),
  })
  .meta({ id: 'BatchRedriveRequest' })
