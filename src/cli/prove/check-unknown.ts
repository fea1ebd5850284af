/** A message of unknown fate is honest only where something explains it (guarantees.md §3.4, R2). */
import { type Dossier, ledgerOf } from './dossier.ts'
import type { Disturbance, Evidence, PermitFact } from './evidence.ts'
import { wasKilled } from './rescues.ts'

/** Clocks of the harness and of the database are one machine's; what is written down may lag a little. */
const graceMs = 2_000

export const hasUnknownOutcome = ({ job }: Dossier): boolean =>
  job?.failureCode === 'generation_outcome_unknown'

/** What may explain it. */
export type Circumstances = Pick<Evidence, 'disturbances' | 'areMarksKept'>

/** A job that ended with an unknown outcome although nobody disturbed its message, or although it never left. */
export const findUnexplained = (
  dossier: Dossier,
  { disturbances, areMarksKept }: Circumstances,
): readonly string[] => {
  if (!hasUnknownOutcome(dossier)) return []
  const permit = dossier.permits.find(({ state }) => state === 'unknown')
  if (permit === undefined) return ['has an unknown outcome and no permit of unknown fate']
  if (areMarksKept && wasKilledUnsent(dossier, permit, disturbances))
    return ['has an unknown outcome, and its message never left the worker that was killed']
  if (wasDropped(dossier, permit)) return []
  if (wasHolderLost(dossier, permit)) return []
  const fromMs = permit.createdAtMs - graceMs
  const untilMs = permit.createdAtMs + graceMs
  const isExplained = disturbances.some((one) => one.fromMs <= untilMs && one.untilMs >= fromMs)
  return isExplained ? [] : ['has an unknown outcome that nothing explains']
}

/**
 * Its sender was killed, and the provider has seen fewer messages of these words than there are permits on which one may
 * have left: this one did not, and its mark should have told. From the taking of a mark to the first byte nothing else
 * is done, so that no kill comes in between.
 */
const wasKilledUnsent = (
  dossier: Dossier,
  { epoch, messageDigest }: PermitFact,
  disturbances: readonly Disturbance[],
): boolean => {
  const isOfThese = (digest: string | null): boolean => digest === messageDigest
  const arrived = ledgerOf(dossier, 'message').filter(({ text_sha256 }) => isOfThese(text_sha256))
  const left = dossier.permits.filter((one) => isOfThese(one.messageDigest) && one.state !== 'not_sent')
  return (
    arrived.length < left.length &&
    dossier.attempts.some(
      (one) => one.epoch === epoch && one.outcome === 'lost' && wasKilled(one.owner, disturbances),
    )
  )
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
