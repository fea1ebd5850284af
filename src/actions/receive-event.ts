/** Takes what somebody else's webhook sends, and makes a job of it: once per event (api.md §6). */
import { newId } from '../job/ids.ts'
import type { IntakeEventId, IntakeEventStore } from '../store/intake-events.ts'
import type { FailureProblem, IntakeFailureStore } from '../store/intake-failures.ts'
import type { IntakeRecord } from '../store/intakes.ts'
import { type CreateJobDeps, type CreateJobOutcome, createJob } from './create-job.ts'
import type { Fault } from './fault.ts'
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
  /** `duplicate`: the event, or another one of the same dedupe key, had become that job before. */
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

type Intake = Pick<IntakeRecord, 'id' | 'tenantId' | 'mapping' | 'defaults' | 'verifier'>

export const takeEvent = async (
  deps: TakeEventDeps,
  intake: Intake,
  event: VerifiedEvent,
  { queueBound }: { readonly queueBound: number },
): Promise<TakenEvent> => {
  const id = { intakeId: intake.id, eventId: event.eventId }
  const known = await deps.intakeEvents.findJob(id)
  if (known !== null) return { outcome: 'duplicate', jobId: await resolved(deps, id, known) }
  const mapped = await mapEvent(deps, intake, event)
  switch (mapped.outcome) {
    case 'mapped':
      return settle(deps, intake, event, await create(deps, intake, event, mapped.body, queueBound))
    case 'ignored':
      await deps.intakeFailures.drop(id)
      return { outcome: 'ignored' }
    case 'failed':
      return keep(deps, intake, event, { outcome: 'mapping_failed', faults: [mapped.fault] })
    case 'unreadable':
    case 'busy':
      return mapped
  }
}

const create = (
  deps: TakeEventDeps,
  { id, tenantId }: Intake,
  { eventId }: VerifiedEvent,
  body: unknown,
  queueBound: number,
): Promise<CreateJobOutcome> =>
  createJob(deps, {
    tenantId,
    queueBound,
    body,
    keyed: null,
    faults: findTrial(body),
    toBody: () => ({}),
    intakeEvent: { intakeId: id, eventId },
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
  const id = { intakeId: intake.id, eventId: event.eventId }
  switch (created.outcome) {
    case 'created':
      return { outcome: 'accepted', jobId: await resolved(deps, id, created.job.id) }
    case 'existing':
      return merge(deps, id, created.job.id)
    case 'duplicate':
      return merge(deps, id, created.jobId)
    case 'refused':
      return keep(deps, intake, event, { outcome: 'job_refused', faults: created.faults })
    case 'in_flight': {
      const jobId = await deps.intakeEvents.findJob(id)
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
const merge = async (deps: TakeEventDeps, id: IntakeEventId, jobId: string): Promise<TakenEvent> => {
  await deps.intakeEvents.record(id, jobId)
  return { outcome: 'duplicate', jobId: await resolved(deps, id, jobId) }
}

/** What may have been kept of the event before is settled by its job. */
const resolved = async (
  { intakeFailures }: TakeEventDeps,
  id: IntakeEventId,
  jobId: string,
): Promise<string> => {
  await intakeFailures.resolve(id, jobId)
  return jobId
}

const keep = async (
  { intakeFailures, clock }: TakeEventDeps,
  { id: intakeId, tenantId }: Intake,
  { eventId, body, contentType }: VerifiedEvent,
  failed: Pick<KeptEvent, 'outcome' | 'faults'>,
): Promise<TakenEvent> => {
  const failureId = await intakeFailures.keep({
    id: newId('intakeFailure', clock.nowMs()),
    intakeId,
    tenantId,
    eventId,
    problem: toProblem(failed),
    contentType,
    payload: body,
  })
  return failureId === null ? { outcome: 'failures_full' } : { ...failed, failureId }
}

const toProblem = ({ outcome, faults }: Pick<KeptEvent, 'outcome' | 'faults'>): FailureProblem => ({
  code: outcome,
  detail: faults.map(({ pointer, detail }) => (pointer === '' ? detail : `${pointer} ${detail}`)).join('; '),
  errors: faults,
})
