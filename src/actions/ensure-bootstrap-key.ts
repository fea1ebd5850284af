import type { Clock } from '../clock.ts'
import { hashApiKey } from '../crypto/api-key.ts'
import { newId } from '../job/ids.ts'
import type { ApiKeyStore } from '../store/api-keys.ts'
import type { TenantStore } from '../store/tenants.ts'
import { scopes } from './scopes.ts'

export interface BootstrapDeps {
  readonly tenants: TenantStore
  readonly apiKeys: ApiKeyStore
  readonly clock: Clock
  readonly pepper: Buffer
}

/**
 * Makes CLIPLINE_API_KEY a key of tenant `default` with every scope (api.md §8). Any number of processes may do this at
 * once. A key that was revoked stays revoked.
 */
export const ensureBootstrapKey = async (
  { tenants, apiKeys, clock, pepper }: BootstrapDeps,
  apiKey: string,
): Promise<{ readonly tenantId: string }> => {
  const nowMs = clock.nowMs()
  const tenantId = await tenants.ensure({ id: newId('tenant', nowMs), name: 'default' })
  const hash = hashApiKey(pepper, apiKey)
  await apiKeys.ensure({ id: newId('apiKey', nowMs), tenantId, name: 'bootstrap', hash, scopes })
  return { tenantId }
}
