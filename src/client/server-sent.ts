import { createParser, type EventSourceMessage } from 'eventsource-parser'

/** The service says something at least every 15 s; a stream that is silent for longer is dead. */
const longestSilenceMs = 45_000

/**
 * The server-sent events of an answer, until it ends, breaks or falls silent: a stream is taken up again, so how it
 * ended makes no difference. Rejects only when the caller's signal fired.
 */
export async function* readServerSent(
  response: Response,
  { signal, silenceMs = longestSilenceMs }: { readonly signal?: AbortSignal | undefined; silenceMs?: number },
): AsyncGenerator<EventSourceMessage, void, undefined> {
  const reader = response.body?.getReader()
  if (reader === undefined) return
  const arrived: EventSourceMessage[] = []
  const parser = createParser({ onEvent: (message) => arrived.push(message) })
  const decoder = new TextDecoder()
  try {
    for (;;) {
      const chunk = await readWithin(reader, silenceMs)
      signal?.throwIfAborted()
      if (chunk === null) return
      parser.feed(decoder.decode(chunk, { stream: true }))
      yield* arrived.splice(0)
    }
  } finally {
    // Rejects for a stream that broke, which is what `readWithin` has said already.
    await reader.cancel().catch(() => undefined)
  }
}

/** The next bytes; null at the end, after a break, or when nothing comes for so long. */
const readWithin = async (
  reader: ReadableStreamDefaultReader<Uint8Array>,
  silenceMs: number,
): Promise<Uint8Array | null> => {
  let timer: NodeJS.Timeout | undefined
  const silence = new Promise<null>((resolve) => {
    timer = setTimeout(() => resolve(null), silenceMs)
  })
  try {
    const next = reader.read().then(
      ({ value }) => value ?? null,
      () => null,
    )
    return await Promise.race([next, silence])
  } finally {
    clearTimeout(timer)
  }
}
