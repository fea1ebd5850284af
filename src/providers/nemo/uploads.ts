import { type MediaFile, type ProviderAccess, ProviderError, type SessionMedia } from '../provider.ts'
import type { Client } from './client.ts'
import { accessHeaders } from './headers.ts'
import { isRecord } from './json.ts'
import { readMediaList } from './media-list.ts'
import { openMultipart } from './multipart.ts'

/** Uploads are not idempotent: a repeated one adds the file again (upstream-protocol.md §2.5). */
export const uploadFile = async (
  client: Client,
  access: ProviderAccess,
  sessionId: string,
  file: MediaFile,
  signal: AbortSignal,
): Promise<SessionMedia[]> => {
  const headers = accessHeaders(access)
  const form = await openMultipart(file)
  try {
    const payload = await client.call(
      {
        operation: 'upload',
        method: 'POST',
        path: uploadPath(sessionId),
        headers: { ...headers, 'content-type': form.contentType, 'content-length': String(form.sizeBytes) },
        stream: form.body,
      },
      signal,
    )
    return readUploaded(payload)
  } catch (error) {
    const cause = form.fileError()
    if (cause === null) throw error
    const message = `The file to upload could not be read: ${cause.message}`
    throw new ProviderError('storage_failed', message, { evidence: 'unknown', cause })
  } finally {
    form.close()
  }
}

/** Hands the provider a URL to fetch by itself. */
export const uploadUrl = async (
  client: Client,
  access: ProviderAccess,
  sessionId: string,
  url: string,
  signal: AbortSignal,
): Promise<SessionMedia[]> => {
  const payload = await client.call(
    {
      operation: 'upload',
      method: 'POST',
      path: uploadPath(sessionId),
      headers: accessHeaders(access),
      json: { urls: [url], source_type: 'url' },
    },
    signal,
  )
  return readUploaded(payload)
}

const uploadPath = (sessionId: string): string =>
  `/api/upload-video/nemo_agent/me/${encodeURIComponent(sessionId)}`

const readUploaded = (payload: unknown): SessionMedia[] =>
  readMediaList(isRecord(payload) && payload['files'] !== undefined ? payload['files'] : payload)
