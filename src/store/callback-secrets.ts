/** The secret that signs the callbacks of a tenant's jobs, sealed for the tenant's row (api.md §5). */
import type { PrismaClient, Tenant } from './generated/client.ts'

export interface SealedCallbackSecret {
  /** Null until the tenant gets one. */
  readonly sealed: string | null
  /** The one before, with the time until which it signs too. That may have passed. */
  readonly previous: { readonly sealed: string; readonly until: Date } | null
}

export interface CallbackSecretStore {
  get(tenantId: string): Promise<SealedCallbackSecret>
  /** Makes the present secret the previous one, which goes on signing for `overlapS`. */
  rotate(
    tenantId: string,
    secret: { readonly sealed: string; readonly overlapS: number },
  ): Promise<SealedCallbackSecret>
}

type SecretColumns = Pick<Tenant, 'callbackSecretSealed' | 'previousSecretSealed' | 'previousSecretUntil'>

const toSecret = (row: SecretColumns): SealedCallbackSecret => ({
  sealed: row.callbackSecretSealed,
  previous:
    row.previousSecretSealed === null || row.previousSecretUntil === null
      ? null
      : { sealed: row.previousSecretSealed, until: row.previousSecretUntil },
})

export const createCallbackSecretStore = ({
  prisma,
}: {
  readonly prisma: PrismaClient
}): CallbackSecretStore => {
  const get = async (tenantId: string): Promise<SealedCallbackSecret> =>
    toSecret(await prisma.tenant.findUniqueOrThrow({ where: { id: tenantId } }))
  return {
    get,
    async rotate(tenantId, { sealed, overlapS }) {
      await prisma.$executeRaw`
        UPDATE tenants SET
          callback_secret_sealed = ${sealed},
          previous_secret_sealed = CASE WHEN ${overlapS}::int > 0 THEN callback_secret_sealed END,
          previous_secret_until = CASE WHEN ${overlapS}::int > 0 THEN now() + ${overlapS}::int * interval '1 second' END
        WHERE id = ${tenantId}`
      return get(tenantId)
    },
  }
}
