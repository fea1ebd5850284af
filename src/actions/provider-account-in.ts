import { z } from 'zod'

export const accountToken = z
  .string()
  .regex(/^[\x21-\x7e]{8,4096}$/, { error: 'must have 8 to 4096 visible ASCII characters' })

const maxConcurrency = z
  .int()
  .min(0)
  .max(1_000_000_000)
  .describe('Jobs under way with it at a time, of all tenants that use it; 0 holds what has not begun.')

/** A provider account of a tenant as an administrator asks for it (api.md §7). */
export const TenantAccountIn = z
  .strictObject({
    tenant_id: z.string().min(1).max(100),
    token: accountToken.describe('The token of the account. Kept sealed, never shown again.'),
    max_concurrency: maxConcurrency.default(1_000),
  })
  .meta({ id: 'TenantProviderAccountRequest' })

export type TenantAccountIn = z.output<typeof TenantAccountIn>

export const ProviderAccountPatch = z
  .strictObject({ max_concurrency: maxConcurrency.optional() })
  .meta({ id: 'ProviderAccountPatch' })

export type ProviderAccountPatch = z.output<typeof ProviderAccountPatch>
