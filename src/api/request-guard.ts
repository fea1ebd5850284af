/** What holds for every request, before its route has a say (guarantees.md §4.4, §5.3). */
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { uuidv7 } from '../job/ids.ts'
import { sendProblem } from './problem.ts'
import { countParameters, maxParameters } from './query-string.ts'
import { readRequestId } from './request-headers.ts'

const drainRetryAfterS = 5

/** Headers of every answer. Nothing of ours is to be framed, sniffed or kept by a cache. */
const securityHeaders = {
  'x-content-type-options': 'nosniff',
  'cache-control': 'no-store',
  'content-security-policy': "default-src 'none'; frame-ancestors 'none'",
  'referrer-policy': 'no-referrer',
  'cross-origin-resource-policy': 'same-origin',
}

const strictTransport = { 'strict-transport-security': 'max-age=31536000' }

export const toRequestId = (header: string | string[] | undefined, nowMs: number): string =>
  readRequestId(header) ?? `req_${uuidv7(nowMs)}`

/** Registers the hooks. `isClosing` turns true when the server stops taking new work. */
export const guardRequests = (
  app: FastifyInstance,
  { publicUrl, isClosing }: { readonly publicUrl: string; readonly isClosing: () => boolean },
): void => {
  const headers = publicUrl.startsWith('https:')
    ? { ...securityHeaders, ...strictTransport }
    : securityHeaders
  app.addHook('onRequest', (request, reply, done) => {
    reply.headers(headers)
    reply.header('x-request-id', request.id)
    const refusal = refuse(app, request, reply, isClosing())
    if (refusal === null) done()
  })
}

/** For what the stop has kept from being answered, or from being begun. */
export const refuseWhileStopping = (reply: FastifyReply): FastifyReply =>
  sendProblem(reply.header('connection', 'close'), 'unavailable', {
    detail: 'The service is stopping.',
    retryAfterS: drainRetryAfterS,
  })

/** Null when the request may go on. */
const refuse = (
  app: FastifyInstance,
  request: FastifyRequest,
  reply: FastifyReply,
  isClosing: boolean,
): FastifyReply | null => {
  if (isClosing) return refuseWhileStopping(reply)
  if (request.headers.host === undefined && request.raw.httpVersion === '1.1') return refuseHostless(reply)
  if (request.is404) return refuseUnrouted(app, request, reply)
  if (request.url.includes('%00')) return refuseNul(request, reply)
  if (countParameters(request.url) > maxParameters) return refuseParameters(reply)
  const encoding = request.headers['content-encoding']
  if (encoding === undefined || encoding === 'identity') return null
  return sendProblem(reply, 'unsupported_content_type', {
    detail: 'Bodies are taken without a content encoding.',
  })
}

/** RFC 9112 §3.2: without a host nobody can say what was meant; the rest of the connection is as suspect. */
const refuseHostless = (reply: FastifyReply): FastifyReply => {
  reply.header('connection', 'close')
  const errors = [{ pointer: '/headers/host', code: 'missing', detail: 'is required' }]
  return sendProblem(reply, 'invalid_request', { errors })
}

/** No id and no value of ours holds a NUL, and no text of the database can. */
const refuseNul = ({ url }: FastifyRequest, reply: FastifyReply): FastifyReply => {
  const [path = ''] = url.split('?')
  if (path.includes('%00')) return sendProblem(reply, 'not_found')
  const errors = [{ pointer: '/query', code: 'not_accepted', detail: 'must not hold NUL characters' }]
  return sendProblem(reply, 'invalid_request', { errors })
}

/** A filter that was left unread would let through what it was to keep out. */
const refuseParameters = (reply: FastifyReply): FastifyReply => {
  const detail = `must have at most ${maxParameters} parameters`
  return sendProblem(reply, 'invalid_request', {
    errors: [{ pointer: '/query', code: 'out_of_range', detail }],
  })
}

const methods = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE'] as const

/** A path that exists for other methods is 405, any other 404. */
export const refuseUnrouted = (
  app: FastifyInstance,
  request: Pick<FastifyRequest, 'url'>,
  reply: FastifyReply,
): FastifyReply => {
  const [path = '/'] = request.url.split('?')
  const allowed = methods.filter((method) => app.findRoute({ method, url: path }) !== null)
  if (allowed.length === 0) return sendProblem(reply, 'not_found', { detail: 'There is no such path.' })
  reply.header('allow', allowed.join(', '))
  return sendProblem(reply, 'method_not_allowed', { detail: `Allowed here: ${allowed.join(', ')}.` })
}
