import { z } from 'zod'
import type { TenantRecord } from '../../store/tenant-directory.ts'

export const TenantOut = z
  .object({
    id: z.string(),
    name: z.string(),
    weight: z.int(),
    max_concurrency: z.int(),
    rate_per_minute: z.int().nullable(),
    queue_bound: z.int().nullable(),
    max_credits_per_day: z.int().nullable(),
    retention_days: z.int(),
    created_at: z.iso.datetime(),
    links: z.object({ self: z.string(), keys: z.string() }),
  })
  .meta({ id: 'Tenant' })

export type TenantOut = z.output<typeof TenantOut>

export const toTenantOut = (tenant: TenantRecord, publicUrl: string): TenantOut => ({
  id: tenant.id,
  name: tenant.name,
  weight: tenant.weight,
  max_concurrency: tenant.maxConcurrency,
  rate_per_minute: tenant.ratePerMinute,
  queue_bound: tenant.queueBound,
  max_credits_per_day: tenant.maxCreditsPerDay,
  retention_days: tenant.retentionDays,
  created_at: tenant.createdAt.toISOString(),
  links: {
    self: `${publicUrl}/v1/admin/tenants/${tenant.id}`,
    keys: `${publicUrl}/v1/admin/keys?tenant_id=${tenant.id}`,
  },
})
