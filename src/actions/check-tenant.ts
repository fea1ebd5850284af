import type { TenantDirectory } from '../store/tenant-directory.ts'
import type { Fault } from './fault.ts'

export interface CheckTenantDeps {
  readonly tenantDirectory: Pick<TenantDirectory, 'find'>
}

/** A tenant that a body names has to be there; nothing to say where none could be read. */
export const checkTenant = async (
  { tenantDirectory }: CheckTenantDeps,
  tenantId: string | undefined,
): Promise<Fault[]> =>
  tenantId === undefined || (await tenantDirectory.find(tenantId)) !== null
    ? []
    : [{ pointer: '/tenant_id', code: 'unknown_tenant', detail: 'is no tenant' }]
