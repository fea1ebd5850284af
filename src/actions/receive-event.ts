/** Takes what somebody else's webhook sends, and makes a job of it: once per event (api.md §6). */
import { newId } from '../job/ids.ts'
import type { IntakeEventStore, NewIntakeEvent } from '../store/intake-events.ts'
import type { FailureProblem, IntakeFailureStore, ReceivedEvent } from '../store/intake-failures.ts'
import type { IntakeRecord } from '../store/intakes.ts'
import { type CreateJobDeps, type CreateJobInput, type CreateJobOutcome, createJob } from './create-job.ts'
import type { Fault } from './fault.ts'
import { bodyDigestOf, replayWindowOf } from './intake-verifier.ts'
import { type MapEventDeps, mapEvent } from './map-event.ts'

export interface TakeEventDeps extends CreateJobDeps, MapEventDeps {
  readonly intakeEvents: IntakeEventStore
  readonly intakeFailures: Pick<IntakeFailureStore, 'keep' | 'resolve' | 'drop'>
}

/** An event whose sender was verified. */
export interface VerifiedEvent {
  readonly eventId: string
  readonly body: Buffer
  readonly contentType: string
}

export type TakenEvent =
  /** `duplicate`: the event, another one of the same signed body, or of the same dedupe key, had become that job. */
  | { readonly outcome: 'accepted' | 'duplicate'; readonly jobId: string }
  /** The mapping wants no job of it. */
  | { readonly outcome: 'ignored' }
  | { readonly outcome: 'unreadable'; readonly detail: string }
  | KeptEvent
  | { readonly outcome: 'failures_full' | 'queue_full' | 'busy' }

/** No job could be made of it; it is kept under `failureId`. */
export interface KeptEvent {
  readonly outcome: 'mapping_failed' | 'job_refused'
  readonly faults: readonly Fault[]
  readonly failureId: string
}

/** What holds for every job of the tenant. */
export type TenantLimits = Required<Pick<CreateJobInput, 'queueBound' | 'maxCreditsPerDay'>>

type Intake = Pick<IntakeRecord, 'id' | 'tenantId' | 'mapping' | 'defaults' | 'verifier'>

export const takeEvent = async (
  deps: TakeEventDeps,
  intake: Intake,
  event: VerifiedEvent,
  limits: TenantLimits,
): Promise<TakenEvent> => {
  const id = identify(intake, event)
  const known = await findJob(deps, intake, id)
  if (known !== null) return { outcome: 'duplicate', jobId: await resolved(deps, intake, event, known) }
  const mapped = await mapEvent(deps, intake, event)
  switch (mapped.outcome) {
    case 'mapped':
      return settle(deps, intake, event, await create(deps, intake, id, { body: mapped.body, ...limits }))
    case 'ignored':
      await deps.intakeFailures.drop(asReceived(intake, event))
      return { outcome: 'ignored' }
    case 'failed':
      return keep(deps, intake, event, { outcome: 'mapping_failed', faults: [mapped.fault] })
    case 'unreadable':
    case 'busy':
      return mapped
  }
}

const identify = ({ id, verifier }: Intake, { eventId, body }: VerifiedEvent): NewIntakeEvent => ({
  intakeId: id,
  eventId,
  bodyDigest: replayWindowOf(verifier) === 0 ? null : bodyDigestOf(body),
})

/** The job that the event has become: by its id, or where nobody has signed that, by its body. */
const findJob = async (
  { intakeEvents }: TakeEventDeps,
  { verifier }: Intake,
  { intakeId, eventId, bodyDigest }: NewIntakeEvent,
): Promise<string | null> => {
  const known = await intakeEvents.findJob({ intakeId, eventId })
  return known === null && bodyDigest !== null
    ? intakeEvents.findJobOfBody(intakeId, bodyDigest, replayWindowOf(verifier))
    : known
}

const create = (
  deps: TakeEventDeps,
  { tenantId }: Intake,
  intakeEvent: NewIntakeEvent,
  { body, ...limits }: TenantLimits & { readonly body: unknown },
): Promise<CreateJobOutcome> =>
  createJob(deps, {
    tenantId,
    ...limits,
    body,
    keyed: null,
    faults: findTrial(body),
    toBody: () => ({}),
    intakeEvent,
  })

/** A dry run would make no job, and say so to nobody. */
export const findTrial = (body: unknown): Fault[] =>
  (body as { readonly dry_run?: unknown }).dry_run === undefined
    ? []
    : [{ pointer: '/dry_run', code: 'unknown_field', detail: 'is not a field of what an intake makes' }]

const settle = async (
  deps: TakeEventDeps,
  intake: Intake,
  event: VerifiedEvent,
  created: CreateJobOutcome,
): Promise<TakenEvent> => {
  switch (created.outcome) {
    case 'created':
      return { outcome: 'accepted', jobId: await resolved(deps, intake, event, created.job.id) }
    case 'existing':
      return merge(deps, intake, event, created.job.id)
    case 'duplicate':
      return merge(deps, intake, event, created.jobId)
    case 'refused':
      return keep(deps, intake, event, { outcome: 'job_refused', faults: created.faults })
    case 'in_flight': {
      const jobId = await findJob(deps, intake, identify(intake, event))
      return jobId === null ? { outcome: 'busy' } : { outcome: 'duplicate', jobId }
    }
    case 'queue_full':
      return { outcome: 'queue_full' }
    case 'previewed':
    case 'replayed':
    case 'key_reused':
      throw new Error(`an event was answered with ${created.outcome}`)
  }
}

/** The event has become a job that was there before, by its dedupe key. */
const merge = async (
  deps: TakeEventDeps,
  intake: Intake,
  event: VerifiedEvent,
  jobId: string,
): Promise<TakenEvent> => {
  await deps.intakeEvents.record(identify(intake, event), jobId)
  return { outcome: 'duplicate', jobId: await resolved(deps, intake, event, jobId) }
}

/** What may have been kept of the event before is settled by its job. */
const resolved = async (
  { intakeFailures }: TakeEventDeps,
  intake: Intake,
  event: VerifiedEvent,
  jobId: string,
): Promise<string> => {
  await intakeFailures.resolve(asReceived(intake, event), jobId)
  return jobId
}

const asReceived = ({ id, verifier }: Intake, { eventId, body }: VerifiedEvent): ReceivedEvent => ({
  intakeId: id,
  eventId,
  payload: body,
  replayWindowS: replayWindowOf(verifier),
})

const keep = async (
  { intakeFailures, clock }: TakeEventDeps,
  intake: Intake,
  event: VerifiedEvent,
  failed: Pick<KeptEvent, 'outcome' | 'faults'>,
): Promise<TakenEvent> => {
  const failureId = await intakeFailures.keep({
    ...asReceived(intake, event),
    id: newId('intakeFailure', clock.nowMs()),
    tenantId: intake.tenantId,
    problem: toProblem(failed),
    contentType: event.contentType,
  })
  return failureId === null ? { outcome: 'failures_full' } : { ...failed, failureId }
}

const toProblem = ({ outcome, faults }: Pick<KeptEvent, 'outcome' | 'faults'>): FailureProblem => ({
  code: outcome,
  detail: faults.map(({ pointer, detail }) => (pointer === '' ? detail : `${pointer} ${detail}`)).join('; '),
  errors: faults,
})
