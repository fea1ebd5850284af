import { z } from 'zod'
import { KeyIn } from '../../actions/key-in.ts'
import { keyRoutesAt } from '../key-routes.ts'
import { cursorQuery, limitQuery } from '../schemas/list.ts'

/** The keys of one's own tenant. */
export const keyRoutes = keyRoutesAt({
  url: '/v1/keys',
  tag: 'keys',
  scopes: ['keys:write', 'admin'],
  schema: KeyIn,
  createProblems: [],
  listQuery: z.strictObject({ limit: limitQuery, cursor: cursorQuery.optional() }),
  ownerOf: ({ tenantId }) => tenantId,
  words: {
    create: {
      operationId: 'createKey',
      summary: 'Make an API key',
      description: 'The key is shown in this answer and never again; only its hash is kept.',
    },
    list: {
      operationId: 'listKeys',
      summary: 'List API keys',
      description: 'Newest first, those that were revoked too.',
    },
    read: { operationId: 'getKey', summary: 'Read what is known of an API key' },
    revoke: {
      operationId: 'revokeKey',
      summary: 'Revoke an API key',
      description: 'It lets nobody in any more, at the latest after two seconds. That cannot be undone.',
    },
  },
})
