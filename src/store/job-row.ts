import type { FailureCode } from '../job/failure.ts'
import type { Job, JobCallback, JobInputSource, JobRequest, OutputWish } from '../job/job.ts'
import type { JobState } from '../job/lifecycle.ts'
import type { StageNotes, Warning } from '../job/outcome.ts'
import type { JobPurpose, StageName } from '../job/plan.ts'

/** A row of `jobs` joined with its `job_requests`, as the claim returns it. */
export interface ClaimedRow {
  id: string
  tenant_id: string
  state: string
  stage: string
  message_no: number
  seq: number
  epoch: number
  attempt: number
  tries: number
  crash_count: number
  session_id: string | null
  account_id: string | null
  provider_session_id: string | null
  provider_task_id: string | null
  provider_user_id: string | null
  render_id: string | null
  render_url: string | null
  artifact_id: string | null
  notes: StageNotes
  progress: number
  timeline: string | null
  message: string | null
  warnings: Warning[]
  failure_code: string | null
  credits_spent: number
  credits_at_risk: number
  timings: Record<string, number>
  purpose: string
  skill: string
  prompt: string
  steps: string[]
  inputs: JobInputSource[]
  output: OutputWish
  language: string | null
  callback: StoredCallback | null
  on_unknown: string
  max_credits: number | null
  metadata: Record<string, string>
  tags: string[]
  operation_id: string
  is_cancel_requested: boolean
  stage_ms: number
  deadline_in_ms: number | null
}

/** How a job's callback stands in `job_requests.callback`. */
export interface StoredCallback {
  url: string
  events: string[]
  headers: Record<string, string>
  secret_sealed: string | null
}

const toCallback = (stored: StoredCallback): JobCallback => ({
  url: stored.url,
  events: stored.events,
  headers: stored.headers,
  secretSealed: stored.secret_sealed,
})

const toRequest = (row: ClaimedRow): JobRequest => ({
  purpose: row.purpose as JobPurpose,
  skill: row.skill,
  prompt: row.prompt,
  steps: row.steps,
  inputs: row.inputs,
  output: row.output,
  language: row.language,
  callback: row.callback === null ? null : toCallback(row.callback),
  onUnknown: row.on_unknown as JobRequest['onUnknown'],
  maxCredits: row.max_credits,
  metadata: row.metadata,
  tags: row.tags,
})

export const toJob = (row: ClaimedRow): Job => ({
  id: row.id,
  tenantId: row.tenant_id,
  state: row.state as JobState,
  stage: row.stage as StageName,
  messageNo: row.message_no,
  seq: row.seq,
  epoch: row.epoch,
  attempt: row.attempt,
  tries: row.tries,
  crashCount: row.crash_count,
  sessionId: row.session_id,
  accountId: row.account_id,
  providerSessionId: row.provider_session_id,
  providerTaskId: row.provider_task_id,
  providerUserId: row.provider_user_id,
  renderId: row.render_id,
  renderUrl: row.render_url,
  artifactId: row.artifact_id,
  notes: row.notes,
  progress: row.progress,
  timeline: row.timeline,
  message: row.message,
  warnings: row.warnings,
  failureCode: row.failure_code as FailureCode | null,
  creditsSpent: row.credits_spent,
  creditsAtRisk: row.credits_at_risk,
  timings: row.timings,
  request: toRequest(row),
})
