import type { IncomingHttpHeaders } from 'node:http'
import type { Readable } from 'node:stream'
import type { Dispatcher } from 'undici'
import type { Clock } from '../../clock.ts'
import { type Download, type ProviderAccess, ProviderError } from '../provider.ts'
import { readText } from './body.ts'
import { tellOfCall } from './call-log.ts'
import { apiEndpoint, maxJsonBytes } from './client.ts'
import { openEnvelope } from './envelope.ts'
import { causeOf, toProviderError, unansweredCall } from './errors.ts'
import { type Exchange, exchangeFollowing, findRedirect, guarded, type HttpResponse } from './exchange.ts'
import { accessHeaders, type RequestHeaders } from './headers.ts'
import { type Fetched, toFile } from './render-file.ts'
import { findOutputUrl } from './render-status.ts'

/** Fetches a URL of a stranger's: guarded, without our headers, following what it allows. Throws when it cannot. */
export type FetchForeign = (
  url: string,
  options: { readonly signal: AbortSignal },
) => Promise<{ readonly statusCode: number; readonly headers: IncomingHttpHeaders; readonly body: Readable }>

export interface DownloadOptions {
  readonly apiUrl: URL
  readonly dispatcher: Dispatcher
  readonly clock: Clock
  readonly callTimeoutMs: number
  /** Null: files are fetched from the API's own origin only. */
  readonly fetchForeign: FetchForeign | null
}

/**
 * The file of a render: from `url` while that gives one, else from the provider's own route, which answers with the file
 * or with JSON that names another URL (upstream-protocol.md §2.10).
 */
export const openDownload = async (
  options: DownloadOptions,
  access: ProviderAccess,
  { renderId, url }: { readonly renderId: string; readonly url: string | null },
  signal: AbortSignal,
): Promise<Download> => {
  const direct: Fetched =
    url === null
      ? { outcome: 'unusable', cause: 'the render names no URL' }
      : await fetchFile(options, access, url, signal)
  if (direct.outcome === 'file') return direct.download
  const fallback = await fetchFallback(options, access, renderId, signal).catch((error: unknown) => {
    // Not every plan covers that route: its refusal says nothing of a file that has a URL, which may be back soon.
    const isBarred = error instanceof ProviderError && error.code === 'export_not_allowed'
    if (url === null || !isBarred) throw error
    return { outcome: 'unusable', cause: error.message } as const
  })
  if (fallback.outcome === 'file') return fallback.download
  throw invalidArtifact(
    `the file could not be fetched: ${direct.cause}; by the download route: ${fallback.cause}`,
  )
}

const invalidArtifact = (message: string): ProviderError =>
  new ProviderError('artifact_invalid', `NemoVideo, downloading the render: ${message}`, {
    evidence: 'answered',
  })

const fetchFile = async (
  options: DownloadOptions,
  access: ProviderAccess,
  url: string,
  signal: AbortSignal,
): Promise<Fetched> => {
  const target = URL.parse(url, options.apiUrl.href)
  if (target === null) return { outcome: 'unusable', cause: 'the URL is malformed' }
  if (target.origin !== options.apiUrl.origin) return fetchForeignFile(options, target, signal)
  const own = await fetchOwn(options, access, target, signal)
  if (own.outcome === 'failed') return { outcome: 'unusable', cause: causeOf(own.cause) }
  const elsewhere = findRedirect(own.response, target)
  if (elsewhere === null || elsewhere.origin === target.origin) return toFile(own.response)
  own.response.body.destroy()
  return fetchForeignFile(options, elsewhere, signal)
}

const fetchOwn = async (
  options: DownloadOptions,
  access: ProviderAccess,
  url: URL,
  signal: AbortSignal,
): Promise<Exchange> => {
  const { dispatcher, callTimeoutMs, clock } = options
  const startedMs = clock.monotonicMs()
  const timeouts = { headersTimeoutMs: callTimeoutMs, bodyTimeoutMs: callTimeoutMs }
  const request = { method: 'GET', url, headers: fileHeaders(access), body: null, ...timeouts } as const
  const exchanged = await exchangeFollowing(dispatcher, request, signal)
  const error = exchanged.outcome === 'failed' ? causeOf(exchanged.cause) : null
  tell(options, url, { startedMs, head: exchanged.outcome === 'failed' ? null : exchanged.response, error })
  return exchanged
}

