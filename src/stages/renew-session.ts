import { back, type SideRow, type StageOutcome } from '../job/outcome.ts'
import type { StageContext } from './stage.ts'

/** At most this many provider sessions are made for a job. */
const maxSessions = 3

/**
 * Sends a job whose provider session was lost back to make another one, uploads included (architecture.md §3). Null
 * when the session may have held something paid, or files of an earlier job of the conversation, or was made anew too
 * often. The caller knows that no message of the job is under way. `rows` are written with the change.
 */
export const renewSession = async (
  { job, sessions }: StageContext,
  rows: readonly SideRow[] = [],
): Promise<StageOutcome | null> => {
  const isFirstInIt = job.sessionId === null || (await sessions.isUnused())
  const wasEmpty = job.messageNo === 0 && isFirstInIt
  if (!wasEmpty || (await sessions.countMade()) >= maxSessions) return null
  return back('session', 'the provider lost the session before anything was made in it', {
    providerSessionId: null,
    rows,
  })
}
