import { extname } from 'node:path'
import type { BatchFormat, CliplineClient, SubmittedBatch } from '../client/index.ts'
import { toWholeNumber, wrongUsage } from './arguments.ts'
import type { BatchFlags } from './batch.ts'
import { openBatchFile } from './batch-file.ts'
import { watchBatch } from './batch-view.ts'
import { connectFromEnvironment } from './connection.ts'
import { CommandFailed, exitCodes } from './exit.ts'
import { toCommandFailed } from './failure.ts'
import { createProgressBar, toMegabytes } from './progress-bar.ts'

const formats = ['ndjson', 'csv', 'json'] as const
const byExtension: Readonly<Record<string, BatchFormat>> = {
  '.csv': 'csv',
  '.json': 'json',
  '.ndjson': 'ndjson',
  '.jsonl': 'ndjson',
}

/** Makes a batch of the lines in a file, or on stdin for `-`, and starts it. */
export const submitBatch = async (file: string, flags: BatchFlags): Promise<number> => {
  const format = toFormat(file, flags.format)
  const maxCredits = toWholeNumber('batch', 'max-credits', flags['max-credits'])
  const request = {
    ...(flags.name !== undefined && { name: flags.name }),
    ...(maxCredits !== undefined && { max_credits: maxCredits }),
    all_or_nothing: flags['all-or-nothing'],
  }
  const client = connectFromEnvironment()
  const submitted = await send(client, file, { format, request, isJson: flags.json })
  tell(submitted, flags.json)
  if (!flags.wait) return submitted.batch.state === 'failed' ? exitCodes.jobFailed : exitCodes.ok
  return watchBatch(client, submitted.batch.id, { isJson: flags.json })
}

const toFormat = (file: string, given: string | undefined): BatchFormat => {
  const format = given ?? byExtension[extname(file).toLowerCase()] ?? 'ndjson'
  const known = formats.find((each) => each === format)
  if (known === undefined) throw wrongUsage('batch', `--format takes ${formats.join(', ')}`)
  return known
}

const send = async (
  { batches }: CliplineClient,
  file: string,
  {
    format,
    request,
    isJson,
  }: { readonly format: BatchFormat; readonly request: object; readonly isJson: boolean },
): Promise<SubmittedBatch> => {
  const bar = createProgressBar('lines', { isJson })
  let madeId: string | null = null
  try {
    return await batches.submitFile(await openBatchFile(file, format), {
      ...request,
      format,
      onCreated: ({ id }) => {
        madeId = id
      },
      onProgress: ({ sentBytes, totalBytes }) => bar.show(sentBytes, totalBytes, toMegabytes(sentBytes)),
    })
  } catch (error) {
    const { code, syscall } = error as NodeJS.ErrnoException
    if (syscall !== undefined)
      throw new CommandFailed(exitCodes.usage, `the file ${file} cannot be read (${code})`)
    throw madeId === null ? error : withOpenBatch(error, madeId)
  } finally {
    bar.end()
  }
}

/** Lines that were taken are in it, and nothing runs: it was not closed. */
const withOpenBatch = (error: unknown, batchId: string): unknown => {
  const failure = toCommandFailed(error)
  if (failure === null) return error
  const { exitCode, message, details } = failure
  const text = `${message}\nBatch ${batchId} was made and is still open.`
  return new CommandFailed(exitCode, text, { ...details, batch_id: batchId })
}

const tell = ({ batch, lines }: SubmittedBatch, isJson: boolean): void => {
  if (isJson) {
    process.stdout.write(`${JSON.stringify({ batch, lines })}\n`)
    return
  }
  process.stdout.write(`${batch.id}\n`)
  const counts = `${lines.accepted} accepted, ${lines.rejected} rejected, ${lines.duplicates} there already`
  process.stderr.write(`${counts}\n`)
  for (const { line, problem } of lines.errors.slice(0, shownErrors))
    process.stderr.write(`  line ${line}: ${problem.detail}\n`)
  if (lines.rejected > shownErrors)
    process.stderr.write(`  and ${lines.rejected - shownErrors} more: clipline batch errors ${batch.id}\n`)
}

const shownErrors = 10
