import type { Clock } from '../clock.ts'
import type { Warning } from '../job/outcome.ts'
import type { CheckedJob } from './check-job.ts'
import type { JobIn } from './job-in.ts'

/** What a dry run tells: the job as it would be taken, and what it may cost (api.md §1). */
export interface JobPreview {
  readonly credits: number
  readonly startAt: Date
  /** From start to file, as far as the skill advertises it. */
  readonly seconds: number
  readonly warnings: readonly Warning[]
  /** The request with every default filled in, without the secret of the callback. */
  readonly normalized: JobIn
}

export const previewJob = (
  clock: Clock,
  { request, skill, creditsEstimated, warnings }: Extract<CheckedJob, { outcome: 'acceptable' }>,
): JobPreview => {
  const { min, max } = skill.typicalSeconds
  return {
    credits: creditsEstimated,
    startAt: new Date(Math.max(clock.nowMs(), Date.parse(request.run_at ?? '') || 0)),
    seconds: ((min + max) / 2) * (1 + request.steps.length),
    warnings,
    normalized: { ...request, callback: withoutSecret(request.callback) },
  }
}

const withoutSecret = (callback: JobIn['callback']): JobIn['callback'] =>
  callback === undefined ? undefined : { ...callback, secret: undefined }
