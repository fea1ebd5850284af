import { z } from 'zod'
import { JobIn } from '../../actions/job-in.ts'
import type { JobPreview } from '../../actions/preview-job.ts'

export const JobPreviewOut = z
  .object({
    valid: z.literal(true),
    estimate: z.object({ credits: z.int(), start_at: z.iso.datetime(), seconds: z.number() }),
    warnings: z.array(z.object({ code: z.string(), message: z.string() })),
    normalized: JobIn,
  })
  .meta({ id: 'JobPreview' })

export const toJobPreviewOut = ({ credits, startAt, seconds, warnings, normalized }: JobPreview) => ({
  valid: true as const,
  estimate: { credits, start_at: startAt.toISOString(), seconds },
  warnings: [...warnings],
  normalized,
})
