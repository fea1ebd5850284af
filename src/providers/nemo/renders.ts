import { type ProviderAccess, ProviderError, type RenderRequest, type RenderStatus } from '../provider.ts'
import type { Client, Reply } from './client.ts'
import { type OpenedError, operations, toProviderError, unreadableAnswer } from './errors.ts'
import { accessHeaders } from './headers.ts'
import { isRecord } from './json.ts'
import { redact } from './redact.ts'
import { findRenderStatus } from './render-status.ts'

/** The error body for an unknown id is not documented; these are words for it. */
const saysUnknown = /\bnot\s*found\b|\bno such\b|\bunknown\b|\bdoes\s*n[o']t exist\b|不存在|未找到/i

/**
 * Upstream-protocol.md §2.8. The draft goes out as it came in. Free of credits, and safe to repeat: the id is ours.
 * How a duplicate id is refused is not documented, so an unclear refusal is decided by whether the render is there.
 */
export const submitRender = async (
  client: Client,
  baseUrl: URL,
  access: ProviderAccess,
  { renderId, sessionId, draft, output }: RenderRequest,
  signal: AbortSignal,
): Promise<{ readonly outcome: 'submitted' | 'duplicate' }> => {
  const reply = await client.ask(
    {
      operation: 'renderSubmit',
      method: 'POST',
      path: '/api/render/proxy/lambda',
      headers: accessHeaders(access),
      json: { id: renderId, sessionId, draft, output },
    },
    signal,
  )
  if (reply.opened.isOk) return { outcome: 'submitted' }
  const isConflict = reply.httpStatus === 409 || reply.opened.code === 409
  const error = isConflict
    ? busyError(reply, reply.opened, access)
    : toProviderError({ ...reply, operation: 'renderSubmit', opened: reply.opened, secret: access.token })
  if (!isConflict && error.code !== 'provider_rejected') throw error
  const { status } = await readRender(client, baseUrl, access, renderId, signal)
  if (status === 'unknown') throw error
  return { outcome: 'duplicate' }
}

/** A conflict that is not about our id is about the one active export of a session, and passes. */
const busyError = (
  { httpStatus, retryAfterMs }: Reply,
  { code, message }: OpenedError,
  { token }: ProviderAccess,
): ProviderError =>
  new ProviderError(
    'provider_unavailable',
    `NemoVideo, ${operations.renderSubmit}: it conflicts with another one: “${redact(message ?? '', token)}”`,
    { evidence: 'rejected', httpStatus, providerCode: code, retryAfterMs },
  )

/** Upstream-protocol.md §2.9. `baseUrl` completes relative URLs. */
export const readRender = async (
  client: Client,
  baseUrl: URL,
  access: ProviderAccess,
  renderId: string,
  signal: AbortSignal,
): Promise<RenderStatus> => {
  const path = `/api/render/proxy/lambda/${encodeURIComponent(renderId)}`
  const headers = accessHeaders(access)
  const reply = await client.ask({ operation: 'renderPoll', method: 'GET', path, headers }, signal)
  const { opened } = reply
  if (!opened.isOk) return fromError(reply, opened, baseUrl, access)
  const status = findRenderStatus(opened.payload, baseUrl)
  if (status === null) throw unreadableAnswer('renderPoll', 'the answer holds no status')
  return quoted(status, access)
}

/** Unknown ids, failures that are told as an error, and calls that failed all come as error answers. */
const fromError = (reply: Reply, opened: OpenedError, baseUrl: URL, access: ProviderAccess): RenderStatus => {
  const { httpStatus } = reply
  const error = toProviderError({ ...reply, operation: 'renderPoll', opened, secret: access.token })
  if (error.code !== 'provider_rejected') throw error
  if (httpStatus === 404 || opened.code === 404 || saysUnknown.test(opened.message ?? ''))
    return { status: 'unknown' }
  const isSuccess = httpStatus >= 200 && httpStatus <= 299
  if (!isSuccess || opened.code !== null) throw error
  const status = isRecord(opened.payload) ? findRenderStatus(opened.payload, baseUrl) : null
  if (status?.status === 'failed' || status?.status === 'canceled') return quoted(status, access)
  return quoted(
    { status: 'failed', reason: opened.message ?? 'the render service reported no success' },
    access,
  )
}

const quoted = (status: RenderStatus, access: ProviderAccess): RenderStatus =>
  'reason' in status ? { ...status, reason: redact(status.reason, access.token) } : status

/** Upstream-protocol.md §2.11, whose answer is not documented: any 2xx without an error code will do. */
export const cancelRender = async (
  client: Client,
  access: ProviderAccess,
  renderId: string,
  signal: AbortSignal,
): Promise<void> => {
  const path = `/api/render/proxy/lambda/${encodeURIComponent(renderId)}/cancel`
  const headers = accessHeaders(access)
  const reply = await client.ask({ operation: 'renderCancel', method: 'POST', path, headers }, signal)
  const { httpStatus, opened } = reply
  if (opened.isOk || (!opened.isJson && httpStatus <= 299)) return
  throw toProviderError({ ...reply, operation: 'renderCancel', opened, secret: access.token })
}
