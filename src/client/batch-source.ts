import type { BatchLine } from './shapes.ts'
import type { OpenedSource } from './upload-source.ts'

type Lines = Iterable<BatchLine> | AsyncIterable<BatchLine>

/** The lines of a batch. An array, or a function that makes them, can be sent again when the connection breaks. */
export type BatchSource = Lines | (() => Lines)

/** About as much as goes into one packet of the network's. */
const chunkCharacters = 64 * 1024

/** The lines as NDJSON, a piece at a time; `onLines` hears how many have gone out. */
export const openLines = (lines: BatchSource, onLines: (count: number) => void): OpenedSource => ({
  filename: null,
  sizeBytes: null,
  isRepeatable: Array.isArray(lines) || typeof lines === 'function',
  open: () => toNdjson(typeof lines === 'function' ? lines() : lines, onLines),
})

async function* toNdjson(lines: Lines, onLines: (count: number) => void): AsyncGenerator<Uint8Array> {
  const encoder = new TextEncoder()
  let text = ''
  let count = 0
  for await (const line of lines) {
    text += `${JSON.stringify(line)}\n`
    count += 1
    if (text.length < chunkCharacters) continue
    onLines(count)
    yield encoder.encode(text)
    text = ''
  }
  onLines(count)
  yield encoder.encode(text)
}
