import { z } from 'zod'
import type { TenantChanges } from '../store/tenant-directory.ts'

const most = 1_000_000_000

const name = z.string().trim().min(1).max(100).describe('Unique; for people and for the command line.')
const weight = z.int().min(1).max(1_000).describe('Its share of the workers among tenants that wait.')
const maxConcurrency = z.int().min(0).max(most).describe('Jobs under way at a time; 0 holds all of them.')
const ratePerMinute = z
  .int()
  .min(1)
  .max(most)
  .nullable()
  .describe('Requests a minute of all its keys together; null: no limit.')
const queueBound = z.int().min(0).max(most).nullable().describe('Jobs it may have queued; null: QUEUE_BOUND.')
const maxCreditsPerDay = z
  .int()
  .min(0)
  .max(most)
  .nullable()
  .describe('Credits that its jobs may spend in a day (UTC); null: no limit.')
const retentionDays = z.int().min(1).max(36_500).describe('How long files are kept after they were made.')

/** A tenant as an administrator asks for it (api.md §7). */
export const TenantIn = z
  .strictObject({
    name,
    weight: weight.default(1),
    max_concurrency: maxConcurrency.default(1_000),
    rate_per_minute: ratePerMinute.default(null),
    queue_bound: queueBound.default(null),
    max_credits_per_day: maxCreditsPerDay.default(null),
    retention_days: retentionDays.default(30),
  })
  .meta({ id: 'TenantRequest' })

export type TenantIn = z.output<typeof TenantIn>

export const TenantPatch = z
  .strictObject({
    name: name.optional(),
    weight: weight.optional(),
    max_concurrency: maxConcurrency.optional(),
    rate_per_minute: ratePerMinute.optional(),
    queue_bound: queueBound.optional(),
    max_credits_per_day: maxCreditsPerDay.optional(),
    retention_days: retentionDays.optional(),
  })
  .meta({ id: 'TenantPatch' })

export type TenantPatch = z.output<typeof TenantPatch>

export const toTenantChanges = (patch: TenantPatch): TenantChanges => ({
  ...(patch.name !== undefined && { name: patch.name }),
  ...(patch.weight !== undefined && { weight: patch.weight }),
  ...(patch.max_concurrency !== undefined && { maxConcurrency: patch.max_concurrency }),
  ...(patch.rate_per_minute !== undefined && { ratePerMinute: patch.rate_per_minute }),
  ...(patch.queue_bound !== undefined && { queueBound: patch.queue_bound }),
  ...(patch.max_credits_per_day !== undefined && { maxCreditsPerDay: patch.max_credits_per_day }),
  ...(patch.retention_days !== undefined && { retentionDays: patch.retention_days }),
})
