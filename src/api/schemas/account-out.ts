import { z } from 'zod'
import type { AccountRecord } from '../../store/own-accounts.ts'

/** What a tenant sees of its own account. */
export const OwnAccountOut = z
  .object({
    id: z.string(),
    token_set_at: z.iso.datetime(),
    created_at: z.iso.datetime(),
  })
  .meta({ id: 'OwnProviderAccount' })

export const toOwnAccountOut = (account: AccountRecord): z.output<typeof OwnAccountOut> => ({
  id: account.id,
  token_set_at: (account.tokenSetAt ?? account.createdAt).toISOString(),
  created_at: account.createdAt.toISOString(),
})

/** What an administrator sees of every account. */
export const AccountOut = z
  .object({
    id: z.string(),
    tenant_id: z.string().nullable().describe('Null: shared by the tenants without one of their own.'),
    kind: z.enum(['token', 'anonymous']),
    user_id: z.string().nullable(),
    token_set_at: z.iso.datetime().nullable(),
    token_expires_at: z.iso.datetime().nullable(),
    paused_until: z.iso.datetime().nullable().describe('The provider asked for a pause.'),
    down: z.array(z.string()).describe('Stages that are held back because their calls failed.'),
    max_concurrency: z.int().describe('Jobs under way with it at a time, of all tenants that use it.'),
    created_at: z.iso.datetime(),
    links: z.object({ self: z.string() }),
  })
  .meta({ id: 'ProviderAccount' })

export type AccountOut = z.output<typeof AccountOut>

export const toAccountOut = (account: AccountRecord, publicUrl: string): AccountOut => ({
  id: account.id,
  tenant_id: account.tenantId,
  kind: account.kind,
  user_id: account.userId,
  token_set_at: account.tokenSetAt?.toISOString() ?? null,
  token_expires_at: account.tokenExpiresAt?.toISOString() ?? null,
  paused_until: account.pausedUntil?.toISOString() ?? null,
  down: [...account.down],
  max_concurrency: account.maxConcurrency,
  created_at: account.createdAt.toISOString(),
  links: { self: `${publicUrl}/v1/admin/provider-accounts/${account.id}` },
})
