import { hold, type StageOutcome } from '../job/outcome.ts'
import type { Baseline, StageContext } from './stage.ts'

/**
 * Keeps a message back while the provider may still be at an earlier one of the conversation that was given up: canceled
 * in the middle, or of unknown outcome. Sent beside it, the message would be turned away, and the change that the other
 * one makes would be taken for its own. Null when it may go: time enough has passed, and the session shows what the
 * other one did, or the account holds no credits for anything any more.
 */
export const awaitStray = async (
  { job, sessions, timings }: StageContext,
  baseline: Baseline,
): Promise<StageOutcome | null> => {
  const stray = job.sessionId === null ? null : await sessions.findStray()
  if (stray === null || stray.ageMs >= timings.messageMaxMs) return null
  const restMs = timings.recoveryFirstMs - stray.ageMs
  if (restMs > 0) return hold(restMs, 'session_busy', { notes: job.notes })
  const isAtWork = baseline.frozen > 0 && baseline.fingerprint === stray.fingerprint
  return isAtWork ? hold(timings.recoveryFirstMs / 2, 'session_busy', { notes: job.notes }) : null
}
