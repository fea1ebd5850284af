import { CliplineError } from './error.ts'
import { reasonOf } from './retrying-fetch.ts'

/** One object a line, as they arrive. Throws when the stream breaks: what came is then not all. */
export async function* readNdjson<Entry>(
  body: ReadableStream<Uint8Array>,
): AsyncGenerator<Entry, void, undefined> {
  const reader = body.getReader()
  const decoder = new TextDecoder()
  let rest = ''
  let count = 0
  try {
    for (;;) {
      const { done, value } = await reader.read().catch((cause: unknown) => {
        const message = `the list broke off after ${count} lines (${reasonOf(cause)})`
        throw new CliplineError('unreachable', message, { cause })
      })
      rest += decoder.decode(value, { stream: !done })
      const lines = rest.split('\n')
      rest = done ? '' : (lines.pop() ?? '')
      for (const line of lines) {
        if (line === '') continue
        count += 1
        yield JSON.parse(line) as Entry
      }
      if (done) return
    }
  } finally {
    // Rejects for a stream that broke, which has been said.
    await reader.cancel().catch(() => undefined)
  }
}
