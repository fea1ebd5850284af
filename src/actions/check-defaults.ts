import { type CheckJobDeps, checkJob } from './check-job.ts'
import type { Fault } from './fault.ts'

/**
 * Judges fields of jobs to come, as a job that has a prompt. What is still missing may come with each of them, and so
 * may what the skill requires. Pointers begin with `/defaults`.
 */
export const checkDefaults = async (
  deps: CheckJobDeps,
  tenantId: string,
  defaults: Readonly<Record<string, unknown>>,
): Promise<{ readonly isMalformed: boolean; readonly faults: readonly Fault[] }> => {
  const checked = await checkJob(deps, tenantId, { prompt: 'any', ...defaults })
  if (checked.outcome === 'acceptable') return { isMalformed: false, faults: [] }
  const faults = checked.faults
    .filter(({ code }) => code !== 'missing_input')
    .map((fault) => ({ ...fault, pointer: `/defaults${fault.pointer}` }))
  return { isMalformed: checked.isMalformed, faults }
}
