/** An intake as a client asks for it (api.md §6). */
import { z } from 'zod'
import { isCallbackSecret } from '../callbacks/secret.ts'
import { longestMapping } from '../intakes/mapping.ts'
import { signatureEncodings, usualReplayWindowS, verifierTypes } from '../intakes/verifier.ts'
import { JobIn } from './job-in.ts'

const longestReplayWindowS = 30 * 86_400

const headerName = z
  .string()
  .regex(/^[a-z0-9!#$%&'*+.^_`|~-]{1,64}$/i, { error: 'must be the name of a header' })
  .transform((name) => name.toLowerCase())

const idHeader = headerName
  .optional()
  .describe('The header that names the event; without it, the digest of the body does.')

const replayWindow = z
  .int()
  .min(0)
  .max(longestReplayWindowS)
  .default(usualReplayWindowS)
  .describe(
    'For so many seconds a body that was signed and has become a job is not taken again under another id, because its signature says nothing of the id; 0 switches that off. At most as long as events are kept.',
  )

const sharedSecret = z
  .string()
  .regex(/^[\x21-\x7e]{8,255}$/, { error: 'must have 8 to 255 visible ASCII characters' })
  .optional()
  .describe('What the sender signs with. Left out: one is made, and shown this once.')

const VerifierIn = z.discriminatedUnion(
  'type',
  [
    z.strictObject({
      type: z.literal('standard-webhooks'),
      secret: z
        .string()
        .refine(isCallbackSecret, { error: 'must be whsec_ and 24 to 64 bytes in base64' })
        .optional()
        .describe('What the sender signs with. Left out: one is made, and shown this once.'),
    }),
    z.strictObject({
      type: z.literal('hmac-sha256'),
      secret: sharedSecret,
      header: headerName.default('x-signature').describe('Where the signature stands.'),
      encoding: z.enum(signatureEncodings).default('hex'),
      prefix: z
        .string()
        .regex(/^[\x21-\x7e]{0,32}$/, { error: 'must have at most 32 visible ASCII characters' })
        .default('')
        .describe('What stands before the signature, such as `sha256=`.'),
      id_header: idHeader,
      replay_window_s: replayWindow,
    }),
    z.strictObject({ type: z.literal('github'), secret: sharedSecret, replay_window_s: replayWindow }),
    z.strictObject({ type: z.literal('none'), id_header: idHeader }),
  ],
  { error: `must be one of ${verifierTypes.map((type) => `"${type}"`).join(', ')}` },
)

export type VerifierIn = z.output<typeof VerifierIn>

const name = z.string().trim().min(1).max(100).describe('For people, to tell intakes apart.')

const mapping = z
  .string()
  .min(1)
  .max(longestMapping)
  .describe(
    'JSONata, from the payload to the body of a job. Where it gives `null`, the event makes no job, and that is fine.',
  )
  .meta({ examples: ['{"prompt": "a video for " & product.title, "metadata": {"order": $string(id)}}'] })

/** Each field as it would stand in a job; none is required. What was given is kept as it was given. */
const defaults = JobIn.omit({ dry_run: true })
  .partial()
  .meta({ id: 'IntakeDefaults' })
  .describe('Fields of a job for what the mapping leaves out; objects are merged field by field.')

export const IntakeIn = z
  .strictObject({ name, verifier: VerifierIn, mapping, defaults: defaults.optional() })
  .meta({ id: 'IntakeRequest' })

export type IntakeIn = z.output<typeof IntakeIn>

export const IntakePatch = z
  .strictObject({
    name: name.optional(),
    verifier: VerifierIn.optional().describe(
      'As a whole. Its secret may be left out where the type stays the same: then it stays too.',
    ),
    mapping: mapping.optional(),
    defaults: defaults.optional(),
  })
  .meta({ id: 'IntakePatch' })

export const IntakeTrialIn = z
  .strictObject({
    payload: z.unknown().describe('What the sender would send.'),
    mapping: mapping.optional().describe('To try another one than that of the intake.'),
    defaults: defaults.optional().describe('To try others than those of the intake.'),
  })
  .meta({ id: 'IntakeTrial' })
