import { CliplineError } from './error.ts'
import { backoffMs, pause } from './time.ts'
import type { Transport } from './transport.ts'

/** Connections in a row that bring nothing. */
const maxEmptyConnections = 5

/** The bytes of a file from the first to the last; a broken download goes on where it broke. */
export async function* downloadWhole(
  { open }: Transport,
  artifactId: string,
  { totalBytes, signal }: { readonly totalBytes: number; readonly signal: AbortSignal | undefined },
): AsyncGenerator<Uint8Array, void, undefined> {
  let receivedBytes = 0
  for (let empty = 0; receivedBytes < totalBytes; ) {
    if (empty > 0) await pause(backoffMs(empty), signal)
    const headers: Record<string, string> = receivedBytes > 0 ? { range: `bytes=${receivedBytes}-` } : {}
    const response = await open(`/v1/artifacts/${encodeURIComponent(artifactId)}/content`, {
      headers,
      signal,
    })
    if (receivedBytes > 0 && response.status !== 206)
      throw new CliplineError('unexpected_answer', 'the download cannot be taken up again', {
        status: response.status,
      })
    empty += 1
    for await (const chunk of readBroken(response, signal)) {
      empty = 0
      receivedBytes += chunk.byteLength
      yield chunk
    }
    if (empty === maxEmptyConnections)
      throw new CliplineError('unreachable', `the download broke off after ${receivedBytes} bytes`)
  }
}

/** What arrives until the end or a break, which the count of bytes tells apart. */
async function* readBroken(
  response: Response,
  signal: AbortSignal | undefined,
): AsyncGenerator<Uint8Array, void, undefined> {
  const reader = response.body?.getReader()
  if (reader === undefined) return
  try {
    for (;;) {
      const next = await reader.read().catch(() => null)
      signal?.throwIfAborted()
      if (next?.value === undefined) return
      yield next.value
    }
  } finally {
    // Rejects for a download that broke, which is known already.
    await reader.cancel().catch(() => undefined)
  }
}
