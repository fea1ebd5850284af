/** Tenants, as an administrator makes, changes and deletes them; every deed is audited (api.md §7). */
import { newCallbackSecret } from '../callbacks/secret.ts'
import type { Clock } from '../clock.ts'
import { sealedPlace } from '../crypto/seal.ts'
import { newId } from '../job/ids.ts'
import type { TenantDirectory, TenantRecord } from '../store/tenant-directory.ts'
import { type Actor, toAuditEntry } from './audit-entry.ts'
import {
  type CreateOnceDeps,
  type CreateOnceOutcome,
  type CreateRequest,
  createOnce,
  type Draft,
} from './create-once.ts'
import { type TenantIn, type TenantPatch, toTenantChanges } from './tenant-in.ts'

export interface ManageTenantsDeps extends CreateOnceDeps {
  readonly tenantDirectory: TenantDirectory
  readonly clock: Clock
}

export interface CreateTenantInput extends CreateRequest {
  readonly actor: Actor
  readonly wanted: TenantIn
  readonly toBody: (tenant: TenantRecord) => object
}

type NameTaken = { readonly outcome: 'name_taken' }

/** The tenant has a secret for its callbacks from the start, and no key yet. */
export const createTenant = (
  deps: ManageTenantsDeps,
  input: CreateTenantInput,
): Promise<CreateOnceOutcome | NameTaken> =>
  createOnce<NameTaken>(deps, input, async () =>
    (await deps.tenantDirectory.isNameTaken(input.wanted.name))
      ? { outcome: 'name_taken' }
      : draftTenant(deps, input),
  )

const draftTenant = (
  { clock, sealer, tenantDirectory }: ManageTenantsDeps,
  { actor, wanted, toBody }: CreateTenantInput,
): Draft => {
  const id = newId('tenant', clock.nowMs())
  const tenant: TenantRecord = {
    id,
    name: wanted.name,
    weight: wanted.weight,
    maxConcurrency: wanted.max_concurrency,
    ratePerMinute: wanted.rate_per_minute,
    queueBound: wanted.queue_bound,
    maxCreditsPerDay: wanted.max_credits_per_day,
    retentionDays: wanted.retention_days,
    createdAt: new Date(clock.nowMs()),
  }
  const place = sealedPlace({ table: 'tenants', rowId: id, tenantId: id })
  const audit = toAuditEntry(clock, actor, {
    action: 'tenant.created',
    tenantId: id,
    subjectId: id,
    detail: wanted,
  })
  return {
    outcome: 'draft',
    resourceId: id,
    status: 201,
    body: toBody(tenant),
    insert: (answer) =>
      tenantDirectory.insert(
        { ...tenant, callbackSecretSealed: sealer.seal(newCallbackSecret(), place) },
        audit,
        answer,
      ),
  }
}

export type UpdateTenantOutcome =
  | { readonly outcome: 'updated'; readonly tenant: TenantRecord }
  | { readonly outcome: 'not_found' | 'name_taken' }

export const updateTenant = async (
  { tenantDirectory, clock }: ManageTenantsDeps,
  {
    actor,
    tenantId,
    patch,
  }: { readonly actor: Actor; readonly tenantId: string; readonly patch: TenantPatch },
): Promise<UpdateTenantOutcome> => {
  const before = await tenantDirectory.find(tenantId)
  if (before === null) return { outcome: 'not_found' }
  const changes = toTenantChanges(patch)
  if (Object.keys(changes).length === 0) return { outcome: 'updated', tenant: before }
  const audit = toAuditEntry(clock, actor, {
    action: 'tenant.updated',
    tenantId,
    subjectId: tenantId,
    detail: patch,
  })
  if (!(await tenantDirectory.update(tenantId, changes, audit))) return { outcome: 'name_taken' }
  return { outcome: 'updated', tenant: { ...before, ...changes } }
}

/**
 * Its keys, endpoints and provider account end with it. Refused while it has unfinished jobs, and for the tenant that
 * asks; what its finished jobs left is kept for as long as it said.
 */
export const deleteTenant = async (
  { tenantDirectory, clock }: ManageTenantsDeps,
  {
    actor,
    actorTenantId,
    tenantId,
  }: { readonly actor: Actor; readonly actorTenantId: string; readonly tenantId: string },
): Promise<{ readonly outcome: 'deleted' | 'not_found' | 'own' | 'busy' }> => {
  const tenant = await tenantDirectory.find(tenantId)
  if (tenant === null) return { outcome: 'not_found' }
  if (tenantId === actorTenantId) return { outcome: 'own' }
  if (await tenantDirectory.hasUnfinishedJobs(tenantId)) return { outcome: 'busy' }
  const audit = toAuditEntry(clock, actor, {
    action: 'tenant.deleted',
    tenantId,
    subjectId: tenantId,
    detail: { name: tenant.name },
  })
  await tenantDirectory.delete(tenantId, audit)
  return { outcome: 'deleted' }
}
