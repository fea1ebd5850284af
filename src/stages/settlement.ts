import { messagesOf } from '../job/job.ts'
import type { JobPatch } from '../job/outcome.ts'
import type { StageContext } from './stage.ts'

export const isLastMessage = ({ job }: StageContext): boolean =>
  job.messageNo === messagesOf(job.request).length - 1

export interface MessageCost {
  readonly credits: number
  readonly isEstimated: boolean
  /** The provider holds credits for the message still: it is not done, or not settled. */
  readonly isHeld: boolean
}

/**
 * What a message has cost: the balance's delta since its baseline when no other message of the account was under way
 * (guarantees.md §2.1-9), else what was reserved for it, flagged as an estimate. A redrive leaves no balance to compare
 * with. Credits that are held still are counted, but what comes of them is not known: an estimate, too.
 */
export const creditsOf = async (
  { job, provider, access, permits, signal }: StageContext,
  permitId: string,
): Promise<MessageCost> => {
  const estimate = { credits: Number(job.notes['reserved'] ?? 0), isEstimated: true, isHeld: false }
  if (job.notes['available'] === undefined || !(await permits.wasAlone(permitId))) return estimate
  const { available, frozen } = await provider.readCredits(access, signal)
  // Asked again: a message that began between the question and the reading is part of the delta.
  if (!(await permits.wasAlone(permitId))) return estimate
  const frozenBefore = Number(job.notes['frozen'] ?? 0)
  const held = Math.max(0, frozen - frozenBefore)
  const credits = toWholeCredits(Number(job.notes['available']) + frozenBefore - available - frozen + held)
  const isPlausible = credits >= 0 && credits <= mostCredits
  return isPlausible ? { credits, isEstimated: held > 0, isHeld: held > 0 } : estimate
}

/** More than any message costs, and as much as our books can hold: the balance was changed by something else. */
const mostCredits = 2 ** 31 - 1

/** Balances may have fractions; our books have none. A fraction of a credit counts as one, unless adding up made it. */
const toWholeCredits = (credits: number): number => Math.ceil(Number(credits.toFixed(6)))

/**
 * What changes in the books of the job with the cost of its message. What was counted for the same message when an
 * earlier attempt ended is taken back first.
 */
export const withCost = (
  { job }: StageContext,
  { spent, atRisk }: { readonly spent: number; readonly atRisk: number },
): Pick<JobPatch, 'creditsSpent' | 'creditsAtRisk'> => {
  const newlySpent = spent - Number(job.notes['counted_spent'] ?? 0)
  const newlyAtRisk = atRisk - Number(job.notes['counted_at_risk'] ?? 0)
  return {
    ...(newlySpent === 0 ? {} : { creditsSpent: job.creditsSpent + newlySpent }),
    ...(newlyAtRisk === 0 ? {} : { creditsAtRisk: job.creditsAtRisk + newlyAtRisk }),
  }
}
