import { done } from '../job/outcome.ts'
import type { Stage } from './stage.ts'

/**
 * Makes the provider's workspace for the job; one that is recorded is used again. A job of a conversation comes with
 * that of the conversation, which its first job makes for all.
 */
export const session: Stage = {
  name: 'session',
  timeoutMs: () => 60_000,
  retryDelaysMs: [1_000, 5_000, 15_000, 30_000, 60_000, 120_000, 120_000, 120_000],

  async run({ job, provider, access, accountId, newSessionRowId, signal }) {
    if (job.providerSessionId !== null) return done()
    const made = await provider.createSession(
      access,
      { taskName: job.sessionId ?? job.id, language: job.request.language ?? 'en' },
      signal,
    )
    return done({
      providerSessionId: made.sessionId,
      providerTaskId: made.taskId,
      ...(made.userId === null ? {} : { providerUserId: made.userId }),
      rows: [
        {
          kind: 'session',
          id: newSessionRowId(),
          account_id: accountId,
          external_id: made.sessionId,
          task_id: made.taskId,
          user_id: made.userId,
        },
      ],
    })
  },
}
