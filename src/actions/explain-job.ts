import { type Explanation, explain, type JobFacts } from '../job/explain.ts'
import { findSkill } from '../skills/index.ts'
import type { BudgetStore } from '../store/budgets.ts'
import type { ExplanationRecord, ExplanationStore } from '../store/explanations.ts'

/** Before any job of the tenant has ended, a job is taken to hold its slot as long as its skill says it lasts. */
const usualMs = (skillName: string): number => {
  const skill = findSkill(skillName)
  if (skill === null) throw new Error(`a job names the skill ${skillName}, which is not in the catalog`)
  const { min, max } = skill.typicalSeconds
  return ((min + max) / 2) * 1000
}

export interface ExplainJobDeps {
  readonly explanations: ExplanationStore
  readonly budgets: BudgetStore
}

/** Why a job is where it is; null when there is none. */
export const explainJob = async (
  { explanations, budgets }: ExplainJobDeps,
  { tenantId, jobId }: { readonly tenantId: string; readonly jobId: string },
): Promise<(Explanation & Pick<JobFacts, 'state' | 'stage'>) | null> => {
  const record = await explanations.find(tenantId, jobId)
  if (record === null) return null
  const { state, stage, skill, slotMs } = record
  const facts = { ...record, budgets: await listBudgets(budgets, tenantId, record) }
  return { state, stage, ...explain({ ...facts, slotMs: slotMs ?? usualMs(skill) }) }
}

/** The budgets that the job's next message must fit in. */
const listBudgets = async (
  budgets: BudgetStore,
  tenantId: string,
  { credits, batchId, maxCreditsPerDay }: ExplanationRecord,
): Promise<JobFacts['budgets']> => {
  const batch = batchId === null ? null : await budgets.find(batchId)
  const today = maxCreditsPerDay === null ? null : await budgets.findToday(tenantId)
  return [
    ...(credits.max === null ? [] : [{ name: 'job_credits' as const, used: credits.used, max: credits.max }]),
    ...(batch === null
      ? []
      : [{ name: 'batch_credits' as const, used: batch.spent + batch.reserved, max: batch.maxCredits }]),
    ...(today === null || maxCreditsPerDay === null
      ? []
      : [{ name: 'day_credits' as const, used: today.spent + today.reserved, max: maxCreditsPerDay }]),
  ]
}
