/** What is sealed in the row of a provider account: its token, and the client id under which it was issued. */
import { randomUUID } from 'node:crypto'
import { type Sealer, sealedPlace } from '../crypto/seal.ts'
import type { ProviderAccountRow, ProviderAccountStore } from '../store/provider-accounts.ts'

export interface SealedAccountDeps {
  readonly accounts: Pick<ProviderAccountStore, 'setClientId'>
  readonly sealer: Sealer
  /** Of the installation's own account. */
  readonly configuredClientId: string | null
}

/** The client id of an anonymous account; made once, and kept. */
export const stableClientId = async (
  deps: SealedAccountDeps,
  account: ProviderAccountRow,
): Promise<string> => {
  if (deps.configuredClientId !== null && account.tenantId === null) return deps.configuredClientId
  if (account.clientIdSealed !== null) return openSealed(deps, account, account.clientIdSealed)
  const sealed = deps.sealer.seal(randomUUID(), placeOf(account))
  return openSealed(deps, account, await deps.accounts.setClientId(account.id, sealed))
}

export const placeOf = ({ id, tenantId }: ProviderAccountRow): string =>
  sealedPlace({ table: 'provider_accounts', rowId: id, tenantId: tenantId ?? '' })

export const openSealed = (
  { sealer }: Pick<SealedAccountDeps, 'sealer'>,
  account: ProviderAccountRow,
  sealed: string,
): string => sealer.open(sealed, placeOf(account))
