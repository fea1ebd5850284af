import { success } from '../answer.ts'
import type { Route } from '../call.ts'

/** `GET /api/credits/balance/simple` (§2.6). */
export const creditsRoute = (): Route => ({
  method: 'GET',
  path: '/api/credits/balance/simple',
  endpoint: 'balance',
  scope: 'read',
  answer: ({ account: { available, frozen } }) => success({ available, frozen, total: available + frozen }),
})
