import { z } from 'zod'
import { scopes } from './scopes.ts'

/** Later times have no form in RFC 3339. */
const latestMs = Date.UTC(10_000, 0)

/** An API key as somebody asks for it (api.md §7). */
export const KeyIn = z
  .strictObject({
    name: z.string().trim().min(1).max(100).describe('For people, to tell keys apart.'),
    scopes: z
      .array(z.enum(scopes))
      .min(1)
      .max(scopes.length)
      .transform((given) => [...new Set(given)])
      .describe('What the key may do. A key can grant only scopes that it has.'),
    expires_at: z.iso
      .datetime({ offset: true, error: 'must be an RFC 3339 time such as 2026-09-01T12:00:00Z' })
      .refine((time) => !(Date.parse(time) >= latestMs), { error: 'must be before the year 10000' })
      .nullable()
      .default(null)
      .describe('From when on it lets nobody in; null: never.'),
  })
  .meta({ id: 'ApiKeyRequest' })

export type KeyIn = z.output<typeof KeyIn>

/** The same, for a tenant that an administrator names. */
export const TenantKeyIn = KeyIn.extend({ tenant_id: z.string().min(1).max(100) }).meta({
  id: 'TenantKeyRequest',
})

export type TenantKeyIn = z.output<typeof TenantKeyIn>
