import { CliplineError } from './error.ts'
import { reasonOf } from './retrying-fetch.ts'

interface Incoming {
  /** What it is, as in “the download”. */
  readonly what: string
  readonly signal?: AbortSignal | undefined
}

/** The body of an answer as it arrives. Rejects with `unreachable` where it breaks off, or why the signal has fired. */
export async function* readChunks(
  response: Response,
  { what, signal }: Incoming,
): AsyncGenerator<Uint8Array, void, undefined> {
  const reader = response.body?.getReader()
  if (reader === undefined) return
  try {
    for (;;) {
      const { value } = await reader.read().catch((cause: unknown) => {
        signal?.throwIfAborted()
        throw new CliplineError('unreachable', `${what} broke off (${reasonOf(cause)})`, { cause })
      })
      signal?.throwIfAborted()
      if (value === undefined) return
      yield value
    }
  } finally {
    // Rejects for a stream that broke, which has been said.
    await reader.cancel().catch(() => undefined)
  }
}
