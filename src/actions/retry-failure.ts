import type { IntakeFailureStore } from '../store/intake-failures.ts'
import type { IntakeStore } from '../store/intakes.ts'
import { type TakeEventDeps, type TakenEvent, type TenantLimits, takeEvent } from './receive-event.ts'

export interface RetryFailureDeps extends Omit<TakeEventDeps, 'intakeFailures'> {
  readonly intakes: Pick<IntakeStore, 'find'>
  readonly intakeFailures: TakeEventDeps['intakeFailures'] & Pick<IntakeFailureStore, 'find'>
}

export type RetriedFailure =
  | { readonly outcome: 'retried'; readonly eventId: string; readonly taken: TakenEvent }
  | { readonly outcome: 'not_found' }

/** Tries a kept event by the intake as it is now. */
export const retryFailure = async (
  deps: RetryFailureDeps,
  place: {
    readonly tenantId: string
    readonly intakeId: string
    readonly failureId: string
    readonly limits: TenantLimits
  },
): Promise<RetriedFailure> => {
  const { tenantId, intakeId, failureId, limits } = place
  const intake = await deps.intakes.find(tenantId, intakeId)
  const failure = await deps.intakeFailures.find(tenantId, intakeId, failureId)
  if (intake === null || failure === null) return { outcome: 'not_found' }
  const { eventId, jobId, payload, contentType } = failure
  if (jobId !== null || payload === null)
    return { outcome: 'retried', eventId, taken: { outcome: 'duplicate', jobId: jobId ?? '' } }
  const taken = await takeEvent(deps, intake, { eventId, body: payload, contentType }, limits)
  return { outcome: 'retried', eventId, taken }
}
