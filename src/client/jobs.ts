import { randomUUID } from 'node:crypto'
import { type FollowOptions, followStream } from './follow.ts'
import { pages } from './lists.ts'
import type {
  Attempt,
  Cancellation,
  Explanation,
  Job,
  JobEvent,
  JobFilter,
  JobPreview,
  JobRequest,
  Redrive,
  RedriveRequest,
  Timeline,
} from './shapes.ts'
import { type Transport, unwrap } from './transport.ts'
import { waitForJob } from './wait-for-job.ts'

export interface SubmitOptions {
  /** Makes a later call with the same key and job answer what this one made; a new one each time when left out. */
  readonly idempotencyKey?: string
  readonly signal?: AbortSignal
}

export interface WaitOptions {
  /** How long to wait; as long as it takes when left out. */
  readonly timeoutMs?: number
  readonly signal?: AbortSignal
  /** Is told each event as it happens. */
  readonly onEvent?: (event: JobEvent) => void
}

export interface JobEventsOptions extends FollowOptions {
  /** Events after this `seq`; from the first one when left out. */
  readonly after?: number
  /** Events from one `seq` to another are gone: their retention is over. */
  readonly onGap?: (gap: { readonly from: number; readonly to: number }) => void
}

export interface Jobs {
  /**
   * Submits a job. A lost answer is asked for again under the same `Idempotency-Key`, and so is one that the service
   * is too busy for (429, 503): there will be one job.
   */
  submit(job: JobRequest, options?: SubmitOptions): Promise<Job>
  /** Says whether a job would be accepted, and what it would cost. Stores nothing. */
  preview(job: JobRequest): Promise<JobPreview>
  get(jobId: string): Promise<Job>
  /** All jobs that fit, newest first, read page by page as they are asked for. */
  list(filter?: JobFilter): AsyncGenerator<Job, void, undefined>
  /** Waits until the job has ended. Throws `WaitTimedOut` when that takes too long. */
  wait(jobId: string, options?: WaitOptions): Promise<Job>
  /** Submits a job and waits until it has ended. */
  run(job: JobRequest, options?: SubmitOptions & WaitOptions): Promise<Job>
  /**
   * What happens to the job, from the first event to its ending, over as many connections as it takes: without a gap,
   * and nothing twice. `after` the ending it waits for a redrive.
   */
  events(jobId: string, options?: JobEventsOptions): AsyncGenerator<JobEvent, void, undefined>
  cancel(jobId: string): Promise<Cancellation>
  /** Runs a failed job again; `accept_cost: true` where that may cost credits again. */
  redrive(jobId: string, request?: RedriveRequest): Promise<Redrive>
  /** Why the job is where it is. */
  explain(jobId: string): Promise<Explanation>
  attempts(jobId: string): Promise<readonly Attempt[]>
  timeline(jobId: string): Promise<Timeline>
  /** The text tracks of its timeline as a file. */
  subtitles(jobId: string, format: 'srt' | 'vtt'): Promise<string>
  /** Erases a finished job with its files. It cannot be undone. */
  erase(jobId: string): Promise<void>
}

export const isTerminal = ({ type }: Pick<JobEvent, 'type'>): boolean =>
  type === 'job.succeeded' || type === 'job.failed' || type === 'job.canceled'

export const createJobs = ({ http, open }: Transport): Jobs => {
  const at = (id: string) => ({ params: { path: { id } } })

  const submit: Jobs['submit'] = async (job, { idempotencyKey = randomUUID(), signal } = {}) => {
    const header = { 'Idempotency-Key': idempotencyKey }
    const made = await unwrap(
      http.POST('/v1/jobs', { params: { header }, body: job, ...(signal && { signal }) }),
    )
    return made as Job
  }

  const wait: Jobs['wait'] = (jobId, options = {}) => waitForJob({ http, events }, jobId, options)

  const events: Jobs['events'] = (jobId, { after = 0, onGap, ...options } = {}) => {
    let seq = after
    let isOver = false
    return followStream<JobEvent>({
      ...options,
      isOver: () => isOver,
      open: () =>
        open(`/v1/jobs/${encodeURIComponent(jobId)}/events?after=${seq}`, {
          headers: { accept: 'text/event-stream' },
          signal: options.signal,
        }),
      read(message) {
        if (message.event === 'gap') {
          const gap = JSON.parse(message.data) as { readonly from: number; readonly to: number }
          if (gap.to > seq) onGap?.(gap)
          seq = Math.max(seq, gap.to)
          return null
        }
        const event = JSON.parse(message.data) as JobEvent
        if (event.seq <= seq) return null
        seq = event.seq
        // A redrive may follow, in the same stream: it is over only when the stream ends with this one.
        isOver = isTerminal(event)
        return event
      },
    })
  }

  return {
    submit,
    wait,
    events,

    async preview(job) {
      const preview = await unwrap(http.POST('/v1/jobs', { body: { ...job, dry_run: true } }))
      return preview as JobPreview
    },

    get: (jobId) => unwrap(http.GET('/v1/jobs/{id}', at(jobId))),

    list: (filter = {}) =>
      pages((page) => http.GET('/v1/jobs', { params: { query: { ...filter, ...page } } })),

    async run(job, options = {}) {
      const { id } = await submit(job, options)
      return wait(id, options)
    },

    cancel: (jobId) => unwrap(http.POST('/v1/jobs/{id}/cancel', at(jobId))),

    redrive: (jobId, request = {}) =>
      unwrap(http.POST('/v1/jobs/{id}/redrive', { ...at(jobId), body: request })),

    explain: (jobId) => unwrap(http.GET('/v1/jobs/{id}/explain', at(jobId))),

    async attempts(jobId) {
      const tries = await unwrap(http.GET('/v1/jobs/{id}/attempts', at(jobId)))
      // The other form is that of a HAR file, which is asked for by name.
      return 'data' in tries ? tries.data : []
    },

    async timeline(jobId) {
      const timeline = await unwrap(http.GET('/v1/jobs/{id}/timeline', at(jobId)))
      return timeline as Timeline
    },

    async subtitles(jobId, format) {
      const response = await open(`/v1/jobs/${encodeURIComponent(jobId)}/timeline?format=${format}`)
      return response.text()
    },

    async erase(jobId) {
      await unwrap(http.DELETE('/v1/jobs/{id}', at(jobId)))
    },
  }
}
