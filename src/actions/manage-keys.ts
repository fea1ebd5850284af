/** API keys: made with no more scopes than their maker has, shown once, revoked for good (api.md §7). */
import type { Clock } from '../clock.ts'
import { hashApiKey, newApiKey } from '../crypto/api-key.ts'
import { newId } from '../job/ids.ts'
import type { KeyDirectory, KeyRecord } from '../store/key-directory.ts'
import type { TenantDirectory } from '../store/tenant-directory.ts'
import { type Actor, toAuditEntry } from './audit-entry.ts'
import {
  type CreateOnceDeps,
  type CreateOnceOutcome,
  type CreateRequest,
  createOnce,
  type Draft,
} from './create-once.ts'
import type { KeyIn } from './key-in.ts'
import type { Scope } from './scopes.ts'

export interface ManageKeysDeps extends CreateOnceDeps {
  readonly keyDirectory: KeyDirectory
  readonly tenantDirectory: Pick<TenantDirectory, 'find'>
  readonly clock: Clock
  readonly keys: { readonly pepper: Buffer }
}

export interface CreateKeyInput extends CreateRequest {
  readonly actor: Actor
  /** Of the key that makes this one. */
  readonly heldScopes: ReadonlySet<Scope>
  /** Whose key it will be. */
  readonly ownerId: string
  readonly wanted: KeyIn
  /** The answer, with the key that is shown this once. */
  readonly toBody: (key: KeyRecord, apiKey: string) => object
}

export type KeyRefusal =
  | { readonly outcome: 'scopes_not_held'; readonly scopes: readonly Scope[] }
  | { readonly outcome: 'unknown_tenant' | 'expired' }

export const createKey = (
  deps: ManageKeysDeps,
  input: CreateKeyInput,
): Promise<CreateOnceOutcome | KeyRefusal> =>
  createOnce<KeyRefusal>(deps, input, async () => (await refuse(deps, input)) ?? draftKey(deps, input))

/** Null when the key may be made. */
const refuse = async (
  { clock, tenantDirectory }: ManageKeysDeps,
  { heldScopes, ownerId, wanted }: CreateKeyInput,
): Promise<KeyRefusal | null> => {
  const notHeld = wanted.scopes.filter((scope) => !heldScopes.has(scope))
  if (notHeld.length > 0) return { outcome: 'scopes_not_held', scopes: notHeld }
  if ((await tenantDirectory.find(ownerId)) === null) return { outcome: 'unknown_tenant' }
  const isExpired = wanted.expires_at !== null && Date.parse(wanted.expires_at) <= clock.nowMs()
  return isExpired ? { outcome: 'expired' } : null
}

const draftKey = (
  { clock, keys, keyDirectory }: ManageKeysDeps,
  { actor, ownerId, wanted, toBody }: CreateKeyInput,
): Draft => {
  const apiKey = newApiKey()
  const key: KeyRecord = {
    id: newId('apiKey', clock.nowMs()),
    tenantId: ownerId,
    name: wanted.name,
    scopes: wanted.scopes,
    expiresAt: wanted.expires_at === null ? null : new Date(wanted.expires_at),
    revokedAt: null,
    lastUsedAt: null,
    createdAt: new Date(clock.nowMs()),
  }
  const audit = toAuditEntry(clock, actor, {
    action: 'key.created',
    tenantId: ownerId,
    subjectId: key.id,
    detail: { name: key.name, scopes: key.scopes, expires_at: wanted.expires_at },
  })
  return {
    outcome: 'draft',
    resourceId: key.id,
    status: 201,
    body: toBody(key, apiKey),
    insert: (answer) => keyDirectory.insert({ ...key, hash: hashApiKey(keys.pepper, apiKey) }, audit, answer),
  }
}

/** With `ownerId` null, a key of any tenant. A key that is revoked already stays so. */
export const revokeKey = async (
  { keyDirectory, clock }: Pick<ManageKeysDeps, 'keyDirectory' | 'clock'>,
  {
    actor,
    ownerId,
    keyId,
  }: { readonly actor: Actor; readonly ownerId: string | null; readonly keyId: string },
): Promise<{ readonly outcome: 'revoked' | 'not_found' }> => {
  const key = await keyDirectory.find(ownerId, keyId)
  if (key === null) return { outcome: 'not_found' }
  if (key.revokedAt !== null) return { outcome: 'revoked' }
  const audit = toAuditEntry(clock, actor, {
    action: 'key.revoked',
    tenantId: key.tenantId,
    subjectId: key.id,
    detail: { name: key.name },
  })
  await keyDirectory.revoke(key.id, audit)
  return { outcome: 'revoked' }
}
