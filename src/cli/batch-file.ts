import { createReadStream } from 'node:fs'
import type { BatchFormat, UploadSource } from '../client/index.ts'
import { CommandFailed, exitCodes } from './exit.ts'

/** What shows that there is a line. A table has one below that of its names. */
const lineShapes: Readonly<Record<BatchFormat, RegExp>> = {
  ndjson: /\S/,
  json: /[^\s[\]]/,
  csv: /^\s*\S[^\r\n]*[\r\n]\s*\S/,
}

/** What begins with so many bytes and shows no line is left for the service to judge. */
const mostHeadBytes = 1_048_576

/**
 * The lines in a file, or on stdin for `-`. Where there are none, the command fails before anything is made of them.
 * Rejects with the error of the file system for a file that cannot be read.
 */
export const openBatchFile = async (file: string, format: BatchFormat): Promise<UploadSource> => {
  const source = file === '-' ? process.stdin : createReadStream(file)
  const chunks: AsyncIterator<Uint8Array> = source[Symbol.asyncIterator]()
  const head: Uint8Array[] = []
  if (!(await hasLine(chunks, head, format))) {
    const name = file === '-' ? 'stdin' : `the file ${file}`
    throw new CommandFailed(exitCodes.usage, `${name} holds no lines, so there is nothing to submit`)
  }
  if (file === '-') return joined(head, chunks)
  source.destroy()
  return { path: file }
}

/** Reads until it knows; what it has read is in `head` then. */
const hasLine = async (
  chunks: AsyncIterator<Uint8Array>,
  head: Uint8Array[],
  format: BatchFormat,
): Promise<boolean> => {
  const decoder = new TextDecoder()
  let text = ''
  while (text.length < mostHeadBytes) {
    const next = await chunks.next()
    if (next.done === true) return false
    head.push(next.value)
    text += decoder.decode(next.value, { stream: true })
    if (lineShapes[format].test(text)) return true
  }
  return true
}

async function* joined(
  head: readonly Uint8Array[],
  rest: AsyncIterator<Uint8Array>,
): AsyncGenerator<Uint8Array> {
  yield* head
  yield* { [Symbol.asyncIterator]: () => rest }
}
