import type { Egress } from '../egress/client.ts'
import { fileNameOf } from '../url-name.ts'
import {
  type CreateUploadDeps,
  type CreateUploadInput,
  type CreateUploadOutcome,
  createUploads,
  type IncomingFile,
} from './create-upload.ts'
import { takeFromUrl, type UrlFault } from './take-from-url.ts'

export interface FetchUploadDeps extends CreateUploadDeps {
  readonly egress: Pick<Egress, 'download'>
}

export interface FetchUploadInput extends Omit<CreateUploadInput, 'files'> {
  readonly url: string
  readonly signal: AbortSignal
}

/** Of the URL. The file is judged as any other one. */
export interface UrlRefusal {
  readonly outcome: 'url_refused'
  readonly code: 'url_not_allowed' | 'url_unreachable' | 'media_too_large'
  readonly detail: string
}

const timeoutMs = 15 * 60_000
const idleTimeoutMs = 30_000

/** Makes an upload of a file that a client names by URL. */
export const fetchUpload = (
  deps: FetchUploadDeps,
  { url, signal, ...input }: FetchUploadInput,
): Promise<CreateUploadOutcome | UrlRefusal> =>
  takeFromUrl<CreateUploadOutcome | UrlRefusal>(
    deps.egress,
    { url, timeoutMs, idleTimeoutMs, maxResponseBytes: deps.maxUploadBytes, signal },
    ({ url: { href }, body }) => {
      const filename = fileNameOf(href) ?? ''
      return createUploads(deps, { ...input, files: oneFile({ filename, body, sizeBytes: null }) })
    },
    refuse,
  )

async function* oneFile(file: IncomingFile): AsyncGenerator<IncomingFile> {
  yield file
}

const refuse = (fault: UrlFault): UrlRefusal => ({ outcome: 'url_refused', ...toWords(fault) })

const toWords = (fault: UrlFault): Omit<UrlRefusal, 'outcome'> => {
  switch (fault.reason) {
    case 'not_allowed':
      return {
        code: 'url_not_allowed',
        detail: 'The URL, or one that it redirects to, may not be fetched.',
      }
    case 'too_large':
      return {
        code: 'media_too_large',
        detail: `The file is larger than ${fault.limitBytes} bytes; nothing was kept.`,
      }
    case 'unreachable':
      return {
        code: 'url_unreachable',
        detail:
          fault.statusCode === null
            ? 'The URL could not be fetched.'
            : `The URL answered ${fault.statusCode}.`,
      }
  }
}
