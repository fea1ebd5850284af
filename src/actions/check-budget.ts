/**
 * Refuses at submit what could not be paid for anyway (api.md §7). What is refused here is refused again, and for good,
 * when the permit of the message is opened: there, under lock.
 */
import type { Clock } from '../clock.ts'
import type { Warning } from '../job/outcome.ts'
import type { BudgetStore } from '../store/budgets.ts'
import type { CheckedJob } from './check-job.ts'
import type { Fault } from './fault.ts'
import type { JobIn } from './job-in.ts'

export interface CheckBudgetDeps {
  readonly budgets: BudgetStore
  readonly clock: Clock
}

const code = 'budget_exceeded'

/** A job whose first message is beyond its own limit would fail before it has done anything. */
export const checkOwnBudget = (
  needed: number,
  { max_credits }: Partial<Pick<JobIn, 'max_credits'>>,
): Fault[] =>
  max_credits === undefined || max_credits >= needed
    ? []
    : [{ pointer: '/max_credits', code, detail: `must be at least ${needed}, the estimate of its prompt` }]

/** What the day of its tenant leaves to an acceptable job. A tenant without a limit is not asked for. */
export const checkDayBudget = async (
  deps: CheckBudgetDeps,
  {
    tenantId,
    maxCreditsPerDay = null,
  }: { readonly tenantId: string; readonly maxCreditsPerDay?: number | null },
  checked: CheckedJob,
): Promise<CheckedJob> => {
  if (checked.outcome === 'refused' || maxCreditsPerDay === null) return checked
  const { request, creditsEstimated, promptCredits: needed, warnings } = checked
  const today = await deps.budgets.findToday(tenantId)
  const runAtMs = Math.max(Date.parse(request.run_at ?? '') || 0, deps.clock.nowMs())
  const isToday = runAtMs < today.renewsAt.getTime()
  const left = maxCreditsPerDay - (isToday ? today.spent : 0)
  if (needed > left) {
    const detail =
      needed > maxCreditsPerDay
        ? `the prompt costs about ${needed} credits, and max_credits_per_day of the tenant is ${maxCreditsPerDay}`
        : `the prompt costs about ${needed} credits, and of the tenant’s ${maxCreditsPerDay} for today ${Math.max(0, left)} are left; give it a run_at from ${today.renewsAt.toISOString()} on`
    return { outcome: 'refused', isMalformed: false, faults: [{ pointer: '', code, detail }] }
  }
  const unreserved = left - (isToday ? today.reserved : 0)
  return creditsEstimated <= unreserved
    ? checked
    : { ...checked, warnings: [...warnings, tightWarning(creditsEstimated, Math.max(0, unreserved))] }
}

/** The same for a message of a conversation, which goes out as soon as it can. */
export const checkMessageBudget = async (
  { budgets }: Pick<CheckBudgetDeps, 'budgets'>,
  { tenantId, maxCreditsPerDay }: { readonly tenantId: string; readonly maxCreditsPerDay: number | null },
  needed: number,
): Promise<Fault[]> => {
  if (maxCreditsPerDay === null) return []
  const { spent, renewsAt } = await budgets.findToday(tenantId)
  const left = Math.max(0, maxCreditsPerDay - spent)
  const detail = `the message costs up to ${needed} credits, and of the tenant’s ${maxCreditsPerDay} for today ${left} are left; more from ${renewsAt.toISOString()} on`
  return needed > left ? [{ pointer: '', code, detail }] : []
}

const tightWarning = (needed: number, left: number): Warning => ({
  code: 'estimate_over_budget',
  message: `about ${needed} credits are needed, and the tenant’s max_credits_per_day leaves ${left}`,
})
