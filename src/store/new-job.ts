import type { ConversationAction } from '../job/conversation.ts'
import { headStartSeconds, type JobInputSource, type OutputWish, type Priority } from '../job/job.ts'
import type { JobPurpose } from '../job/plan.ts'
import type { NewIntakeEvent } from './intake-events.ts'
import type { JobRecord } from './job-record.ts'
import type { StoredCallback } from './job-row.ts'

/** A job that is about to be accepted. Times that are left to the database are durations here. */
export interface NewJob {
  readonly id: string
  readonly tenantId: string
  readonly skill: string
  readonly priority: Priority
  /** RFC 3339; null means now. */
  readonly runAt: string | null
  readonly startDeadlineS: number | null
  readonly deadlineS: number | null
  readonly sessionId: string | null
  readonly purpose: JobPurpose
  /** The words of the client that the job answers, for the history of its conversation. */
  readonly said: { readonly action: ConversationAction; readonly text: string } | null
  readonly creditsEstimated: number
  readonly prompt: string
  readonly steps: readonly string[]
  readonly inputs: readonly JobInputSource[]
  readonly output: OutputWish
  readonly language: string | null
  readonly callback: StoredCallback | null
  readonly onUnknown: string
  readonly maxCredits: number | null
  readonly metadata: Readonly<Record<string, string>>
  readonly tags: readonly string[]
  readonly dedupe: { readonly key: string; readonly ttlS: number } | null
}

/** What makes a repeated request answer the same (api.md §0). */
export interface NewIdempotencyKey {
  readonly route: string
  readonly key: string
  readonly fingerprint: string
  readonly status: number
  /** The answer, without the `created_at` of the job: that is the database's to say. */
  readonly body: Readonly<Record<string, unknown>>
  /** Where in the answer the job is; the answer itself when left out. */
  readonly jobField?: string
}

/** The job as the statement reads it. */
export const toNewRow = ({
  job,
  idempotency,
  intakeEvent,
}: {
  readonly job: NewJob
  readonly idempotency: NewIdempotencyKey | null
  readonly intakeEvent?: NewIntakeEvent | null
}) => ({
  id: job.id,
  tenant_id: job.tenantId,
  skill: job.skill,
  priority: job.priority,
  head_start_s: headStartSeconds[job.priority],
  run_at: job.runAt,
  start_deadline_s: job.startDeadlineS,
  deadline_s: job.deadlineS,
  session_id: job.sessionId,
  purpose: job.purpose,
  said_action: job.said?.action ?? null,
  said_text: job.said?.text ?? null,
  credits_estimated: job.creditsEstimated,
  prompt: job.prompt,
  steps: job.steps,
  inputs: job.inputs,
  upload_ids: job.inputs.flatMap((input) => ('upload_id' in input ? [input.upload_id] : [])),
  output: job.output,
  language: job.language,
  callback: job.callback,
  on_unknown: job.onUnknown,
  max_credits: job.maxCredits,
  metadata: job.metadata,
  tags: job.tags,
  dedupe_key: job.dedupe?.key ?? null,
  dedupe_ttl_s: job.dedupe?.ttlS ?? null,
  route: idempotency?.route ?? null,
  key: idempotency?.key ?? null,
  fingerprint: idempotency?.fingerprint ?? null,
  status: idempotency?.status ?? null,
  body: idempotency?.body ?? null,
  job_field: idempotency?.jobField ?? null,
  intake_id: intakeEvent?.intakeId ?? null,
  event_id: intakeEvent?.eventId ?? null,
  body_digest: intakeEvent?.bodyDigest ?? null,
})

/** The job as it stands right after it was accepted. */
export const toNewRecord = (job: NewJob, createdAt: Date): JobRecord => ({
  ...job,
  state: 'queued',
  stage: 'auth',
  seq: 1,
  attempt: 1,
  batchId: null,
  customId: null,
  progress: 0,
  timeline: null,
  message: null,
  warnings: [],
  failure: null,
  credits: { estimated: job.creditsEstimated, spent: 0, atRisk: 0 },
  provider: { taskId: null, sessionId: null, renderId: null, url: null },
  artifact: null,
  timings: {},
  isCancelRequested: false,
  createdAt,
  startedAt: null,
  finishedAt: null,
})
