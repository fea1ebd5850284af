import { done } from '../job/outcome.ts'
import type { Stage } from './stage.ts'

/**
 * Settles which account the job works with. The token itself comes with the context: configured, the tenant's own, or
 * an anonymous one that the account keeps sealed and asks for once (upstream-protocol.md §2.2).
 */
export const auth: Stage = {
  name: 'auth',
  isWrittenWith: ['session'],
  timeoutMs: () => 60_000,
  retryDelaysMs: [1_000, 5_000, 30_000, 30_000, 60_000],
  run: ({ job, accountId }) => Promise.resolve(done(job.accountId === accountId ? {} : { accountId })),
}
