import type { CliplineClient, Job } from '../client/index.ts'
import { CommandFailed, exitCodes } from './exit.ts'
import { createProgressBar, toMegabytes } from './progress-bar.ts'

/** Downloads a job's artifact to a file, whole and checked; answers its absolute path. */
export const saveArtifact = async (
  { artifacts }: CliplineClient,
  { id, artifact }: Job,
  { file, isJson }: { readonly file: string; readonly isJson: boolean },
): Promise<string> => {
  if (artifact === null) throw new CommandFailed(exitCodes.failed, `job ${id} has no file`)
  const bar = createProgressBar('download', { isJson })
  try {
    return await artifacts.save(artifact.id, file, {
      onProgress: ({ receivedBytes, totalBytes }) =>
        bar.show(receivedBytes, totalBytes, `${toMegabytes(receivedBytes)} of ${toMegabytes(totalBytes)}`),
    })
  } finally {
    bar.end()
  }
}
