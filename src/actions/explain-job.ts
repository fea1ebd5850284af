import { type Explanation, explain, type JobFacts } from '../job/explain.ts'
import { findSkill } from '../skills/index.ts'
import type { ExplanationStore } from '../store/explanations.ts'

/** Before any job of the tenant has ended, a job is taken to hold its slot as long as its skill says it lasts. */
const usualMs = (skillName: string): number => {
  const skill = findSkill(skillName)
  if (skill === null) throw new Error(`a job names the skill ${skillName}, which is not in the catalog`)
  const { min, max } = skill.typicalSeconds
  return ((min + max) / 2) * 1000
}

/** Why a job is where it is; null when there is none. */
export const explainJob = async (
  { explanations }: { readonly explanations: ExplanationStore },
  { tenantId, jobId }: { readonly tenantId: string; readonly jobId: string },
): Promise<(Explanation & Pick<JobFacts, 'state' | 'stage'>) | null> => {
  const record = await explanations.find(tenantId, jobId)
  if (record === null) return null
  const { state, stage, skill, slotMs } = record
  return { state, stage, ...explain({ ...record, slotMs: slotMs ?? usualMs(skill) }) }
}
