import { basename } from 'node:path'
import { Readable } from 'node:stream'
import { fetch } from 'undici'
import { extensionFor, mediaTypeOf } from './media-type.ts'

const timeoutMs = 60_000

interface FetchedMedia {
  readonly filename: string
  /** Ends after `limitBytes` and one byte, however much the server would send. */
  readonly content: Readable
}

/** Fetches a URL that was given instead of a file; null when it does not answer with one. Any address will do here. */
export const fetchMedia = async (url: string, limitBytes: number): Promise<FetchedMedia | null> => {
  if (!URL.canParse(url) || !/^https?:$/.test(new URL(url).protocol)) return null
  try {
    const response = await fetch(url, { signal: AbortSignal.timeout(timeoutMs) })
    if (!response.ok || response.body === null) {
      await response.body?.cancel()
      return null
    }
    return {
      filename: nameOf(response.url, response.headers.get('content-type') ?? ''),
      content: Readable.from(firstBytes(Readable.fromWeb(response.body), limitBytes + 1)),
    }
  } catch (error) {
    if (error instanceof TypeError || (error instanceof DOMException && error.name === 'TimeoutError'))
      return null
    throw error
  }
}

const nameOf = (url: string, contentType: string): string => {
  const path = new URL(url).pathname
  const name = basename(safeDecode(path)) || 'download'
  const extension = extensionFor(contentType)
  return mediaTypeOf(name) !== null || extension === null ? name : `${name}.${extension}`
}

const safeDecode = (path: string): string => {
  try {
    return decodeURIComponent(path)
  } catch (error) {
    if (error instanceof URIError) return path
    throw error
  }
}

async function* firstBytes(source: AsyncIterable<Buffer>, count: number): AsyncGenerator<Buffer> {
  let left = count
  for await (const chunk of source) {
    yield chunk.length > left ? chunk.subarray(0, left) : chunk
    left -= chunk.length
    if (left <= 0) return
  }
}
