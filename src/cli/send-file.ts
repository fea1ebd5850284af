import { basename } from 'node:path'
import type { CliplineClient, JobRequest, Upload } from '../client/index.ts'
import { CommandFailed, exitCodes } from './exit.ts'
import { createProgressBar, toMegabytes } from './progress-bar.ts'

/** Uploads a local file and shows how far it is. */
export const sendFile = async (
  { uploads }: CliplineClient,
  path: string,
  { isJson }: { readonly isJson: boolean },
): Promise<Upload> => {
  const bar = createProgressBar(`upload ${basename(path)}`, { isJson })
  try {
    return await uploads.create(
      { path },
      {
        onProgress: ({ sentBytes, totalBytes }) => bar.show(sentBytes, totalBytes, toMegabytes(sentBytes)),
      },
    )
  } catch (error) {
    const { code, syscall } = error as NodeJS.ErrnoException
    if (syscall !== undefined)
      throw new CommandFailed(exitCodes.usage, `the file ${path} cannot be read (${code})`)
    throw error
  } finally {
    bar.end()
  }
}

/** URLs are passed on, files are uploaded one after the other. */
export const sendInputs = async (
  client: CliplineClient,
  given: readonly string[],
  isJson: boolean,
): Promise<NonNullable<JobRequest['inputs']>> => {
  const inputs = []
  for (const input of given)
    inputs.push(
      /^https?:\/\//.test(input)
        ? { url: input }
        : { upload_id: (await sendFile(client, input, { isJson })).id },
    )
  return inputs
}
