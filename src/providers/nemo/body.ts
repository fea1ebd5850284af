import type { Readable } from 'node:stream'

export type BodyReading =
  | { readonly outcome: 'complete'; readonly text: string }
  | { readonly outcome: 'cut'; readonly cause: unknown }

/** Reads a body as text to its end, or destroys it beyond the limit. Never throws. */
export const readText = async (body: Readable, maxBytes: number): Promise<BodyReading> => {
  const chunks: Uint8Array[] = []
  let sizeBytes = 0
  try {
    for await (const chunk of body as AsyncIterable<Uint8Array>) {
      sizeBytes += chunk.byteLength
      if (sizeBytes > maxBytes)
        return { outcome: 'cut', cause: new Error(`an answer of over ${maxBytes} bytes`) }
      chunks.push(chunk)
    }
  } catch (cause) {
    return { outcome: 'cut', cause }
  }
  return { outcome: 'complete', text: Buffer.concat(chunks).toString('utf8') }
}
