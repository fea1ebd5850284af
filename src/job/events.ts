import type { FailureCode } from './failure.ts'
import type { JobState } from './lifecycle.ts'
import type { StageName } from './plan.ts'

/** The event catalog: what happens to a job, in the past tense, with the data each event carries (api.md §1). */
export interface JobEventData {
  'job.queued': { readonly skill: string }
  'job.started': { readonly stage: StageName }
  'job.stage_started': { readonly stage: StageName; readonly message_no: number; readonly progress: number }
  'job.stage_finished': { readonly stage: StageName; readonly message_no: number; readonly ms: number | null }
  'job.progress': { readonly progress: number; readonly stage: StageName }
  'job.message': { readonly text: string; readonly stage: StageName }
  'job.waiting': { readonly stage: StageName; readonly reason: string; readonly due_in_ms: number }
  'job.retrying': {
    readonly stage: StageName
    readonly code: FailureCode | 'repeat'
    readonly message: string
    readonly try: number
    readonly delay_ms: number
  }
  'job.rescued': { readonly stage: StageName }
  'job.redriven': {
    readonly stage: StageName
    readonly message_no: number
    readonly progress: number
    readonly attempt: number
  }
  'job.succeeded': { readonly artifact_id: string | null }
  'job.failed': {
    readonly code: FailureCode
    readonly message: string
    readonly stage: StageName
    readonly retryable: boolean
  }
  'job.canceled': { readonly stage: StageName }
}

export type JobEventType = keyof JobEventData

/** What happens to other things of a tenant; stands in its feed between the events of its jobs. */
export const tenantEventTypes = ['batch.completed', 'callback_endpoint.disabled'] as const

export type TenantEventType = (typeof tenantEventTypes)[number]

export type FeedEventType = JobEventType | TenantEventType

export type NewJobEvent = {
  [T in JobEventType]: { readonly type: T; readonly data: JobEventData[T] }
}[JobEventType]

const catalog: Record<JobEventType, { readonly isTerminal: boolean; readonly summary: string }> = {
  'job.queued': { isTerminal: false, summary: 'The job was accepted.' },
  'job.started': { isTerminal: false, summary: 'A worker took the job for the first time.' },
  'job.stage_started': { isTerminal: false, summary: 'A stage began.' },
  'job.stage_finished': { isTerminal: false, summary: 'A stage was done.' },
  'job.progress': { isTerminal: false, summary: 'The progress rose.' },
  'job.message': { isTerminal: false, summary: 'The provider said something.' },
  'job.waiting': { isTerminal: false, summary: 'The job waits, for a reason that is new.' },
  'job.retrying': { isTerminal: false, summary: 'A try failed; the next one comes after a delay.' },
  'job.rescued': {
    isTerminal: false,
    summary: 'The holder of the job was lost; another worker took it over.',
  },
  'job.redriven': { isTerminal: false, summary: 'A failed job was put back in the queue by a client.' },
  'job.succeeded': { isTerminal: true, summary: 'The file is stored and checked.' },
  'job.failed': { isTerminal: true, summary: 'The job ended without a file.' },
  'job.canceled': { isTerminal: true, summary: 'The job was canceled.' },
}

export const jobEventTypes = Object.keys(catalog) as JobEventType[]

export const eventSummary = (type: JobEventType): string => catalog[type].summary

export const feedEventTypes: readonly FeedEventType[] = [...jobEventTypes, ...tenantEventTypes]

/** The last one of a job, unless the job is redriven. */
export const isTerminalEvent = (type: FeedEventType): boolean =>
  Object.hasOwn(catalog, type) && catalog[type as JobEventType].isTerminal

/** The events a callback is sent for when the job does not say. */
export const defaultCallbackEvents = jobEventTypes.filter(isTerminalEvent)

/** What the events of a job alone say about it. */
export interface FoldedJob {
  readonly state: JobState
  readonly stage: StageName
  readonly messageNo: number
  readonly attempt: number
  readonly progress: number
  readonly failureCode: FailureCode | null
}

/**
 * Replays a job's events, oldest first. The result equals the row whenever nobody holds the job: a worker that only
 * looks whether a wait is over changes the row to `running` for that moment without an event.
 */
export const foldEvents = (events: readonly NewJobEvent[]): FoldedJob | null =>
  events.reduce<FoldedJob | null>((job, event) => applyEvent(job, event), null)

const newborn: FoldedJob = {
  state: 'queued',
  stage: 'auth',
  messageNo: 0,
  attempt: 1,
  progress: 0,
  failureCode: null,
}

const applyEvent = (before: FoldedJob | null, event: NewJobEvent): FoldedJob => {
  const job = before ?? newborn
  switch (event.type) {
    case 'job.queued':
      return newborn
    case 'job.started':
    case 'job.rescued':
      return { ...job, state: 'running' }
    case 'job.stage_started':
      return {
        ...job,
        state: 'running',
        stage: event.data.stage,
        messageNo: event.data.message_no,
        progress: event.data.progress,
      }
    case 'job.stage_finished':
    case 'job.message':
      return job
    case 'job.progress':
      return { ...job, progress: Math.max(job.progress, event.data.progress) }
    case 'job.waiting':
    case 'job.retrying':
      return { ...job, state: 'waiting', stage: event.data.stage }
    case 'job.redriven':
      return {
        ...job,
        state: 'queued',
        stage: event.data.stage,
        messageNo: event.data.message_no,
        progress: event.data.progress,
        attempt: event.data.attempt,
        failureCode: null,
      }
    case 'job.succeeded':
      return { ...job, state: 'succeeded', progress: 1 }
    case 'job.failed':
      return { ...job, state: 'failed', failureCode: event.data.code }
    case 'job.canceled':
      return { ...job, state: 'canceled' }
  }
}
