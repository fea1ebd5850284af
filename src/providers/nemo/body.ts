import type { Readable } from 'node:stream'

export type BodyReading =
  | { readonly outcome: 'complete'; readonly text: string }
  | { readonly outcome: 'cut'; readonly cause: unknown }

/** Reads a body as text to its end; beyond the limit or when the signal fires it is destroyed. Never throws. */
export const readText = async (
  body: Readable,
  maxBytes: number,
  signal: AbortSignal,
): Promise<BodyReading> => {
  const stop = (): void => {
    body.destroy(signal.reason instanceof Error ? signal.reason : new Error('aborted'))
  }
  signal.addEventListener('abort', stop, { once: true })
  try {
    if (signal.aborted) stop()
    return await collect(body, maxBytes)
  } catch (cause) {
    return { outcome: 'cut', cause }
  } finally {
    signal.removeEventListener('abort', stop)
  }
}

const collect = async (body: Readable, maxBytes: number): Promise<BodyReading> => {
  const chunks: Uint8Array[] = []
  let sizeBytes = 0
  for await (const chunk of body as AsyncIterable<Uint8Array>) {
    sizeBytes += chunk.byteLength
    if (sizeBytes > maxBytes)
      return { outcome: 'cut', cause: new Error(`an answer of over ${maxBytes} bytes`) }
    chunks.push(chunk)
  }
  return { outcome: 'complete', text: Buffer.concat(chunks).toString('utf8') }
}
