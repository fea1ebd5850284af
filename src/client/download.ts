import { CliplineError } from './error.ts'
import { readChunks } from './incoming.ts'
import { createPatience, type PatienceOptions } from './patience.ts'
import type { Transport } from './transport.ts'

/** The bytes of a file from the first to the last; a broken download goes on where it broke. */
export async function* downloadWhole(
  { open }: Transport,
  artifactId: string,
  { totalBytes, ...options }: { readonly totalBytes: number } & PatienceOptions,
): AsyncGenerator<Uint8Array, void, undefined> {
  const { signal } = options
  const path = `/v1/artifacts/${encodeURIComponent(artifactId)}/content`
  const patience = createPatience(options)
  for (let receivedBytes = 0, isOpened = false; receivedBytes < totalBytes; ) {
    const headers: Record<string, string> = receivedBytes > 0 ? { range: `bytes=${receivedBytes}-` } : {}
    try {
      const response = await open(path, { headers, signal })
      isOpened = true
      if (receivedBytes > 0) assertGoesOn(response)
      for await (const chunk of readChunks(response, { what: 'the download', signal })) {
        patience.moved()
        receivedBytes += chunk.byteLength
        yield chunk
      }
      if (receivedBytes < totalBytes)
        throw new CliplineError('unreachable', `the download broke off after ${receivedBytes} bytes`)
    } catch (error) {
      if (!isOpened) throw error
      await patience.afterBreak(error)
    }
  }
}

const assertGoesOn = ({ status }: Response): void => {
  if (status !== 206)
    throw new CliplineError('unexpected_answer', 'the download cannot be taken up again', { status })
}
