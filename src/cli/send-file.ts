import { createHash } from 'node:crypto'
import { basename } from 'node:path'
import type { CliplineClient, JobRequest, Upload } from '../client/index.ts'
import { CommandFailed, exitCodes } from './exit.ts'
import { createProgressBar, toMegabytes } from './progress-bar.ts'

export interface SendOptions {
  readonly isJson: boolean
  /** Of the command: with the same one, the same files are uploaded once. */
  readonly key?: string | undefined
}

/** Uploads a local file and shows how far it is. */
export const sendFile = async (
  { uploads }: CliplineClient,
  path: string,
  { isJson, key }: SendOptions,
): Promise<Upload> => {
  const bar = createProgressBar(`upload ${basename(path)}`, { isJson })
  try {
    return await uploads.create(
      { path },
      {
        ...(key !== undefined && { idempotencyKey: key }),
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
  { isJson, key }: SendOptions,
): Promise<NonNullable<JobRequest['inputs']>> => {
  const inputs = []
  for (const [index, input] of given.entries())
    inputs.push(
      /^https?:\/\//.test(input)
        ? { url: input }
        : { upload_id: (await sendFile(client, input, { isJson, key: key && keyOf(key, index) })).id },
    )
  return inputs
}

/** The key of one of a command's files; as long as any other, however long the command's is. */
const keyOf = (key: string, index: number): string =>
  createHash('sha256').update(`${index} ${key}`).digest('hex')
