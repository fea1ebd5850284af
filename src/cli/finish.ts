import type { CliplineClient } from '../client/index.ts'
import { exitCodes } from './exit.ts'
import { followToEnd } from './follow.ts'
import { saveArtifact } from './save.ts'

/** Follows a job, saves its file where that is wanted, and answers the exit code. */
export const finish = async (
  client: CliplineClient,
  jobId: string,
  { after = 0, out, json }: { readonly after?: number; readonly out?: string; readonly json: boolean },
): Promise<number> => {
  const job = await followToEnd(client, jobId, { after, isJson: json })
  if (job.state !== 'succeeded') {
    if (json) process.stdout.write(`${JSON.stringify(job)}\n`)
    else if (job.failure !== null) process.stderr.write(`clipline: ${job.failure.hint}\n`)
    return exitCodes.jobFailed
  }
  const file = out === undefined ? null : await saveArtifact(client, job, { file: out, isJson: json })
  if (json) process.stdout.write(`${JSON.stringify({ ...job, ...(file !== null && { file }) })}\n`)
  else process.stdout.write(file === null ? `${job.artifact?.url ?? ''}\n` : `Saved ${file}\n`)
  return exitCodes.ok
}
