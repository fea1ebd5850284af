import type { FastifyReply, FastifyRequest } from 'fastify'
import { type Answer, refuseByStatus, refuseInBody } from './answer.ts'
import { authenticate } from './authenticate.ts'
import type { Call, Route } from './call.ts'
import type { CallFaults } from './faults/faults.ts'
import { ownOrigin } from './media/media.ts'
import type { Parts } from './parts.ts'

/** What the client gets: an answer, a reset connection, or nothing for ever. */
type Ending = Answer | { readonly kind: 'reset' } | { readonly kind: 'silence' }

/**
 * One request from arrival to answer. Faults strike first; then the route works; then everything that the answer
 * rests on is brought to disk; only then is it sent, or a late fault takes its place.
 */
export const serve = async (parts: Parts, route: Route, request: FastifyRequest, reply: FastifyReply) => {
  const call = readCall(parts, route, request)
  const delayMs = call.faults.take('http.delayMs')
  if (delayMs !== null) await parts.clock.pause(delayMs)

  const strike = strikeBefore(call.faults)
  const answer = strike ?? (await work(parts, route, call))
  if (strike !== null && strike.kind !== 'refusal') noteDropped(parts, route, call)
  if (answer.kind === 'refusal') noteRefused(parts, route, call, answer.reason)
  await parts.world.settled()

  const delayAnswerMs = call.faults.take('http.delayAnswerMs')
  if (delayAnswerMs !== null) await parts.clock.pause(delayAnswerMs)
  return send(call, reply, strike === null ? (strikeAfter(call.faults) ?? answer) : answer)
}

const readCall = (parts: Parts, route: Route, request: FastifyRequest): Call => {
  const call = {
    request,
    params: request.params as Record<string, string>,
    body: request.body,
    ip: request.ip,
    origin: originOf(request),
  }
  const named = route.target?.(call) ?? {}
  const session = named.sessionId === undefined ? null : parts.world.find('sessions', named.sessionId)
  const faults = parts.faults.forCall({
    endpoint: route.endpoint,
    sessionId: session?.id ?? null,
    taskName: session?.taskName ?? named.taskName ?? null,
  })
  return { ...call, faults }
}

/** The origin by which the client reached us; a `Host` that is no host gives way to our own address. */
const originOf = ({ headers, socket }: FastifyRequest): string => {
  const { host = '' } = headers
  if (/^[\w.:[\]-]+$/.test(host)) return `http://${host}`
  const address = socket.localAddress ?? '127.0.0.1'
  return `http://${address.includes(':') ? `[${address}]` : address}:${socket.localPort}`
}

const strikeBefore = (faults: CallFaults): Ending | null => {
  if (faults.take('http.reset') === 'before') return { kind: 'reset' }
  if (faults.take('http.noAnswer') === 'before') return { kind: 'silence' }
  const rateLimit = faults.take('http.rateLimit')
  if (rateLimit !== null) {
    const { retryAfterS } = rateLimit
    return refuseByStatus(
      429,
      'too many requests',
      retryAfterS === null ? {} : { 'retry-after': String(retryAfterS) },
    )
  }
  const status = faults.take('http.status')
  if (status !== null) return refuseByStatus(status, 'the request failed')
  const code = faults.take('http.errorIn200')
  return code === null ? null : refuseInBody(code)
}

const strikeAfter = (faults: CallFaults): Ending | null => {
  if (faults.take('http.reset') === 'after') return { kind: 'reset' }
  if (faults.take('http.noAnswer') === 'after') return { kind: 'silence' }
  const status = faults.take('http.statusAfter')
  return status === null ? null : refuseByStatus(status, 'the request failed')
}

const work = async (parts: Parts, route: Route, call: Call): Promise<Answer> => {
  if (route.scope === null) return route.answer(call)
  const bearer = authenticate(parts, call, route.scope)
  if (bearer.kind === 'refusal') return bearer
  return route.answer({ ...call, token: bearer.token, account: bearer.account })
}

const noteRefused = (parts: Parts, route: Route, call: Call, reason: string): void => {
  const row = route.describe?.(call, { verdict: 'rejected', reason })
  if (row !== undefined) parts.world.commit({ ledger: [row] })
}

const noteDropped = (parts: Parts, route: Route, call: Call): void => {
  const row = route.describe?.(call, { verdict: 'dropped', reason: 'the connection was dropped by a fault' })
  if (row !== undefined) parts.world.commit({ ledger: [row] })
}

/** An upload that was refused is still read to its end: else the next request on its connection would wait for ever. */
const send = async (call: Call, reply: FastifyReply, ending: Ending): Promise<FastifyReply> => {
  call.request.raw.resume()
  switch (ending.kind) {
    case 'reset':
      reply.hijack()
      call.request.raw.socket.resetAndDestroy()
      return reply
    case 'silence':
      reply.hijack()
      return reply
    case 'takeover':
      reply.hijack()
      await ending.open(reply.raw)
      return reply
    case 'json':
      return sendJson(call, reply, ending.status, ending)
    case 'refusal': {
      const isMapped = ending.mappedStatus !== undefined && call.faults.take('errors.httpMapped') !== null
      return sendJson(call, reply, isMapped ? (ending.mappedStatus ?? ending.status) : ending.status, ending)
    }
  }
}

const sendJson = (
  call: Call,
  reply: FastifyReply,
  status: number,
  { body, headers = {} }: { readonly body: unknown; readonly headers?: Readonly<Record<string, string>> },
): FastifyReply =>
  reply
    .code(status)
    .headers(headers)
    .type('application/json; charset=utf-8')
    .send(withOrigin(JSON.stringify(body), call.origin))

/** Puts the origin that the client used into the URLs of ours. */
export const withOrigin = (text: string, origin: string): string =>
  text.replaceAll(ownOrigin, `${origin}/cdn`)
