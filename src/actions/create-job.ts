/** Accepts a job, or says everything that is wrong with it. Touches Postgres and nothing else (architecture.md §1). */
import type { Clock } from '../clock.ts'
import { type Sealer, sealedPlace } from '../crypto/seal.ts'
import { newId } from '../job/ids.ts'
import type { OutputWish } from '../job/job.ts'
import { isFinished } from '../job/lifecycle.ts'
import type { CreateDedupedResult, JobCreator } from '../store/create-jobs.ts'
import type { IdempotencyStore } from '../store/idempotency.ts'
import type { NewIntakeEvent } from '../store/intake-events.ts'
import type { JobRecord } from '../store/job-record.ts'
import type { StoredCallback } from '../store/job-row.ts'
import type { JobStore } from '../store/jobs.ts'
import { type NewJob, toNewRecord } from '../store/new-job.ts'
import { type CancelJobDeps, cancelJob } from './cancel-job.ts'
import { type CheckBudgetDeps, checkDayBudget } from './check-budget.ts'
import { type CheckedJob, type CheckJobDeps, checkJob } from './check-job.ts'
import type { Fault } from './fault.ts'
import { findReplay, type IdempotencyGate, type KeyedRequest, type Replay } from './idempotency.ts'
import type { JobIn } from './job-in.ts'
import { type JobPreview, previewJob } from './preview-job.ts'
import type { QueueGauge } from './queue-gauge.ts'
import type { Refusal } from './refusal.ts'

export interface CreateJobDeps extends CheckJobDeps, CheckBudgetDeps, CancelJobDeps {
  readonly creator: JobCreator
  readonly jobs: JobStore
  readonly idempotency: IdempotencyStore
  readonly gate: IdempotencyGate
  readonly queue: QueueGauge
  readonly sealer: Sealer
  readonly clock: Clock
  /** Something became due. */
  readonly wakeDispatcher: () => void
}

export interface CreateJobInput {
  readonly tenantId: string
  readonly queueBound: number
  /** Null: not limited. Where it is left out, the limit holds only once the job is to spend something. */
  readonly maxCreditsPerDay?: number | null
  readonly body: unknown
  readonly keyed: KeyedRequest | null
  /** What was found wrong outside of the body already. */
  readonly faults: readonly Fault[]
  /** The answer as it will be stored under the key. */
  readonly toBody: (job: JobRecord) => Readonly<Record<string, unknown>>
  /** The event that the job is made of. One that has become a job meanwhile answers `in_flight`. */
  readonly intakeEvent?: NewIntakeEvent | null
}

export type CreateJobOutcome =
  | { readonly outcome: 'created' | 'existing'; readonly job: JobRecord }
  | { readonly outcome: 'previewed'; readonly preview: JobPreview }
  | Refusal
  | { readonly outcome: 'duplicate'; readonly jobId: string }
  | { readonly outcome: 'in_flight' | 'queue_full' }
  | Replay

type AcceptOutcome = CreateJobOutcome | { readonly outcome: 'upload_gone' }
type Accepted = Extract<CheckedJob, { outcome: 'acceptable' }>

const acceptedStatus = 202
const finishedStatus = 200

export const createJob = async (deps: CreateJobDeps, input: CreateJobInput): Promise<CreateJobOutcome> => {
  const leave = input.keyed === null ? () => undefined : deps.gate.enter(input.tenantId, input.keyed)
  if (leave === null) return { outcome: 'in_flight' }
  try {
    return await judge(deps, input)
  } finally {
    leave()
  }
}

const judge = async (deps: CreateJobDeps, input: CreateJobInput): Promise<CreateJobOutcome> => {
  const judged = withFaults(await checkJob(deps, input.tenantId, input.body), input.faults)
  const checked = await checkDayBudget(deps, input, judged)
  if (checked.outcome === 'acceptable' && checked.request.dry_run)
    return { outcome: 'previewed', preview: previewJob(deps.clock, checked) }
  if (checked.outcome === 'refused') return replayOr(deps, input, checked)
  if (await deps.queue.isFull(input.tenantId, input.queueBound))
    return replayOr(deps, input, { outcome: 'queue_full' })
  const accepted = await accept(deps, input, checked)
  // Judged again, the request is told which one is no longer there.
  return accepted.outcome === 'upload_gone' ? judge(deps, input) : accepted
}

const withFaults = (checked: CheckedJob, faults: readonly Fault[]): CheckedJob => {
  if (faults.length === 0) return checked
  const others = checked.outcome === 'refused' ? checked.faults : []
  return { outcome: 'refused', isMalformed: true, faults: [...faults, ...others] }
}

/** What was answered before holds, even where the same request would be refused today. */
const replayOr = async (
  deps: CreateJobDeps,
  { tenantId, keyed }: CreateJobInput,
  otherwise: CreateJobOutcome,
): Promise<CreateJobOutcome> =>
  (keyed === null ? null : await findReplay(deps.idempotency, tenantId, keyed)) ?? otherwise

/** `replaces` is an earlier job of the same dedupe key that no longer counts. */
const accept = async (
  deps: CreateJobDeps,
  input: CreateJobInput,
  checked: Accepted,
  replaces: string | null = null,
): Promise<AcceptOutcome> => {
  const job = toNewJob(deps, input.tenantId, checked)
  const written = await write(deps, input, job, replaces)
  switch (written.outcome) {
    case 'created':
      deps.queue.add(input.tenantId)
      deps.wakeDispatcher()
      return { outcome: 'created', job: toNewRecord(job, written.createdAt) }
    case 'upload_gone':
      return written
    case 'duplicate':
      return settleDuplicate(deps, input, checked, written.jobId)
    case 'key_taken':
      return settleTakenKey(deps, input, checked, replaces)
  }
}

