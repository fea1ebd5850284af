import { hold, type StageOutcome } from '../job/outcome.ts'
import type { Baseline, StageContext } from './stage.ts'

/**
 * Keeps a message back while the provider may still be at an earlier one of the conversation that was given up: canceled
 * in the middle, or of unknown outcome. Sent beside it, the message would be turned away, and the change that the other
 * one makes would be taken for its own. Null when it may go: after a moment, once the account holds no credits for
 * anything, or the session has changed and then kept still, or has shown nothing for as long as a lost message is looked
 * for.
 */
export const awaitStray = async (
  { job, sessions, timings }: StageContext,
  { fingerprint, frozen }: Baseline,
): Promise<StageOutcome | null> => {
  const { recoveryFirstMs, recoveryEveryMs, recoveryChecks, messageMaxMs } = timings
  const stray = job.sessionId === null ? null : await sessions.findStray()
  if (stray === null || stray.ageMs >= messageMaxMs) return null
  const restMs = recoveryFirstMs - stray.ageMs
  if (restMs > 0) return hold(restMs, 'session_busy', { notes: job.notes })
  const hasChanged = fingerprint !== stray.fingerprint
  const isStill = hasChanged
    ? fingerprint === job.notes['seen_fingerprint']
    : stray.ageMs >= recoveryFirstMs + recoveryChecks * recoveryEveryMs
  return frozen === 0 || isStill
    ? null
    : hold(recoveryFirstMs, 'session_busy', { notes: { ...job.notes, seen_fingerprint: fingerprint } })
}