/** Up to the head of the answer: the file is what the stage is about. */
const tell = (
  { apiUrl, clock }: DownloadOptions,
  url: URL,
  call: {
    readonly startedMs: number
    readonly head: Pick<HttpResponse, 'httpStatus' | 'headers'> | null
    readonly error: string | null
  },
): void =>
  tellOfCall({
    operation: 'download',
    method: 'GET',
    url,
    apiOrigin: apiUrl.origin,
    startedMs: call.startedMs,
    endedMs: clock.monotonicMs(),
    request: { contentType: null, text: null, sizeBytes: 0 },
    response: call.head && {
      httpStatus: call.head.httpStatus,
      contentType: call.head.headers['content-type'] ?? null,
      text: null,
      sizeBytes: Number(call.head.headers['content-length'] ?? Number.NaN) || null,
    },
    error: call.error,
    secret: null,
  })

/** A coded body could not be checked against its length. */
const fileHeaders = (access: ProviderAccess): RequestHeaders => ({
  ...accessHeaders(access),
  accept: '*/*',
  'accept-encoding': 'identity',
})

const fetchForeignFile = async (
  options: DownloadOptions,
  url: URL,
  signal: AbortSignal,
): Promise<Fetched> => {
  const { fetchForeign, clock } = options
  if (fetchForeign === null) return { outcome: 'unusable', cause: 'its URL is of another origin' }
  const startedMs = clock.monotonicMs()
  try {
    const { statusCode: httpStatus, headers, body } = await fetchForeign(url.href, { signal })
    tell(options, url, { startedMs, head: { httpStatus, headers }, error: null })
    return await toFile({ httpStatus, headers, body: guarded(body) })
  } catch (error) {
    tell(options, url, { startedMs, head: null, error: causeOf(error) })
    return { outcome: 'unusable', cause: causeOf(error) }
  }
}

const fetchFallback = async (
  options: DownloadOptions,
  access: ProviderAccess,
  renderId: string,
  signal: AbortSignal,
): Promise<Fetched> => {
  const url = apiEndpoint(options.apiUrl, `/api/render/proxy/${encodeURIComponent(renderId)}/download`)
  const exchanged = await fetchOwn(options, access, url, signal)
  if (exchanged.outcome === 'failed') throw unansweredCall('download', exchanged.wasWritten, exchanged.cause)
  const { response } = exchanged
  const elsewhere = findRedirect(response, url)
  if (elsewhere !== null) {
    response.body.destroy()
    return fetchFile(options, access, elsewhere.href, signal)
  }
  const isFile = response.httpStatus === 200 && !isJson(response)
  return isFile ? toFile(response) : fetchNamedFile(options, access, response, signal)
}

/** The answer is JSON that names the file's URL, or an error. */
const fetchNamedFile = async (
  options: DownloadOptions,
  access: ProviderAccess,
  { httpStatus, body }: HttpResponse,
  signal: AbortSignal,
): Promise<Fetched> => {
  const reading = await readText(body, maxJsonBytes, signal)
  if (reading.outcome === 'cut') throw unansweredCall('download', true, reading.cause)
  const opened = openEnvelope({ httpStatus, text: reading.text })
  if (!opened.isOk) {
    const error = toProviderError({
      operation: 'download',
      httpStatus,
      opened,
      retryAfterMs: null,
      secret: access.token,
    })
    if (error.code === 'provider_rejected') return { outcome: 'unusable', cause: error.message }
    throw error
  }
  const url = findOutputUrl(opened.payload, options.apiUrl)
  return url === null
    ? { outcome: 'unusable', cause: 'the answer names no URL' }
    : fetchFile(options, access, url, signal)
}

const isJson = ({ headers }: HttpResponse): boolean => /\bjson\b/i.test(headers['content-type'] ?? '')
