import type { FastifyReply, FastifyRequest, HTTPMethods } from 'fastify'
import { pointerTo } from '../actions/fault.ts'
import { sendProblem } from './problem.ts'
import { refuseUnrouted } from './request-guard.ts'

/** In the place of what cannot be decoded: it leads to the route that was meant. */
const replacement = '\ufffd'

/**
 * Answers a URL that cannot be decoded, which is no text and so no value of ours, with the parameters of the path that
 * are not right. Where there is no such route whatever they are, that is what is wrong.
 */
export const refuseBadUrl = ({ url, method, server }: FastifyRequest, reply: FastifyReply): FastifyReply => {
  const [path = ''] = url.split('?')
  const parts = path.split('/').map((part) => (isDecodable(part) ? part : replacement))
  const mended = parts.join('/')
  const route = server.findRoute({ method: method as HTTPMethods, url: mended })
  if (route === null) return refuseUnrouted(server, { url: mended }, reply)
  const names = Object.entries(route.params).filter(([, value]) => value?.includes(replacement))
  return sendProblem(reply, 'invalid_request', {
    errors: names.map(([name]) => ({
      pointer: pointerTo(['path', name]),
      code: 'not_accepted',
      detail: 'must be UTF-8, percent-encoded where it has to be',
    })),
  })
}

const isDecodable = (part: string): boolean => {
  try {
    decodeURIComponent(part)
    return true
  } catch (error) {
    if (error instanceof URIError) return false
    throw error
  }
}
