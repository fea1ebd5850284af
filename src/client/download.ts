import { CliplineError } from './error.ts'
import { createPatience, type PatienceOptions } from './patience.ts'
import type { Transport } from './transport.ts'

/** The bytes of a file from the first to the last; a broken download goes on where it broke. */
export async function* downloadWhole(
  { open }: Transport,
  artifactId: string,
  { totalBytes, ...options }: { readonly totalBytes: number } & PatienceOptions,
): AsyncGenerator<Uint8Array, void, undefined> {
  const { signal } = options
  const patience = createPatience(options)
  for (let receivedBytes = 0, isOpened = false; receivedBytes < totalBytes; ) {
    const headers: Record<string, string> = receivedBytes > 0 ? { range: `bytes=${receivedBytes}-` } : {}
    const path = `/v1/artifacts/${encodeURIComponent(artifactId)}/content`
    const response = await open(path, { headers, signal }).catch(async (error: unknown) => {
      if (!isOpened) throw error
      await patience.afterBreak(error)
      return null
    })
    if (response === null) continue
    isOpened = true
    if (receivedBytes > 0 && response.status !== 206)
      throw new CliplineError('unexpected_answer', 'the download cannot be taken up again', {
        status: response.status,
      })
    for await (const chunk of readBroken(response, signal)) {
      patience.moved()
      receivedBytes += chunk.byteLength
      yield chunk
    }
    if (receivedBytes < totalBytes)
      await patience.afterBreak(
        new CliplineError('unreachable', `the download broke off after ${receivedBytes} bytes`),
      )
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
