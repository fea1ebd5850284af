import { lifecycle, type Verb } from '../job/lifecycle.ts'
import type { Writer } from '../store/writer.ts'
import type { Telemetry } from '../telemetry.ts'

/** Ends that come without a holder: whoever holds a job tells of its end by itself. */
const endsWithoutHolder: readonly Verb[] = ['withdraw', 'expire']

/** A writer that states as facts which jobs it has ended, whoever asked for that. */
export const watchWriter = (writer: Writer, telemetry: Telemetry): Writer => ({
  async transitionJob(input) {
    const result = await writer.transitionJob(input)
    if (result.outcome === 'applied' && endsWithoutHolder.includes(input.verb))
      telemetry.state('job.finished', {
        jobId: input.jobId,
        attempt: null,
        state: lifecycle[input.verb].to,
        failureCode: input.patch?.failureCode ?? null,
      })
    return result
  },
  claimJob: (jobId) => writer.claimJob(jobId),
  renewLeases: (leases) => writer.renewLeases(leases),
  idle: () => writer.idle(),
  get stats() {
    return writer.stats
  },
})
