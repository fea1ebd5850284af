import { z } from 'zod'
import type { AttemptRecord } from '../../store/attempts.ts'
import type { AttemptCall } from '../../store/writer.ts'

const CallPartOut = z.object({
  content_type: z.string().nullable(),
  size_bytes: z.int().nullable(),
  body: z.string().nullable().describe('Its beginning, without what is secret. Null where it is not kept.'),
})

const ProviderCallOut = z
  .object({
    operation: z.string(),
    method: z.string(),
    path: z.string().describe('Without its query. Of a file elsewhere, the origin only.'),
    at_ms: z.int().describe('From the beginning of the attempt.'),
    ms: z.int(),
    request: CallPartOut,
    response: CallPartOut.extend({ status: z.int() }).nullable().describe('Null when no answer came.'),
    error: z.string().nullable(),
  })
  .meta({ id: 'ProviderCall' })

export const AttemptOut = z
  .object({
    attempt: z.int().describe('Which run of the job: 1 at first, one more with each redrive.'),
    stage: z.string(),
    message_no: z.int().describe('0 is the prompt, then the steps.'),
    try: z.int(),
    outcome: z.enum(['done', 'wait', 'fail', 'canceled', 'lost', 'released']),
    failure_code: z.string().nullable(),
    detail: z.record(z.string(), z.unknown()),
    calls: z.array(ProviderCallOut).describe('What was said to the provider, and what it answered.'),
    calls_omitted: z.int().describe('Calls beyond those that are kept.'),
    started_at: z.iso.datetime(),
    finished_at: z.iso.datetime(),
    ms: z.int(),
  })
  .meta({ id: 'Attempt' })

export type AttemptOut = z.output<typeof AttemptOut>

/** The calls that an attempt has recorded. */
export const callsOf = ({ detail }: Pick<AttemptRecord, 'detail'>) => {
  const { calls = [], calls_omitted: omitted = 0 } = detail as {
    readonly calls?: readonly AttemptCall[]
    readonly calls_omitted?: number
  }
  return { calls, omitted }
}

const withoutCalls = (detail: unknown): Record<string, unknown> => {
  const { calls: _, calls_omitted: __, ...rest } = detail as Record<string, unknown>
  return rest
}

export const toAttemptOut = (attempt: AttemptRecord): AttemptOut => ({
  attempt: attempt.attempt,
  stage: attempt.stage,
  message_no: attempt.messageNo,
  try: attempt.try,
  outcome: attempt.outcome as AttemptOut['outcome'],
  failure_code: attempt.failureCode,
  detail: withoutCalls(attempt.detail),
  calls: callsOf(attempt).calls.map((call) => ({ ...call })),
  calls_omitted: callsOf(attempt).omitted,
  started_at: attempt.startedAt.toISOString(),
  finished_at: attempt.finishedAt.toISOString(),
  ms: Math.max(0, attempt.finishedAt.getTime() - attempt.startedAt.getTime()),
})
