import type { IntakeRecord } from '../store/intakes.ts'
import { type CheckBudgetDeps, checkDayBudget } from './check-budget.ts'
import { type CheckJobDeps, checkJob } from './check-job.ts'
import type { Fault } from './fault.ts'
import { type MapEventDeps, mapPayload } from './map-event.ts'
import { type JobPreview, previewJob } from './preview-job.ts'
import { findTrial } from './receive-event.ts'

export type IntakeTrial =
  | {
      readonly outcome: 'accepted' | 'ignored' | 'mapping_failed' | 'job_refused'
      /** The body of the job, with the defaults; null where the mapping gave none. */
      readonly mapped: unknown
      readonly preview: JobPreview | null
      readonly faults: readonly Fault[]
    }
  | { readonly outcome: 'busy' }

export type TryIntakeDeps = MapEventDeps & CheckJobDeps & CheckBudgetDeps

/** What an event would become, with nothing stored (api.md §6). */
export const tryIntake = async (
  deps: TryIntakeDeps,
  intake: Pick<IntakeRecord, 'tenantId' | 'mapping' | 'defaults'> & {
    readonly maxCreditsPerDay: number | null
  },
  payload: unknown,
): Promise<IntakeTrial> => {
  const mapped = await mapPayload(deps, intake, JSON.stringify(payload))
  switch (mapped.outcome) {
    case 'busy':
      return mapped
    case 'ignored':
      return { outcome: 'ignored', mapped: null, preview: null, faults: [] }
    case 'failed':
      return { outcome: 'mapping_failed', mapped: null, preview: null, faults: [mapped.fault] }
    case 'mapped':
      return tryJob(deps, intake, mapped.body)
    case 'unreadable':
      throw new Error('a payload that was JSON is none')
  }
}

const tryJob = async (
  deps: TryIntakeDeps,
  tenant: { readonly tenantId: string; readonly maxCreditsPerDay: number | null },
  body: unknown,
): Promise<IntakeTrial> => {
  const checked = await checkDayBudget(deps, tenant, await checkJob(deps, tenant.tenantId, body))
  const faults = [...findTrial(body), ...(checked.outcome === 'refused' ? checked.faults : [])]
  return checked.outcome === 'acceptable' && faults.length === 0
    ? { outcome: 'accepted', mapped: body, preview: previewJob(deps.clock, checked), faults }
    : { outcome: 'job_refused', mapped: body, preview: null, faults }
}
