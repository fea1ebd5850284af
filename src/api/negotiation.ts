import type { FastifyReply, FastifyRequest } from 'fastify'
import type { OnRequest } from './auth.ts'
import { sendProblem } from './problem.ts'

/** How much a client wants a media type: 0 for not at all, 1 at most (RFC 9110 §12.5.1). No header accepts all. */
export const preferenceFor = (accept: string | undefined, mediaType: string): number => {
  if (accept === undefined || accept.trim() === '') return 1
  const [type = ''] = mediaType.split('/')
  const ranges = accept.split(',').map(readRange)
  for (const name of [mediaType, `${type}/*`, '*/*']) {
    const range = ranges.find((candidate) => candidate.name === name)
    if (range !== undefined) return range.quality
  }
  return 0
}

const readRange = (text: string): { name: string; quality: number } => {
  const [name = '', ...parameters] = text.split(';').map((part) => part.trim().toLowerCase())
  const quality = parameters.find((parameter) => parameter.startsWith('q='))?.slice(2)
  return { name, quality: quality === undefined ? 1 : Number(quality) || 0 }
}

/** A hook for routes: refuses a client that takes none of what the route can answer. */
export const answersWith =
  (...mediaTypes: readonly string[]): OnRequest =>
  async (request: FastifyRequest, reply: FastifyReply) => {
    const { accept } = request.headers
    if (accept === undefined || mediaTypes.some((mediaType) => preferenceFor(accept, mediaType) > 0))
      return undefined
    return sendProblem(reply, 'not_acceptable', { detail: `This answers with ${mediaTypes.join(' or ')}.` })
  }

export const answersJson = answersWith('application/json', 'application/problem+json')
