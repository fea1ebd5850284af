/** Takes a file from a URL that a client names, through the guarded client. */
import type { Egress, EgressDownload, EgressStream } from '../egress/client.ts'
import { EgressError, type EgressFailure } from '../egress/failure.ts'

/** Why there was no file to be had; the words for it are those of who asked. */
export type UrlFault =
  | { readonly reason: 'not_allowed' }
  | { readonly reason: 'too_large'; readonly limitBytes: number }
  /** Null: no answer, or it broke off. */
  | { readonly reason: 'unreachable'; readonly statusCode: number | null }

type FileAtUrl = Pick<EgressStream, 'url' | 'body'>

const maxRedirects = 3

/** What `take` makes of the file, or what `refuse` makes of its absence, also where it breaks off while it is taken. */
export const takeFromUrl = async <Outcome>(
  egress: Pick<Egress, 'download'>,
  download: Omit<EgressDownload, 'maxRedirects'>,
  take: (file: FileAtUrl) => Promise<Outcome>,
  refuse: (fault: UrlFault) => Outcome,
): Promise<Outcome> => {
  const response = await egress.download({ ...download, maxRedirects })
  if (response.outcome !== 'response') return refuse(toFault(response))
  const { statusCode, body } = response
  if (statusCode !== 200) {
    body.destroy()
    return refuse({ reason: 'unreachable', statusCode })
  }
  try {
    return await take(response)
  } catch (error) {
    if (error instanceof EgressError) return refuse(toFault(error.failure))
    throw error
  }
}

const toFault = (failure: EgressFailure): UrlFault => {
  switch (failure.outcome) {
    case 'refused':
      return { reason: 'not_allowed' }
    case 'too_large':
      return { reason: 'too_large', limitBytes: failure.limitBytes }
    case 'timeout':
    case 'unreachable':
    case 'interrupted':
      return { reason: 'unreachable', statusCode: null }
  }
}
