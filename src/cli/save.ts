import type { CliplineClient, Job } from '../client/index.ts'
import { CommandFailed, exitCodes } from './exit.ts'
import { createProgressBar, toMegabytes } from './progress-bar.ts'

/** Downloads a job's artifact to a file, whole and checked; answers its absolute path. Ctrl-C leaves no half of it. */
export const saveArtifact = async (
  { artifacts }: CliplineClient,
  { id, artifact }: Job,
  { file, isJson }: { readonly file: string; readonly isJson: boolean },
): Promise<string> => {
  if (artifact === null) throw new CommandFailed(exitCodes.failed, `job ${id} has no file`)
  const bar = createProgressBar('download', { isJson })
  const interrupted = new AbortController()
  const interrupt = () => interrupted.abort(new CommandFailed(exitCodes.interrupted, 'interrupted'))
  process.once('SIGINT', interrupt)
  try {
    return await artifacts.save(artifact.id, file, {
      signal: interrupted.signal,
      onProgress: ({ receivedBytes, totalBytes }) =>
        bar.show(receivedBytes, totalBytes, `${toMegabytes(receivedBytes)} of ${toMegabytes(totalBytes)}`),
    })
  } finally {
    process.off('SIGINT', interrupt)
    bar.end()
  }
}
