import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { type LineGroup, longestStreamBytes } from '../../actions/incoming-line.ts'
import { principalOf } from '../auth.ts'
import { lingerAfter } from '../linger.ts'
import { sendProblem } from '../problem.ts'
import { readIdempotencyKey } from '../request-headers.ts'
import { invalidRequest, RequestRefusal } from '../request-refusal.ts'
import type { LineRoom } from './line-room.ts'
import { type LineFormat, lineContentTypes, lineFormatOf, readLines } from './read-lines.ts'

/** Has bodies of these formats come in as streams, which their handlers read. */
export const takeLinesAsStreams = (app: FastifyInstance, formats: readonly LineFormat[]): void => {
  for (const contentType of lineContentTypes(formats)) {
    if (app.hasContentTypeParser(contentType)) app.removeContentTypeParser(contentType)
    app.addContentTypeParser(contentType, (_request, _payload, done) => done(null))
  }
}

export interface LineRequest {
  readonly groups: AsyncIterable<LineGroup>
  /** With it, lines without a `custom_id` are known by their numbers. */
  readonly streamKey: string | null
}

/** The lines of a request. Throws `RequestRefusal` for one that can hold none. */
export const openLineRequest = (request: FastifyRequest): LineRequest => {
  const { headers } = request
  const format = lineFormatOf(headers['content-type'])
  if (format === null) throw new RequestRefusal('unsupported_content_type', {})
  const header = readIdempotencyKey(headers['idempotency-key'])
  if (header.outcome === 'invalid') throw invalidRequest([header.fault])
  if (Number(headers['content-length'] ?? 0) > longestStreamBytes)
    throw new RequestRefusal('payload_too_large', {
      detail: `A stream of lines may have ${longestStreamBytes} bytes. Send more than that in parts.`,
    })
  // The connection is still needed when reading ends early: for the answer.
  const source: AsyncIterable<Buffer> = request.raw.iterator({ destroyOnReturn: false })
  return {
    groups: readLines(source, format, longestStreamBytes),
    streamKey: header.outcome === 'given' ? header.key : null,
  }
}

/** Answers 429 while too many streams of lines are read already. */
export const withPlace = async (
  room: LineRoom,
  request: FastifyRequest,
  reply: FastifyReply,
  work: () => Promise<FastifyReply>,
): Promise<FastifyReply> => {
  const leave = room.enter(principalOf(request).tenantId)
  if (leave === null) {
    lingerAfter(reply)
    return sendProblem(reply, 'too_many_streams', {
      detail: 'Too many streams of lines come in at once.',
      retryAfterS: 5,
    })
  }
  try {
    return await work()
  } finally {
    leave()
  }
}
