/** The account at the provider that a tenant brings along: its token is kept sealed and never shown again (api.md §7). */
import type { Clock } from '../clock.ts'
import { type Sealer, sealedPlace } from '../crypto/seal.ts'
import { newId } from '../job/ids.ts'
import type { AccountRecord, OwnAccountStore } from '../store/own-accounts.ts'
import { type Actor, toAuditEntry } from './audit-entry.ts'

export interface ManageProviderAccountDeps {
  readonly ownAccounts: OwnAccountStore
  readonly sealer: Sealer
  readonly clock: Clock
  /** What is known of accounts no longer holds. */
  readonly forgetProviderAccess: () => void
}

/** Two first tokens at once make one account: the later one is given to it. */
const maxRounds = 3

export const setProviderAccount = async (
  deps: ManageProviderAccountDeps,
  { actor, tenantId, token }: { readonly actor: Actor; readonly tenantId: string; readonly token: string },
): Promise<AccountRecord> => {
  const { ownAccounts, sealer, clock } = deps
  for (let round = 0; round < maxRounds; round += 1) {
    const id = (await ownAccounts.find(tenantId))?.id ?? newId('account', clock.nowMs())
    const tokenSealed = sealer.seal(token, sealedPlace({ table: 'provider_accounts', rowId: id, tenantId }))
    const audit = toAuditEntry(clock, actor, { action: 'provider_account.set', tenantId, subjectId: id })
    const isSet = await ownAccounts.set({ id, tenantId, tokenSealed }, audit)
    const account = isSet ? await ownAccounts.find(tenantId) : null
    if (account === null) continue
    deps.forgetProviderAccess()
    return account
  }
  throw new Error(`the provider account of tenant ${tenantId} changed too often to be set`)
}

export const removeProviderAccount = async (
  deps: ManageProviderAccountDeps,
  { actor, tenantId }: { readonly actor: Actor; readonly tenantId: string },
): Promise<{ readonly outcome: 'removed' | 'not_found' }> => {
  const audit = toAuditEntry(deps.clock, actor, {
    action: 'provider_account.removed',
    tenantId,
    subjectId: tenantId,
  })
  const isRemoved = await deps.ownAccounts.remove(tenantId, audit)
  if (isRemoved) deps.forgetProviderAccess()
  return { outcome: isRemoved ? 'removed' : 'not_found' }
}
