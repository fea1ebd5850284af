import { type ProviderAccess, ProviderError, type RenderRequest, type RenderStatus } from '../provider.ts'
import type { Client, Reply } from './client.ts'
import { type OpenedError, operations, toProviderError, unreadableAnswer } from './errors.ts'
import { accessHeaders } from './headers.ts'
import { isRecord } from './json.ts'
import { redact } from './redact.ts'
import { findRenderStatus } from './render-status.ts'

/** The error bodies of the render service are not documented; these are the words for their three cases. */
const saysDuplicate = /\bduplicat|\balready\s+(?:been\s+)?(?:exist|used|taken|submitted|in use)|已存在|重复/i
const saysBusy = /\b(?:another|active|concurrent|in progress|busy|running)\b|正在/i
const saysUnknown = /\bnot\s*found\b|\bno such\b|\bunknown\b|\bdoes\s*n[o']t exist\b|不存在|未找到/i

/** Upstream-protocol.md §2.8. The draft goes out as it came in. Free of credits, and safe to repeat: the id is ours. */
export const submitRender = async (
  client: Client,
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
  if (isDuplicate(reply, reply.opened)) return { outcome: 'duplicate' }
  if (reply.httpStatus === 409 || isCode(reply.opened, 409)) throw busyError(reply, reply.opened, access)
  throw toProviderError({ ...reply, operation: 'renderSubmit', opened: reply.opened, secret: access.token })
}

const isCode = ({ code }: OpenedError, status: number): boolean => code === status

/** A conflict that speaks of another export is about the one active export of a session, not about our id. */
const isDuplicate = ({ httpStatus }: Reply, opened: OpenedError): boolean => {
  if (httpStatus >= 500) return false
  const message = opened.message ?? ''
  if (saysDuplicate.test(message)) return true
  return (httpStatus === 409 || isCode(opened, 409)) && !saysBusy.test(message)
}

const busyError = (
  { httpStatus, retryAfterMs }: Reply,
  opened: OpenedError,
  access: ProviderAccess,
): ProviderError =>
  new ProviderError(
    'provider_unavailable',
    `NemoVideo, ${operations.renderSubmit}: another export is active: “${redact(opened.message ?? '', access.token)}”`,
    { evidence: 'rejected', httpStatus, providerCode: opened.code, retryAfterMs },
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
  if (httpStatus === 404 || isCode(opened, 404) || saysUnknown.test(opened.message ?? ''))
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
