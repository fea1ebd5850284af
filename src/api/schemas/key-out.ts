import { z } from 'zod'
import { scopes } from '../../actions/scopes.ts'
import type { KeyRecord } from '../../store/key-directory.ts'

export const KeyOut = z
  .object({
    id: z.string(),
    tenant_id: z.string(),
    name: z.string(),
    scopes: z.array(z.enum(scopes)),
    expires_at: z.iso.datetime().nullable(),
    revoked_at: z.iso.datetime().nullable(),
    last_used_at: z.iso.datetime().nullable().describe('To the minute.'),
    created_at: z.iso.datetime(),
    links: z.object({ self: z.string() }),
  })
  .meta({ id: 'ApiKey' })

export type KeyOut = z.output<typeof KeyOut>

export const KeyWithSecretOut = KeyOut.extend({
  key: z.string().describe('What goes behind `Authorization: Bearer`. Shown here and never again.'),
}).meta({ id: 'ApiKeyWithSecret' })

/** `home` is where keys of this kind live: `…/v1/keys` or `…/v1/admin/keys`. */
export const toKeyOut = (key: KeyRecord, home: string): KeyOut => ({
  id: key.id,
  tenant_id: key.tenantId,
  name: key.name,
  scopes: key.scopes as KeyOut['scopes'],
  expires_at: key.expiresAt?.toISOString() ?? null,
  revoked_at: key.revokedAt?.toISOString() ?? null,
  last_used_at: key.lastUsedAt?.toISOString() ?? null,
  created_at: key.createdAt.toISOString(),
  links: { self: `${home}/${key.id}` },
})
