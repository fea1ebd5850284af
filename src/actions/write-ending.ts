import type { Clock } from '../clock.ts'
import { applyPatch } from '../job/apply-patch.ts'
import type { Job } from '../job/job.ts'
import type { Verb } from '../job/lifecycle.ts'
import type { Writer } from '../store/writer.ts'
import type { Telemetry } from '../telemetry.ts'
import { type Ending, toAttempts } from './ending.ts'
import type { Run } from './run.ts'

export interface WriteEndingDeps {
  readonly writer: Writer
  readonly clock: Clock
  readonly telemetry: Telemetry
  /** Callback deliveries have come due; they count as rung, and are ours to answer. */
  readonly answerDeliveries: (deliveryIds: readonly string[]) => void
}

/**
 * Begins to write an ending; nothing may be under way. The job is at once as it will be then. True when it was written,
 * false when somebody else holds the job by now.
 */
export const writeEnding = (
  deps: WriteEndingDeps,
  run: Run,
  verb: Exclude<Verb, 'claim'>,
  ending: Ending,
  dueInMs: number | null,
): Promise<boolean> => {
  const { job } = run
  const { patch, events } = ending
  const attempts = toAttempts(ending, deps.clock.monotonicMs())
  run.written = deps.writer
    .transitionJob({
      verb,
      jobId: job.id,
      epoch: job.epoch,
      seq: job.seq,
      patch,
      events,
      attempts,
      dueInMs,
      answersDeliveries: true,
    })
    .then((result) => {
      if (result.outcome === 'stale') {
        deps.telemetry.state('job.stale', { jobId: job.id, stage: job.stage })
        return false
      }
      if (result.deliveries.length > 0) deps.answerDeliveries(result.deliveries)
      tellOfAttempts(deps, job, ending)
      run.isCancelRequested ||= result.isCancelRequested
      return true
    })
  // Whoever goes on asks for it.
  run.written.catch(() => undefined)
  run.owed = null
  run.job = applyPatch(job, patch, job.seq + events.length)
  return run.written
}

const tellOfAttempts = ({ telemetry }: WriteEndingDeps, { id: jobId }: Job, { attempts }: Ending): void => {
  for (const { outcome, ms, failureCode, note, position } of attempts)
    telemetry.state('attempt.finished', {
      jobId,
      stage: position.stage,
      messageNo: position.messageNo,
      outcome,
      ms: Math.round(ms),
      failureCode,
      note,
    })
}
