import { type Answer, type Refusal, refuseByStatus, type TakeoverAnswer } from '../answer.ts'
import type { Call } from '../call.ts'
import type { Parts } from '../parts.ts'
import { type ByteRange, hashRange, lengthOfRange, readRange } from './byte-range.ts'
import { transmit } from './transmit.ts'

export interface FileToSend {
  readonly path: string
  readonly sizeBytes: number
  readonly sha256: string
  readonly contentType: string
  readonly via: 'cdn' | 'proxy'
  readonly renderId: string | null
}

/**
 * Answers with a file: ETag, Range and HEAD. Before the first byte is sent the ledger gets the SHA-256 of exactly
 * those that will be; the download faults make them fewer, others or slower.
 */
export const answerWithFile = async (parts: Parts, call: Call, file: FileToSend): Promise<Answer> => {
  const instead = strikeInstead(call)
  if (instead !== null) return instead
  const etag = `"${file.sha256}"`
  if (call.request.headers['if-none-match'] === etag) return withoutBody(304, { etag })
  const wanted = readRange(call.request.headers.range, file.sizeBytes)
  if (wanted === 'unsatisfiable') {
    return refuseByStatus(416, 'the range is outside of the file', {
      'content-range': `bytes */${file.sizeBytes}`,
    })
  }
  const range = wanted ?? { start: 0, end: file.sizeBytes - 1 }
  const headers = {
    'content-type': file.contentType,
    'accept-ranges': 'bytes',
    etag,
    ...(wanted !== null && { 'content-range': `bytes ${range.start}-${range.end}/${file.sizeBytes}` }),
  }
  const status = wanted === null ? 200 : 206
  const length = { 'content-length': String(lengthOfRange(range)) }
  if (call.request.method === 'HEAD') return withoutBody(status, { ...headers, ...length })

  const mode = call.faults.take('download.mode')
  if (mode === 'empty' || file.sizeBytes === 0) return withoutBody(200, { ...headers, 'content-length': '0' })
  const sent = mode === 'truncated' ? firstHalf(range) : range
  await noteDownload(parts, call, file, status, sent)
  const slowMs = call.faults.take('download.slowMs') ?? 0
  return {
    kind: 'takeover',
    open: (response) => {
      response.writeHead(status, { ...headers, ...length })
      return transmit(response, {
        path: file.path,
        range: sent,
        isBrokenOff: sent !== range,
        slowMs,
        clock: parts.clock,
      })
    },
  }
}

/** What some faults answer instead of the file. */
const strikeInstead = (call: Call): TakeoverAnswer | Refusal | null => {
  const mode = call.faults.take('download.mode')
  if (mode === 'notFound') return refuseByStatus(404, 'there is no such file')
  if (mode === 'html')
    return withBody(200, { 'content-type': 'text/html' }, '<html><body>Please log in</body></html>')
  const target = call.faults.take('download.redirectTo')
  if (target === null || call.request.url.endsWith(redirected)) return null
  return withoutBody(302, { location: target === 'self' ? `${call.request.url}${redirected}` : target })
}

/** Marks a request that was sent here by a redirect to `self`: it is not redirected again. */
const redirected = '?redirected=1'

const withBody = (
  status: number,
  headers: Readonly<Record<string, string>>,
  body: string,
): TakeoverAnswer => ({
  kind: 'takeover',
  open: (response) => {
    response.writeHead(status, headers).end(body)
  },
})

const withoutBody = (status: number, headers: Readonly<Record<string, string>>): TakeoverAnswer =>
  withBody(status, headers, '')

const firstHalf = ({ start, end }: ByteRange): ByteRange => ({ start, end: Math.floor((start + end) / 2) })

const noteDownload = async (parts: Parts, call: Call, file: FileToSend, status: number, range: ByteRange) => {
  const isWhole = lengthOfRange(range) === file.sizeBytes
  parts.world.commit({
    ledger: [
      {
        kind: 'download',
        via: file.via,
        path: call.request.url,
        render_id: file.renderId,
        status,
        size_bytes: lengthOfRange(range),
        sha256: isWhole ? file.sha256 : await hashRange(file.path, range),
        is_whole: isWhole,
      },
    ],
  })
}