const write = (
  deps: CreateJobDeps,
  { keyed, toBody, intakeEvent = null }: CreateJobInput,
  job: NewJob,
  replaces: string | null,
): Promise<CreateDedupedResult> => {
  const idempotency =
    keyed === null ? null : { ...keyed, status: acceptedStatus, body: toStoredBody(toBody, job) }
  return job.dedupe === null
    ? deps.creator.create({ job, idempotency, intakeEvent })
    : deps.creator.createDeduped({ job, idempotency, intakeEvent }, replaces)
}

/** The database says when the job was created, so the stored answer gets that from the statement that stores it. */
const toStoredBody = (toBody: CreateJobInput['toBody'], job: NewJob): Readonly<Record<string, unknown>> => {
  const { created_at: _, ...body } = toBody(toNewRecord(job, new Date(0)))
  return body
}

/** Taken by the answer to the same request, by another request, or by one whose time is over. */
const settleTakenKey = async (
  deps: CreateJobDeps,
  input: CreateJobInput,
  checked: Accepted,
  replaces: string | null,
): Promise<AcceptOutcome> => {
  const { tenantId, keyed } = input
  if (input.intakeEvent) return { outcome: 'in_flight' }
  if (keyed === null) throw new Error('a job without an idempotency key found its key taken')
  const replay = await findReplay(deps.idempotency, tenantId, keyed)
  if (replay !== null) return replay
  await deps.idempotency.forgetExpired({ tenantId, route: keyed.route, key: keyed.key })
  return accept(deps, input, checked, replaces)
}

const settleDuplicate = async (
  deps: CreateJobDeps,
  input: CreateJobInput,
  checked: Accepted,
  jobId: string,
): Promise<AcceptOutcome> => {
  const { tenantId } = input
  const replay = await replayOr(deps, input, { outcome: 'duplicate', jobId })
  if (replay.outcome !== 'duplicate' || checked.request.dedupe?.on_conflict === 'reject') return replay
  if (checked.request.dedupe?.on_conflict === 'replace') {
    await cancelJob(deps, { tenantId, jobId })
    return accept(deps, input, checked, jobId)
  }
  const job = await deps.jobs.find(tenantId, jobId)
  return job === null ? accept(deps, input, checked, jobId) : existing(deps, input, job)
}

/** The key stands for the job from then on, also once the dedupe key no longer does. */
const existing = async (
  deps: CreateJobDeps,
  input: CreateJobInput,
  job: JobRecord,
): Promise<CreateJobOutcome> => {
  const { tenantId, keyed, toBody } = input
  const answer: CreateJobOutcome = { outcome: 'existing', job }
  if (keyed === null) return answer
  const status = isFinished(job.state) ? finishedStatus : acceptedStatus
  const stored = { tenantId, ...keyed, resourceId: job.id, status, body: toBody(job) }
  return (await deps.idempotency.reserve(stored)) ? answer : replayOr(deps, input, answer)
}

/** The job as it will be stored. */
export const toNewJob = (
  { clock, sealer }: Pick<CreateJobDeps, 'clock' | 'sealer'>,
  tenantId: string,
  { request, session, creditsEstimated }: Accepted,
  id = newId('job', clock.nowMs()),
): NewJob => {
  return {
    id,
    tenantId,
    skill: request.skill,
    priority: request.priority,
    runAt: toRunAt(clock, request.run_at),
    startDeadlineS: request.start_deadline_s ?? null,
    deadlineS: request.deadline_s ?? null,
    sessionId: session?.id ?? null,
    purpose: 'video',
    said:
      session === null ? null : { action: 'generate', text: [request.prompt, ...request.steps].join('\n') },
    creditsEstimated,
    prompt: request.prompt,
    steps: request.steps,
    inputs: request.inputs,
    output: request.output as OutputWish,
    language: request.language ?? null,
    callback: toStoredCallback(sealer, request.callback, { rowId: id, tenantId }),
    onUnknown: request.on_unknown,
    maxCredits: request.max_credits ?? null,
    metadata: request.metadata,
    tags: request.tags,
    dedupe: request.dedupe === undefined ? null : { key: request.dedupe.key, ttlS: request.dedupe.ttl_s },
  }
}

/** A time in UTC, as the database reads it: it takes neither every offset nor every year that RFC 3339 has. */
const toRunAt = (clock: Clock, runAt: string | undefined): string | null => {
  const runAtMs = runAt === undefined ? 0 : Date.parse(runAt)
  return runAtMs <= clock.nowMs() ? null : new Date(runAtMs).toISOString()
}

/** The callback of a job as it is kept: its secret sealed for the row of its owner. */
export const toStoredCallback = (
  sealer: Sealer,
  callback: JobIn['callback'],
  owner: { readonly rowId: string; readonly tenantId: string },
): StoredCallback | null =>
  callback === undefined
    ? null
    : {
        url: callback.url,
        events: callback.events,
        headers: callback.headers,
        secret_sealed:
          callback.secret === undefined
            ? null
            : sealer.seal(callback.secret, sealedPlace({ table: 'job_requests', ...owner })),
      }
