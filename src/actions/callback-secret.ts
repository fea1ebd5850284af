/** The secrets that sign callbacks: read, and rotated with an overlap in which both sign (api.md §5). */
import { newCallbackSecret } from '../callbacks/secret.ts'
import type { Clock } from '../clock.ts'
import { type Sealer, sealedPlace } from '../crypto/seal.ts'
import type { EndpointRecord, EndpointStore } from '../store/callback-endpoints.ts'
import type { CallbackSecretStore, SealedCallbackSecret } from '../store/callback-secrets.ts'
import type { TenantStore } from '../store/tenants.ts'
import { ensureBootstrapSecret } from './ensure-bootstrap-secret.ts'

export interface CallbackSecretDeps {
  readonly callbackSecrets: CallbackSecretStore
  readonly tenants: Pick<TenantStore, 'ensureCallbackSecret'>
  readonly endpoints: Pick<EndpointStore, 'rotateSecret'>
  readonly sealer: Sealer
  readonly clock: Clock
}

export interface CallbackSecret {
  readonly secret: string
  /** The one before, as long as it signs too. */
  readonly previous: { readonly secret: string; readonly expiresAt: Date } | null
}

/** The tenant's secret, which is made when it is first asked for. */
export const readCallbackSecret = async (
  deps: CallbackSecretDeps,
  tenantId: string,
): Promise<CallbackSecret> => {
  const stored = await deps.callbackSecrets.get(tenantId)
  if (stored.sealed !== null) return open(deps, tenantId, stored)
  await ensureBootstrapSecret(deps, { tenantId, secret: null })
  return open(deps, tenantId, await deps.callbackSecrets.get(tenantId))
}

export const rotateCallbackSecret = async (
  deps: CallbackSecretDeps,
  { tenantId, overlapS }: { readonly tenantId: string; readonly overlapS: number },
): Promise<CallbackSecret> => {
  const sealed = deps.sealer.seal(newCallbackSecret(), placeOf('tenants', tenantId, tenantId))
  return open(deps, tenantId, await deps.callbackSecrets.rotate(tenantId, { sealed, overlapS }))
}

/** Null when there is no such endpoint. */
export const rotateEndpointSecret = async (
  { endpoints, sealer }: CallbackSecretDeps,
  place: { readonly tenantId: string; readonly endpointId: string; readonly overlapS: number },
): Promise<{ readonly endpoint: EndpointRecord; readonly secret: string } | null> => {
  const { tenantId, endpointId, overlapS } = place
  const secret = newCallbackSecret()
  const sealed = sealer.seal(secret, placeOf('callback_endpoints', endpointId, tenantId))
  const endpoint = await endpoints.rotateSecret(tenantId, endpointId, { sealed, overlapS })
  return endpoint === null ? null : { endpoint, secret }
}

const placeOf = (table: 'tenants' | 'callback_endpoints', rowId: string, tenantId: string): string =>
  sealedPlace({ table, rowId, tenantId })

const open = (
  { sealer, clock }: CallbackSecretDeps,
  tenantId: string,
  { sealed, previous }: SealedCallbackSecret,
): CallbackSecret => {
  if (sealed === null) throw new Error(`tenant ${tenantId} has no callback secret`)
  const place = placeOf('tenants', tenantId, tenantId)
  const isPreviousAlive = previous !== null && previous.until.getTime() > clock.nowMs()
  return {
    secret: sealer.open(sealed, place),
    previous: isPreviousAlive
      ? { secret: sealer.open(previous.sealed, place), expiresAt: previous.until }
      : null,
  }
}
