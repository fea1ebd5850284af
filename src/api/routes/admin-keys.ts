import { z } from 'zod'
import { TenantKeyIn } from '../../actions/key-in.ts'
import { keyRoutesAt } from '../key-routes.ts'
import { cursorQuery, limitQuery } from '../schemas/list.ts'

/** The keys of every tenant. */
export const adminKeyRoutes = keyRoutesAt({
  url: '/v1/admin/keys',
  tag: 'admin',
  scopes: ['admin'],
  schema: TenantKeyIn,
  createProblems: ['unknown_tenant'],
  listQuery: z.strictObject({
    tenant_id: z.string().min(1).max(100).optional(),
    limit: limitQuery,
    cursor: cursorQuery.optional(),
  }),
  ownerOf: () => null,
  words: {
    create: {
      operationId: 'createTenantKey',
      summary: 'Make an API key for a tenant',
      description:
        'As for one’s own tenant: shown in this answer and never again, and only with scopes that the key that asks has.',
    },
    list: { operationId: 'listTenantKeys', summary: 'List the API keys of all tenants, or of one' },
    read: { operationId: 'getTenantKey', summary: 'Read what is known of an API key of any tenant' },
    revoke: { operationId: 'revokeTenantKey', summary: 'Revoke an API key of any tenant' },
  },
})
