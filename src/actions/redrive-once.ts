import type { IdempotencyStore } from '../store/idempotency.ts'
import type { JobRecord } from '../store/job-record.ts'
import { findReplay, type IdempotencyGate, type KeyedRequest } from './idempotency.ts'
import {
  type RedriveAnswer,
  type RedriveJobDeps,
  type RedriveJobInput,
  type RedriveJobOutcome,
  redriveJob,
} from './redrive-job.ts'

export interface RedriveOnceDeps extends RedriveJobDeps {
  readonly idempotency: IdempotencyStore
  readonly gate: IdempotencyGate
}

export type RedriveOnceOutcome =
  | RedriveJobOutcome
  /** It was redriven by the same request before; the job is as it is now. */
  | ({ readonly outcome: 'replayed'; readonly job: JobRecord } & RedriveAnswer)
  | { readonly outcome: 'in_flight' | 'key_reused' }

const acceptedStatus = 202

/** What is stored under the key: which attempt the redrive begins, and what was answered of it. */
type StoredAnswer = RedriveAnswer & { readonly attempt: number }

/**
 * Redrives a job once per `Idempotency-Key`. The key is written before the job is touched, with the attempt that the
 * job will have: a request that finds its key looks at the job, and knows whether the redrive had come about.
 */
export const redriveOnce = async (
  deps: RedriveOnceDeps,
  input: RedriveJobInput,
  keyed: KeyedRequest | null,
): Promise<RedriveOnceOutcome> => {
  if (keyed === null) return redriveJob(deps, input)
  const { tenantId, jobId } = input
  const leave = deps.gate.enter(tenantId, keyed)
  if (leave === null) return { outcome: 'in_flight' }
  try {
    const replay = await findReplay(deps.idempotency, tenantId, keyed)
    if (replay?.outcome === 'key_reused') return replay
    if (replay !== null) {
      const { attempt, ...answer } = replay.body as StoredAnswer
      const job = await deps.jobs.find(tenantId, jobId)
      if (job === null) return { outcome: 'not_found' }
      if (job.attempt >= attempt) return { outcome: 'replayed', job, ...answer }
    }
    return await redriveJob(deps, {
      ...input,
      async beforeRestart(attempt, answer) {
        const body: StoredAnswer = { attempt, ...answer }
        await deps.idempotency.reserve({
          tenantId,
          ...keyed,
          resourceId: jobId,
          status: acceptedStatus,
          body,
        })
      },
    })
  } finally {
    leave()
  }
}
