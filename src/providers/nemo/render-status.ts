import type { RenderStatus } from '../provider.ts'
import { findNumber, findText, firstFound, isRecord, type JsonRecord, toRecord } from './json.ts'

type Stand = RenderStatus['status']

/** The documented words and their near relatives; an unknown word means that the render goes on. */
const stands = new Map<string, Stand>(
  Object.entries({
    pending: 'pending',
    queued: 'pending',
    submitted: 'pending',
    processing: 'processing',
    rendering: 'processing',
    running: 'processing',
    completed: 'completed',
    complete: 'completed',
    succeeded: 'completed',
    success: 'completed',
    done: 'completed',
    failed: 'failed',
    failure: 'failed',
    error: 'failed',
    cancelled: 'canceled',
    canceled: 'canceled',
  } as const),
)

/**
 * Reads a render in any of its documented bodies: status and URL at the top or inside `data`, the URL as `outputUrl` or
 * `output.url` (upstream-protocol.md §2.9). `baseUrl` completes a relative URL. Null when it is no render at all.
 */
export const findRenderStatus = (payload: unknown, baseUrl: URL): RenderStatus | null => {
  const top = toRecord(payload)
  const render = toRecord(top['data'])
  const word = firstFound([render['status'], top['status']], findText)
  const url = findOutputUrl(payload, baseUrl)
  if (word === null) return url === null ? null : { status: 'completed', url }
  const stand = stands.get(word.toLowerCase()) ?? (url === null ? 'processing' : 'completed')
  switch (stand) {
    case 'completed':
      return { status: 'completed', url }
    case 'failed':
    case 'canceled':
      return {
        status: stand,
        reason: findReason(render) ?? findReason(top) ?? `the render was reported as ${word}`,
      }
    case 'pending':
    case 'processing':
      return { status: stand, progressPercent: findProgress(render) ?? findProgress(top) ?? 0 }
    case 'unknown':
      return { status: 'unknown' }
  }
}

/** The URL of the file, in the order in which the variants are trusted. */
export const findOutputUrl = (payload: unknown, baseUrl: URL): string | null => {
  const top = toRecord(payload)
  const render = toRecord(top['data'])
  const candidates = [
    render['outputUrl'],
    toRecord(render['output'])['url'],
    top['outputUrl'],
    toRecord(top['output'])['url'],
    top['url'],
  ]
  return firstFound(candidates, (candidate) => findHttpUrl(candidate, baseUrl))
}

const findHttpUrl = (value: unknown, baseUrl: URL): string | null => {
  const text = findText(value)
  const url = text === null ? null : URL.parse(text.trim(), baseUrl.href)
  return url !== null && (url.protocol === 'https:' || url.protocol === 'http:') ? url.href : null
}

const findProgress = (render: JsonRecord): number | null => {
  const percent = findNumber(render['progress'])
  return percent === null ? null : Math.min(Math.max(percent, 0), 100)
}

const findReason = (render: JsonRecord): string | null => {
  const { error, message, reason } = render
  return firstFound([error, isRecord(error) ? error['message'] : null, reason, message], findText)
}
