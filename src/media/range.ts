/** A part of a file, in bytes: from `start` up to and without `end`. */
export interface ByteRange {
  readonly start: number
  readonly end: number
}

/** What an HTTP request asks of a file. `unsatisfiable` is answered with a 416 that names the size. */
export type RangeRequest =
  | { readonly kind: 'whole' }
  | { readonly kind: 'part'; readonly range: ByteRange }
  | { readonly kind: 'unsatisfiable' }

/** What `Range` and `If-Range` are judged against. `etag` as it is sent, quotes included. */
export interface RangeTarget {
  readonly sizeBytes: number
  readonly etag: string
}

const whole: RangeRequest = { kind: 'whole' }
const rangePattern = /^bytes[ \t]*=[ \t]*(\d*)[ \t]*-[ \t]*(\d*)[ \t]*$/i

/**
 * `If-Range` holds only for the very same strong validator (RFC 9110 §13.1.5). A date never matches: artifacts are
 * named by their hash alone.
 */
const isStillFresh = (ifRange: string | undefined, etag: string): boolean =>
  ifRange === undefined || (ifRange.trim() === etag && !etag.startsWith('W/'))

const toRange = (first: string, last: string, sizeBytes: number): ByteRange | 'invalid' | 'unsatisfiable' => {
  if (first === '') {
    if (last === '') return 'invalid'
    const suffixBytes = Number(last)
    if (suffixBytes === 0 || sizeBytes === 0) return 'unsatisfiable'
    return { start: Math.max(0, sizeBytes - suffixBytes), end: sizeBytes }
  }
  const start = Number(first)
  if (last !== '' && Number(last) < start) return 'invalid'
  if (start >= sizeBytes) return 'unsatisfiable'
  return { start, end: last === '' ? sizeBytes : Math.min(sizeBytes, Number(last) + 1) }
}

/**
 * What the `Range` header asks for (RFC 9110 §14.2). A header that is absent, malformed, in another unit, for several
 * ranges at once, or outdated by `If-Range` is ignored, as the RFC allows: the answer is then the whole file.
 */
export const parseRange = (
  headers: { readonly range?: string | undefined; readonly ifRange?: string | undefined },
  target: RangeTarget,
): RangeRequest => {
  const match = rangePattern.exec(headers.range ?? '')
  if (match === null || !isStillFresh(headers.ifRange, target.etag)) return whole
  const range = toRange(match[1] ?? '', match[2] ?? '', target.sizeBytes)
  if (range === 'invalid') return whole
  return range === 'unsatisfiable' ? { kind: 'unsatisfiable' } : { kind: 'part', range }
}

/** The `Content-Range` of a 206, or of a 416 when there is no range. */
export const contentRange = (range: ByteRange | null, sizeBytes: number): string =>
  range === null ? `bytes */${sizeBytes}` : `bytes ${range.start}-${range.end - 1}/${sizeBytes}`
