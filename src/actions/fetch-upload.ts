import type { Egress } from '../egress/client.ts'
import type { EgressFailure } from '../egress/failure.ts'
import { fileNameOf } from '../url-name.ts'
import type { IncomingFile } from './create-upload.ts'

export type FetchedFile =
  | { readonly outcome: 'fetched'; readonly file: IncomingFile }
  | { readonly outcome: 'refused'; readonly code: FetchRefusalCode; readonly detail: string }

export type FetchRefusalCode = 'url_not_allowed' | 'url_unreachable' | 'media_too_large'

const timeoutMs = 15 * 60_000
const idleTimeoutMs = 30_000
const maxRedirects = 3

/** Opens a file that a client names by URL, through the guarded client. The body must be read or destroyed. */
export const fetchFile = async (
  { egress, maxUploadBytes }: { readonly egress: Pick<Egress, 'download'>; readonly maxUploadBytes: number },
  url: string,
  signal: AbortSignal,
): Promise<FetchedFile> => {
  const response = await egress.download({
    url,
    timeoutMs,
    idleTimeoutMs,
    maxResponseBytes: maxUploadBytes,
    maxRedirects,
    signal,
  })
  if (response.outcome !== 'response') return toRefusal(response)
  if (response.statusCode !== 200) {
    response.body.destroy()
    return unreachable(`The URL answered ${response.statusCode}.`)
  }
  return {
    outcome: 'fetched',
    file: { filename: fileNameOf(response.url.href) ?? '', body: response.body, sizeBytes: null },
  }
}

const unreachable = (detail: string): FetchedFile => ({ outcome: 'refused', code: 'url_unreachable', detail })

const toRefusal = (failure: EgressFailure): Extract<FetchedFile, { outcome: 'refused' }> => {
  switch (failure.outcome) {
    case 'refused':
      return {
        outcome: 'refused',
        code: 'url_not_allowed',
        detail: 'The URL, or one that it redirects to, may not be fetched.',
      }
    case 'too_large':
      return {
        outcome: 'refused',
        code: 'media_too_large',
        detail: `The file is larger than ${failure.limitBytes} bytes; nothing was kept.`,
      }
    case 'timeout':
    case 'unreachable':
    case 'interrupted':
      return { outcome: 'refused', code: 'url_unreachable', detail: 'The URL could not be fetched.' }
  }
}
