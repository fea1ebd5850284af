import { z } from 'zod'
import type { CreditsReading } from '../../actions/credits-reading.ts'

export const CreditsOut = z
  .object({
    available: z.number(),
    frozen: z.number().describe('Reserved by work under way.'),
    total: z.number(),
    token_expires_at: z.iso.datetime().nullable().describe('When the token of the account ends, if it does.'),
  })
  .meta({ id: 'Credits' })

export type CreditsOut = z.output<typeof CreditsOut>

export const toCreditsOut = ({
  credits,
  tokenExpiresAt,
}: Extract<CreditsReading, { outcome: 'read' }>): CreditsOut => ({
  available: credits.available,
  frozen: credits.frozen,
  total: credits.total,
  token_expires_at: tokenExpiresAt?.toISOString() ?? null,
})
