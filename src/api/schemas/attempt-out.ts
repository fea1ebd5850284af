import { z } from 'zod'
import type { AttemptRecord } from '../../store/attempts.ts'

export const AttemptOut = z
  .object({
    attempt: z.int().describe('Which run of the job: 1 at first, one more with each redrive.'),
    stage: z.string(),
    message_no: z.int().describe('0 is the prompt, then the steps.'),
    try: z.int(),
    outcome: z.enum(['done', 'wait', 'fail', 'canceled', 'lost', 'released']),
    failure_code: z.string().nullable(),
    detail: z.record(z.string(), z.unknown()),
    started_at: z.iso.datetime(),
    finished_at: z.iso.datetime(),
    ms: z.int(),
  })
  .meta({ id: 'Attempt' })

export type AttemptOut = z.output<typeof AttemptOut>

export const toAttemptOut = (attempt: AttemptRecord): AttemptOut => ({
  attempt: attempt.attempt,
  stage: attempt.stage,
  message_no: attempt.messageNo,
  try: attempt.try,
  outcome: attempt.outcome as AttemptOut['outcome'],
  failure_code: attempt.failureCode,
  detail: attempt.detail as AttemptOut['detail'],
  started_at: attempt.startedAt.toISOString(),
  finished_at: attempt.finishedAt.toISOString(),
  ms: Math.max(0, attempt.finishedAt.getTime() - attempt.startedAt.getTime()),
})
