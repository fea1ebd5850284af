import type { Job } from '../job/job.ts'

/** The provider's id of the job's session; the stage `session` has recorded it before anything else may run. */
export const requireSession = ({ id, providerSessionId }: Job): string => {
  if (providerSessionId === null) throw new Error(`job ${id} has no provider session`)
  return providerSessionId
}
