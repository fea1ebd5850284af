import { messagesOf } from '../job/job.ts'
import type { StageContext } from './stage.ts'

export const isLastMessage = ({ job }: StageContext): boolean =>
  job.messageNo === messagesOf(job.request).length - 1

/**
 * What a message has cost: the balance's delta since its baseline when no other message of the account was under way
 * (guarantees.md §2.1-9), else what was reserved for it, flagged as an estimate.
 */
export const creditsOf = async (
  { job, provider, access, permits, signal }: StageContext,
  permitId: string,
): Promise<{ credits: number; isEstimated: boolean }> => {
  const estimate = { credits: Number(job.notes['reserved'] ?? 0), isEstimated: true }
  if (!(await permits.wasAlone(permitId))) return estimate
  const { available, frozen } = await provider.readCredits(access, signal)
  // Asked again: a message that began between the question and the reading is part of the delta.
  if (!(await permits.wasAlone(permitId))) return estimate
  const total = Number(job.notes['available'] ?? 0) + Number(job.notes['frozen'] ?? 0)
  const credits = total - available - frozen
  return credits >= 0 ? { credits, isEstimated: false } : estimate
}
