import { z } from 'zod'
import type { explainJob } from '../../actions/explain-job.ts'
import { limitNames, waitKinds } from '../../job/explain.ts'
import { failureCodes } from '../../job/failure.ts'
import { jobStates } from '../../job/lifecycle.ts'
import { stageNames } from '../../job/plan.ts'

export const ExplanationOut = z
  .object({
    state: z.enum(jobStates),
    stage: z.enum(stageNames),
    waiting_for: z
      .object({ kind: z.enum(waitKinds), detail: z.string(), until: z.iso.datetime().nullable() })
      .nullable()
      .describe('Null when the job has ended.'),
    ahead: z.int().describe('Queued jobs of the tenant that come first, counted up to 100,000.'),
    limits: z
      .array(z.object({ name: z.enum(limitNames), used: z.int(), max: z.int() }))
      .describe(
        'What the job stands under; nothing when it has ended. Credits, spent and reserved, only where they are limited: by the job’s `max_credits` (`job_credits`), its batch’s (`batch_credits`), and `max_credits_per_day` of the tenant (`day_credits`, today in UTC). They are shown of a job that failed with `budget_exceeded`, too.',
      ),
    next_attempt_at: z.iso.datetime().nullable(),
    last_failure: z
      .object({
        code: z.enum(failureCodes as [(typeof failureCodes)[number], ...typeof failureCodes]),
        message: z.string().nullable(),
        stage: z.enum(stageNames),
        at: z.iso.datetime(),
      })
      .nullable(),
    predicted_start_at: z.iso
      .datetime()
      .nullable()
      .describe('A guess; null for a job that has started, and where nobody can tell.'),
    suggestions: z.array(z.string()),
  })
  .meta({ id: 'Explanation' })

export type ExplanationOut = z.output<typeof ExplanationOut>

type Explained = NonNullable<Awaited<ReturnType<typeof explainJob>>>

export const toExplanationOut = (explained: Explained): ExplanationOut => {
  const { state, stage, waitingFor, ahead, limits, nextAttemptAt, lastFailure } = explained
  return {
    state,
    stage,
    waiting_for:
      waitingFor === null ? null : { ...waitingFor, until: waitingFor.until?.toISOString() ?? null },
    ahead,
    limits: limits.map(({ name, used, max }) => ({ name, used, max })),
    next_attempt_at: nextAttemptAt?.toISOString() ?? null,
    last_failure: lastFailure === null ? null : { ...lastFailure, at: lastFailure.at.toISOString() },
    predicted_start_at: explained.predictedStartAt?.toISOString() ?? null,
    suggestions: [...explained.suggestions],
  }
}
