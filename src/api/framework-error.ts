import type { FastifyError, FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { StorageError } from '../media/storage.ts'
import { isStoreAway } from '../store/store-away.ts'
import { refuseBadUrl } from './bad-url.ts'
import type { ApiLog } from './deps.ts'
import { lingerAfter } from './linger.ts'
import { sendProblem } from './problem.ts'
import type { ProblemCode } from './problem-catalog.ts'
import { RequestRefusal } from './request-refusal.ts'

/** What fastify and its plugins refuse by themselves. */
const byCode: Record<string, ProblemCode> = {
  FST_ERR_CTP_BODY_TOO_LARGE: 'payload_too_large',
  FST_ERR_CTP_INVALID_MEDIA_TYPE: 'unsupported_content_type',
  // Longer than any id of ours.
  FST_ERR_MAX_PARAM_LENGTH: 'not_found',
  FST_ERR_NOT_FOUND: 'not_found',
}

const byStatus: Record<number, ProblemCode> = {
  404: 'not_found',
  405: 'method_not_allowed',
  406: 'not_acceptable',
  408: 'request_timeout',
  411: 'length_required',
  413: 'payload_too_large',
  415: 'unsupported_content_type',
  431: 'headers_too_large',
}

const retryAfterS = 2

const databaseIsAway = 'The database is away, or did not answer in time.'
/** A statement that was cut off may be carried out yet. */
const fateUnknown =
  'Nothing is half done, but it may have been done: with an Idempotency-Key it is safe to ask again.'

const isReading = ({ method }: FastifyRequest): boolean => method === 'GET' || method === 'HEAD'

/** Answers whatever was thrown on the way to an answer. Only what is meant for clients reaches them. */
export const createErrorHandler =
  (log: ApiLog) =>
  (error: FastifyError | Error, request: FastifyRequest, reply: FastifyReply): FastifyReply => {
    lingerAfter(reply)
    // Nobody is there to read an answer; the connection closed in the middle of the request.
    if (request.raw.destroyed && !request.raw.complete) return sendProblem(reply, 'request_timeout')
    if (error instanceof RequestRefusal) return sendProblem(reply, error.problem, error.details)
    if (isStoreAway(error)) {
      log.warn({ err: error, requestId: request.id }, 'the store is away')
      return sendProblem(reply, 'unavailable', {
        retryAfterS,
        detail: isReading(request) ? databaseIsAway : `${databaseIsAway} ${fateUnknown}`,
      })
    }
    if (error instanceof StorageError && (error.code === 'unavailable' || error.code === 'no_space')) {
      log.warn({ err: error, requestId: request.id }, 'the storage is away')
      return sendProblem(reply, 'unavailable', {
        retryAfterS,
        detail: 'The storage of files is away; nothing is half done.',
      })
    }
    if ('code' in error && error.code === 'FST_ERR_BAD_URL') return refuseBadUrl(request, reply)
    const refusal = refusalOf(error)
    if (refusal === 'unsupported_content_type')
      return sendProblem(reply, refusal, { detail: acceptedBy(request.server) })
    if (refusal !== null) return sendProblem(reply, refusal)
    log.error({ err: error, requestId: request.id, route: request.routeOptions.url }, 'a request failed')
    return sendProblem(reply, 'internal')
  }

const refusalOf = (error: FastifyError | Error): ProblemCode | null => {
  const code = 'code' in error ? byCode[error.code] : undefined
  if (code !== undefined) return code
  const status = 'statusCode' in error ? error.statusCode : undefined
  if (status === undefined || status < 400 || status > 499) return null
  return byStatus[status] ?? 'invalid_request'
}

const bodyTypes = ['application/json', 'application/x-ndjson', 'text/csv', 'application/offset+octet-stream']

/** Says what the routes beside the one that was asked take. */
const acceptedBy = (app: FastifyInstance): string =>
  `Bodies are taken here as ${bodyTypes.filter((type) => app.hasContentTypeParser(type)).join(', ')}.`
