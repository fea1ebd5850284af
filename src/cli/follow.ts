import type { CliplineClient, Job } from '../client/index.ts'
import { createProgressView } from './progress.ts'

/** Shows a job's events until it has ended; answers the job as it is then. */
export const followToEnd = async (
  { jobs }: CliplineClient,
  jobId: string,
  {
    after = 0,
    isJson,
    signal,
  }: { readonly after?: number; readonly isJson: boolean; readonly signal?: AbortSignal },
): Promise<Job> => {
  const view = createProgressView(process.stdout, { isJson })
  try {
    for await (const event of jobs.events(jobId, { after, ...(signal && { signal }) })) view.show(event)
  } finally {
    view.end()
  }
  return jobs.get(jobId)
}
