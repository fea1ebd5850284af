/** A message of unknown fate is honest only where something explains it (guarantees.md §3.4, R2). */
import { type Dossier, ledgerOf } from './dossier.ts'
import type { Disturbance, Evidence, PermitFact } from './evidence.ts'
import { wasKilled } from './rescues.ts'

/** Clocks of the harness and of the database are one machine's; what is written down may lag a little. */
const graceMs = 2_000

export const hasUnknownOutcome = ({ job }: Dossier): boolean =>
  job?.failureCode === 'generation_outcome_unknown'

/** What may explain it. */
export interface Circumstances extends Pick<Evidence, 'disturbances'> {
  /** The marks of messages that killed workers had not sent have not told so. */
  readonly areMarksMute: boolean
}

/** A job that ended with an unknown outcome although nobody disturbed its message, or although it never left. */
export const findUnexplained = (
  dossier: Dossier,
  { disturbances, areMarksMute }: Circumstances,
): readonly string[] => {
  if (!hasUnknownOutcome(dossier)) return []
  const permit = dossier.permits.find(({ state }) => state === 'unknown')
  if (permit === undefined) return ['has an unknown outcome and no permit of unknown fate']
  if (areMarksMute && wasKilledUnsent(dossier, permit, disturbances))
    return ['has an unknown outcome, and its message never left the worker that was killed']
  if (wasDropped(dossier, permit)) return []
  if (wasHolderLost(dossier, permit)) return []
  const fromMs = permit.createdAtMs - graceMs
  const untilMs = permit.createdAtMs + graceMs
  const isExplained = disturbances.some((one) => one.fromMs <= untilMs && one.untilMs >= fromMs)
  return isExplained ? [] : ['has an unknown outcome that nothing explains']
}

/**
 * A mark is taken with the first byte of its message, and a kill may come right in between: one message of unknown fate
 * that never left is bad luck. When they outnumber those whose marks told, the marks do not work.
 */
export const areMarksMute = (
  dossiers: readonly Dossier[],
  { disturbances, areMarksKept }: Pick<Evidence, 'disturbances' | 'areMarksKept'>,
): boolean => {
  if (!areMarksKept) return false
  const count = (isCounted: (dossier: Dossier, permit: PermitFact) => boolean): number =>
    dossiers.reduce(
      (sum, dossier) => sum + dossier.permits.filter((permit) => isCounted(dossier, permit)).length,
      0,
    )
  const untold = count(
    (dossier, permit) => permit.state === 'unknown' && wasKilledUnsent(dossier, permit, disturbances),
  )
  const told = count(
    (dossier, permit) => permit.state === 'not_sent' && wasHolderKilled(dossier, permit, disturbances),
  )
  return untold > Math.max(1, told)
}

/**
 * Its sender was killed, and the provider has seen fewer messages of these words than there are permits on which one may
 * have left: this one did not.
 */
const wasKilledUnsent = (
  dossier: Dossier,
  permit: PermitFact,
  disturbances: readonly Disturbance[],
): boolean => {
  const isOfThese = (digest: string | null): boolean => digest === permit.messageDigest
  const arrived = ledgerOf(dossier, 'message').filter(({ text_sha256 }) => isOfThese(text_sha256))
  const left = dossier.permits.filter((one) => isOfThese(one.messageDigest) && one.state !== 'not_sent')
  return arrived.length < left.length && wasHolderKilled(dossier, permit, disturbances)
}

const wasHolderKilled = (
  { attempts }: Dossier,
  { epoch }: PermitFact,
  disturbances: readonly Disturbance[],
): boolean =>
  attempts.some((one) => one.epoch === epoch && one.outcome === 'lost' && wasKilled(one.owner, disturbances))

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
