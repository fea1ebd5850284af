/** API keys: made with no more scopes than their maker has, shown once, revoked for good (api.md §7). */
import type { Clock } from '../clock.ts'
import { hashApiKey, newApiKey } from '../crypto/api-key.ts'
import { newId } from '../job/ids.ts'
import type { KeyDirectory, KeyRecord } from '../store/key-directory.ts'
import { type Actor, toAuditEntry } from './audit-entry.ts'
import { type CheckTenantDeps, checkTenant } from './check-tenant.ts'
import {
  type CreateOnceDeps,
  type CreateOnceOutcome,
  type CreateRequest,
  createOnce,
  type Draft,
} from './create-once.ts'
import { type Fault, pointerTo } from './fault.ts'
import type { KeyIn, TenantKeyIn } from './key-in.ts'
import { isJsonObject } from './merge-defaults.ts'
import { type Refusal, readBody } from './refusal.ts'
import { salvageFields } from './salvage.ts'
import { isScope, type Scope } from './scopes.ts'

export interface ManageKeysDeps extends CreateOnceDeps, CheckTenantDeps {
  readonly keyDirectory: KeyDirectory
  readonly clock: Clock
  readonly keys: { readonly pepper: Buffer }
}

export interface CreateKeyInput extends CreateRequest {
  readonly actor: Actor
  /** Of the key that makes this one. */
  readonly heldScopes: ReadonlySet<Scope>
  /** Whether the body names the tenant whose key it will be; it is the tenant that asks otherwise. */
  readonly schema: typeof KeyIn | typeof TenantKeyIn
  readonly body: unknown
  /** What was found wrong outside of the body already. */
  readonly faults: readonly Fault[]
  /** The answer, with the key that is shown this once. */
  readonly toBody: (key: KeyRecord, apiKey: string) => object
}

export const createKey = (
  deps: ManageKeysDeps,
  input: CreateKeyInput,
): Promise<CreateOnceOutcome | Refusal> =>
  createOnce<Refusal>(deps, input, async () => {
    const { schema, body, faults } = input
    const read = readBody(schema, body, { malformed: faults, senseless: await checkSense(deps, input) })
    return read.outcome === 'refused' ? read : draftKey(deps, input, read.data)
  })

const checkSense = async (
  deps: ManageKeysDeps,
  { schema, body, heldScopes }: CreateKeyInput,
): Promise<Fault[]> => {
  const readable: Partial<TenantKeyIn> = salvageFields(schema, body)
  return [
    ...checkScopes(heldScopes, isJsonObject(body) ? body['scopes'] : undefined),
    ...(await checkTenant(deps, readable.tenant_id)),
    ...checkExpiry(deps.clock, readable.expires_at ?? null),
  ]
}

/** Each scope by itself: one that does not exist hides none that may not be given. */
const checkScopes = (heldScopes: ReadonlySet<Scope>, given: unknown): Fault[] =>
  (Array.isArray(given) ? given : []).flatMap((scope, index) =>
    !isScope(scope) || heldScopes.has(scope)
      ? []
      : {
          pointer: pointerTo(['scopes', index]),
          code: 'forbidden',
          detail: `is ${scope}, which the key that asks does not have itself`,
        },
  )

const checkExpiry = (clock: Clock, expiresAt: string | null): Fault[] =>
  expiresAt === null || Date.parse(expiresAt) > clock.nowMs()
    ? []
    : [{ pointer: '/expires_at', code: 'out_of_range', detail: 'must be in the future' }]

const draftKey = (
  { clock, keys, keyDirectory }: ManageKeysDeps,
  { tenantId, actor, toBody }: CreateKeyInput,
  wanted: KeyIn | TenantKeyIn,
): Draft => {
  const ownerId = 'tenant_id' in wanted ? wanted.tenant_id : tenantId
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
