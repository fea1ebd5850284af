import type { FailureCode } from '../job/failure.ts'
import type { JobInputSource, OutputWish, Priority } from '../job/job.ts'
import type { JobState } from '../job/lifecycle.ts'
import type { Warning } from '../job/outcome.ts'
import type { JobPurpose, StageName } from '../job/plan.ts'

/** A job as its client may see it: where it is, what was asked, and what came of it. */
export interface JobRecord {
  readonly id: string
  readonly tenantId: string
  readonly state: JobState
  readonly stage: StageName
  readonly seq: number
  readonly attempt: number
  readonly priority: Priority
  readonly skill: string
  readonly prompt: string
  readonly steps: readonly string[]
  readonly inputs: readonly JobInputSource[]
  readonly output: OutputWish
  readonly language: string | null
  readonly metadata: Readonly<Record<string, string>>
  readonly tags: readonly string[]
  readonly sessionId: string | null
  readonly purpose: JobPurpose
  readonly batchId: string | null
  /** Of a line of a batch that has one. */
  readonly customId: string | null
  readonly progress: number
  readonly timeline: string | null
  readonly message: string | null
  readonly warnings: readonly Warning[]
  readonly failure: {
    readonly code: FailureCode
    readonly message: string | null
    readonly stage: StageName | null
  } | null
  readonly credits: { readonly estimated: number; readonly spent: number; readonly atRisk: number }
  readonly provider: {
    readonly taskId: string | null
    readonly sessionId: string | null
    readonly renderId: string | null
    readonly url: string | null
  }
  readonly artifact: JobArtifact | null
  readonly timings: Readonly<Record<string, number>>
  readonly isCancelRequested: boolean
  readonly createdAt: Date
  readonly startedAt: Date | null
  readonly finishedAt: Date | null
}

export interface JobArtifact {
  readonly id: string
  readonly contentType: string
  readonly sizeBytes: number
  readonly sha256: string
  readonly width: number | null
  readonly height: number | null
  readonly durationS: number
  readonly videoCodec: string | null
  readonly audioCodec: string | null
  readonly expiresAt: Date | null
}

/** What `toJobRecord` reads; `j`, `q` and `a` are the job, its request and its artifact. */
export const jobRecordColumns = `
  j.id, j.tenant_id, j.state, j.stage, j.seq, j.attempt, j.priority, j.skill, j.session_id, j.batch_id, j.progress,
  j.timeline, j.message, j.warnings, j.failure_code, j.failure_message, j.failure_stage, j.credits_estimated,
  j.credits_spent, j.credits_at_risk, j.provider_task_id, j.provider_session_id, j.render_id, j.render_url,
  j.timings, j.cancel_requested_at, j.created_at, j.started_at, j.finished_at,
  q.purpose, q.custom_id, q.prompt, q.steps, q.inputs, q.output, q.language, q.metadata, q.tags,
  a.id AS artifact_id, a.content_type, a.size_bytes, a.sha256, a.width, a.height, a.duration_s, a.video_codec,
  a.audio_codec, a.expires_at`

export const jobRecordTables = `
  jobs j JOIN job_requests q ON q.job_id = j.id LEFT JOIN artifacts a ON a.id = j.artifact_id`

export interface JobRecordRow {
  id: string
  tenant_id: string
  state: string
  stage: string
  seq: number
  attempt: number
  priority: string
  skill: string
  session_id: string | null
  batch_id: string | null
  progress: number
  timeline: string | null
  message: string | null
  warnings: Warning[]
  failure_code: string | null
  failure_message: string | null
  failure_stage: string | null
  credits_estimated: number
  credits_spent: number
  credits_at_risk: number
  provider_task_id: string | null
  provider_session_id: string | null
  render_id: string | null
  render_url: string | null
  timings: Record<string, number>
  cancel_requested_at: Date | null
  created_at: Date
  started_at: Date | null
  finished_at: Date | null
  purpose: string
  custom_id: string | null
  prompt: string
  steps: string[]
  inputs: JobInputSource[]
  output: OutputWish
  language: string | null
  metadata: Record<string, string>
  tags: string[]
  artifact_id: string | null
  content_type: string
  size_bytes: number
  sha256: string
  width: number | null
  height: number | null
  duration_s: number
  video_codec: string | null
  audio_codec: string | null
  expires_at: Date | null
}

export const toJobRecord = (row: JobRecordRow): JobRecord => ({
  id: row.id,
  tenantId: row.tenant_id,
  state: row.state as JobState,
  stage: row.stage as StageName,
  seq: row.seq,
  attempt: row.attempt,
  priority: row.priority as Priority,
  skill: row.skill,
  prompt: row.prompt,
  steps: row.steps,
  inputs: row.inputs,
  output: row.output,
  language: row.language,
  metadata: row.metadata,
  tags: row.tags,
  sessionId: row.session_id,
  purpose: row.purpose as JobPurpose,
  batchId: row.batch_id,
  customId: row.custom_id,
  progress: row.progress,
  timeline: row.timeline,
  message: row.message,
  warnings: row.warnings,
  failure: toFailure(row),
  credits: { estimated: row.credits_estimated, spent: row.credits_spent, atRisk: row.credits_at_risk },
  provider: {
    taskId: row.provider_task_id,
    sessionId: row.provider_session_id,
    renderId: row.render_id,
    url: row.render_url,
  },
  artifact: toArtifact(row),
  timings: row.timings,
  isCancelRequested: row.cancel_requested_at !== null,
  createdAt: row.created_at,
  startedAt: row.started_at,
  finishedAt: row.finished_at,
})

const toFailure = (row: JobRecordRow): JobRecord['failure'] =>
  row.failure_code === null
    ? null
    : {
        code: row.failure_code as FailureCode,
        message: row.failure_message,
        stage: row.failure_stage as StageName | null,
      }

const toArtifact = (row: JobRecordRow): JobArtifact | null =>
  row.artifact_id === null
    ? null
    : {
        id: row.artifact_id,
        contentType: row.content_type,
        sizeBytes: row.size_bytes,
        sha256: row.sha256,
        width: row.width,
        height: row.height,
        durationS: row.duration_s,
        videoCodec: row.video_codec,
        audioCodec: row.audio_codec,
        expiresAt: row.expires_at,
      }
