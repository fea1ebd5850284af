import { createProgressView } from './progress.ts'
import { isTerminal, type Service, type ShownJob } from './service.ts'

/** Shows a job's events until it has ended; answers the job as it is then. */
export const followToEnd = async (
  service: Service,
  jobId: string,
  { after = 0, isJson }: { readonly after?: number; readonly isJson: boolean },
): Promise<ShownJob> => {
  const view = createProgressView(process.stdout, { isJson })
  try {
    for await (const event of service.followJob(jobId, after)) {
      view.show(event)
      if (isTerminal(event)) break
    }
  } finally {
    view.end()
  }
  return service.findJob(jobId)
}
