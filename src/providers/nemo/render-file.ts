import type { IncomingHttpHeaders } from 'node:http'
import { Readable } from 'node:stream'
import type { Download } from '../provider.ts'
import { causeOf } from './errors.ts'
import type { HttpResponse } from './exchange.ts'

/** A file, or why there is none. */
export type Fetched =
  | { readonly outcome: 'file'; readonly download: Download }
  | { readonly outcome: 'unusable'; readonly cause: string }

/** Error pages come with status 200 too. What the file really is, is for its reader to find out. */
export const toFile = async (response: HttpResponse): Promise<Fetched> => {
  const refusal = findRefusal(response)
  if (refusal !== null) {
    response.body.destroy()
    return { outcome: 'unusable', cause: refusal }
  }
  const iterator = (response.body as AsyncIterable<Buffer>)[Symbol.asyncIterator]()
  const first = await nextChunk(iterator)
  if (first instanceof Error) return { outcome: 'unusable', cause: causeOf(first) }
  if (first.done === true) return { outcome: 'unusable', cause: 'the body is empty' }
  if (looksLikeHtml(first.value)) {
    response.body.destroy()
    return { outcome: 'unusable', cause: 'the body is a web page' }
  }
  const { headers } = response
  return {
    outcome: 'file',
    download: {
      body: rejoin(first.value, iterator, response.body),
      sizeBytes: findSize(headers),
      contentType: headers['content-type'] ?? null,
    },
  }
}

const nextChunk = async (iterator: AsyncIterator<Buffer>): Promise<IteratorResult<Buffer> | Error> => {
  try {
    return await iterator.next()
  } catch (error) {
    return error instanceof Error ? error : new Error(String(error))
  }
}

const findRefusal = ({ httpStatus, headers }: HttpResponse): string | null => {
  const contentType = headers['content-type'] ?? ''
  const coding = headers['content-encoding'] ?? 'identity'
  if (httpStatus !== 200) return `HTTP ${httpStatus}`
  if (/^\s*(?:text\/|application\/(?:json|problem\+json|xml|xhtml))/i.test(contentType))
    return `it is ${contentType}`
  if (coding.toLowerCase() !== 'identity') return `its content encoding is ${coding}`
  return headers['content-length'] === '0' ? 'the body is empty' : null
}

const looksLikeHtml = (chunk: Buffer): boolean =>
  /^\s*<(?:!doctype\s+html|html|\?xml)/i.test(chunk.subarray(0, 256).toString('latin1'))

const findSize = (headers: IncomingHttpHeaders): number | null => {
  const length = headers['content-length'] ?? ''
  return /^\d{1,15}$/.test(length) ? Number(length) : null
}

/** The body from its first byte again. Destroying it destroys the response. */
const rejoin = (first: Buffer, rest: AsyncIterator<Buffer>, body: Readable): Readable => {
  const whole = Readable.from(concatenated(first, rest), { objectMode: false })
  whole.once('close', () => body.destroy())
  return whole
}

async function* concatenated(first: Buffer, rest: AsyncIterator<Buffer>): AsyncGenerator<Buffer> {
  yield first
  for (let next = await rest.next(); next.done !== true; next = await rest.next()) yield next.value
}
