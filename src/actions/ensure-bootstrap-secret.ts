import { newCallbackSecret } from '../callbacks/secret.ts'
import { type Sealer, sealedPlace } from '../crypto/seal.ts'
import type { TenantStore } from '../store/tenants.ts'

/** Gives a tenant the secret that signs its callbacks: the configured one, or a new one. One that is there stays. */
export const ensureBootstrapSecret = (
  {
    tenants,
    sealer,
  }: { readonly tenants: Pick<TenantStore, 'ensureCallbackSecret'>; readonly sealer: Sealer },
  { tenantId, secret }: { readonly tenantId: string; readonly secret: string | null },
): Promise<void> =>
  tenants.ensureCallbackSecret(
    tenantId,
    sealer.seal(secret ?? newCallbackSecret(), sealedPlace({ table: 'tenants', rowId: tenantId, tenantId })),
  )
