/** The account at the provider that a tenant brings along: its token is kept sealed and never shown again (api.md §7). */
import type { Clock } from '../clock.ts'
import { type Sealer, sealedPlace } from '../crypto/seal.ts'
import { newId } from '../job/ids.ts'
import type { AccountRecord, OwnAccountStore } from '../store/own-accounts.ts'
import { type Actor, toAuditEntry } from './audit-entry.ts'
import { type CheckTenantDeps, checkTenant } from './check-tenant.ts'
import {
  type CreateOnceDeps,
  type CreateOnceOutcome,
  type CreateRequest,
  createOnce,
  type Draft,
} from './create-once.ts'
import type { Fault } from './fault.ts'
import { type ProviderAccountPatch, TenantAccountIn } from './provider-account-in.ts'
import { type Refusal, readBody } from './refusal.ts'
import { salvageFields } from './salvage.ts'

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

export interface CreateAccountDeps extends CreateOnceDeps, ManageProviderAccountDeps, CheckTenantDeps {}

export interface CreateAccountInput extends CreateRequest {
  readonly actor: Actor
  readonly body: unknown
  /** What was found wrong outside of the body already. */
  readonly faults: readonly Fault[]
  readonly toBody: (account: AccountRecord) => object
}

type AccountRefusal = Refusal | { readonly outcome: 'account_taken' }

/** Gives a tenant an account, as an administrator does it. */
export const createProviderAccount = async (
  deps: CreateAccountDeps,
  input: CreateAccountInput,
): Promise<CreateOnceOutcome | AccountRefusal> => {
  const result = await createOnce<AccountRefusal>(deps, input, async () => {
    const { tenant_id: ownerId } = salvageFields(TenantAccountIn, input.body)
    const senseless = await checkTenant(deps, ownerId)
    const read = readBody(TenantAccountIn, input.body, { malformed: input.faults, senseless })
    if (read.outcome === 'refused') return read
    if ((await deps.ownAccounts.find(read.data.tenant_id)) !== null) return { outcome: 'account_taken' }
    return draftAccount(deps, input, read.data)
  })
  if (result.outcome === 'created') deps.forgetProviderAccess()
  return result
}

const draftAccount = (
  { ownAccounts, sealer, clock }: CreateAccountDeps,
  { actor, toBody }: CreateAccountInput,
  { tenant_id: tenantId, token, max_concurrency: maxConcurrency }: TenantAccountIn,
): Draft => {
  const id = newId('account', clock.nowMs())
  const now = new Date(clock.nowMs())
  const account = {
    id,
    tenantId,
    kind: 'token',
    userId: null,
    tokenExpiresAt: null,
    tokenSetAt: now,
    pausedUntil: null,
    down: [],
    maxConcurrency,
    createdAt: now,
  } as const
  const tokenSealed = sealer.seal(token, sealedPlace({ table: 'provider_accounts', rowId: id, tenantId }))
  const audit = toAuditEntry(clock, actor, {
    action: 'provider_account.set',
    tenantId,
    subjectId: id,
    detail: { max_concurrency: maxConcurrency },
  })
  return {
    outcome: 'draft',
    resourceId: id,
    status: 201,
    body: toBody(account),
    insert: (answer) => ownAccounts.insert({ ...account, tokenSealed }, audit, answer),
  }
}

/** Null when there is no such account. A shared one is nobody's: its change stands in the audit log of who made it. */
export const changeProviderAccount = async (
  { ownAccounts, clock }: Pick<ManageProviderAccountDeps, 'ownAccounts' | 'clock'>,
  {
    actor,
    actorTenantId,
    accountId,
    patch,
  }: {
    readonly actor: Actor
    readonly actorTenantId: string
    readonly accountId: string
    readonly patch: ProviderAccountPatch
  },
): Promise<AccountRecord | null> => {
  const before = await ownAccounts.findById(accountId)
  const { max_concurrency: maxConcurrency } = patch
  if (before === null || maxConcurrency === undefined) return before
  const audit = toAuditEntry(clock, actor, {
    action: 'provider_account.updated',
    tenantId: before.tenantId ?? actorTenantId,
    subjectId: accountId,
    detail: patch,
  })
  return (await ownAccounts.limit(accountId, maxConcurrency, audit)) ? { ...before, maxConcurrency } : null
}
