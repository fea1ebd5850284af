import { failureCatalog } from '../job/failure.ts'
import { isFinished } from '../job/lifecycle.ts'
import type { JobArtifact, JobRecord } from '../store/job-record.ts'
import type { ArtifactOut, JobOut } from './schemas/job-out.ts'

/**
 * A job as clients see it: in answers, in lists and in callbacks (api.md §1). An allow-list: what is not named here
 * is not shown.
 */
export const toJobOut = (job: JobRecord, publicUrl: string): JobOut => ({
  id: job.id,
  state: job.state,
  stage: job.stage,
  purpose: job.purpose,
  skill: job.skill,
  prompt: job.prompt,
  steps: [...job.steps],
  inputs: [...job.inputs],
  output: job.output as JobOut['output'],
  priority: job.priority,
  attempt: job.attempt,
  progress: job.progress,
  timeline: job.timeline,
  message: job.message,
  artifact: job.artifact === null ? null : toArtifactOut(job.artifact, publicUrl),
  failure: toFailureOut(job.failure),
  credits: {
    estimated: job.credits.estimated,
    spent: job.credits.spent,
    at_risk: job.credits.atRisk,
  },
  warnings: job.warnings.map(({ code, message }) => ({ code, message })),
  provider: {
    task_id: job.provider.taskId,
    session_id: job.provider.sessionId,
    render_id: job.provider.renderId,
    url: job.provider.url,
  },
  session_id: job.sessionId,
  batch_id: job.batchId,
  custom_id: job.customId,
  metadata: job.metadata,
  tags: [...job.tags],
  timings: job.timings,
  created_at: job.createdAt.toISOString(),
  started_at: job.startedAt?.toISOString() ?? null,
  finished_at: job.finishedAt?.toISOString() ?? null,
  links: toLinks(job, publicUrl),
})

export const jobUrl = (publicUrl: string, jobId: string): string => `${publicUrl}/v1/jobs/${jobId}`

export const contentUrl = (publicUrl: string, artifactId: string): string =>
  `${publicUrl}/v1/artifacts/${artifactId}/content`

export const toArtifactOut = (artifact: JobArtifact, publicUrl: string): ArtifactOut => ({
  id: artifact.id,
  url: contentUrl(publicUrl, artifact.id),
  content_type: artifact.contentType,
  size_bytes: artifact.sizeBytes,
  sha256: artifact.sha256,
  width: artifact.width,
  height: artifact.height,
  duration_s: artifact.durationS,
  video_codec: artifact.videoCodec,
  audio_codec: artifact.audioCodec,
  expires_at: artifact.expiresAt?.toISOString() ?? null,
})

const toFailureOut = (failure: JobRecord['failure']): JobOut['failure'] => {
  if (failure === null) return null
  const { title, isRetryable, hint } = failureCatalog[failure.code]
  return {
    code: failure.code,
    message: failure.message ?? title,
    stage: failure.stage,
    retryable: isRetryable,
    hint,
  }
}

const toLinks = (job: JobRecord, publicUrl: string): JobOut['links'] => {
  const self = jobUrl(publicUrl, job.id)
  return {
    self,
    events: `${self}/events`,
    attempts: `${self}/attempts`,
    cancel: isFinished(job.state) ? null : `${self}/cancel`,
    redrive: job.state === 'failed' ? `${self}/redrive` : null,
    explain: `${self}/explain`,
    timeline: job.provider.sessionId === null ? null : `${self}/timeline`,
    artifact: job.artifact === null ? null : contentUrl(publicUrl, job.artifact.id),
  }
}
