/** A message of unknown fate is honest only where something explains it (guarantees.md §3.4, R2). */
import { type Dossier, ledgerOf } from './dossier.ts'
import type { Disturbance, PermitFact } from './evidence.ts'

/** Clocks of the harness and of the database are one machine's; what is written down may lag a little. */
const graceMs = 2_000

export const hasUnknownOutcome = ({ job }: Dossier): boolean =>
  job?.failureCode === 'generation_outcome_unknown'

/** A job that ended with an unknown outcome although nobody disturbed its message. */
export const findUnexplained = (
  dossier: Dossier,
  disturbances: readonly Disturbance[],
): readonly string[] => {
  if (!hasUnknownOutcome(dossier)) return []
  const permit = dossier.permits.find(({ state }) => state === 'unknown')
  if (permit === undefined) return ['has an unknown outcome and no permit of unknown fate']
  if (wasDropped(dossier, permit)) return []
  if (wasHolderLost(dossier, permit)) return []
  const fromMs = permit.createdAtMs - graceMs
  const untilMs = permit.createdAtMs + graceMs
  const isExplained = disturbances.some((one) => one.fromMs <= untilMs && one.untilMs >= fromMs)
  return isExplained ? [] : ['has an unknown outcome that nothing explains']
}

/** Whoever sent it was killed, or starved for longer than its lease, before it could say how the message ended. */
const wasHolderLost = ({ attempts }: Dossier, permit: PermitFact): boolean =>
  attempts.some(({ epoch, outcome }) => epoch === permit.epoch && outcome === 'lost')

/** The provider took the connection away before it did anything, or gave the turn up and charged nothing for it. */
const wasDropped = (dossier: Dossier, { messageDigest }: PermitFact): boolean => {
  const settled = new Set(
    ledgerOf(dossier, 'charge')
      .filter(({ action }) => action === 'settle')
      .map(({ turn_id }) => turn_id),
  )
  return ledgerOf(dossier, 'message').some(
    ({ verdict, text_sha256, turn_id }) =>
      text_sha256 === messageDigest &&
      (verdict === 'dropped' || (verdict === 'accepted' && !settled.has(String(turn_id)))),
  )
}
