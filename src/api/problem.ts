import type { FastifyReply } from 'fastify'
import type { Fault } from '../actions/fault.ts'
import { type ProblemCode, problemCatalog } from './problem-catalog.ts'

/** The body of every error (RFC 9457, api.md §0). */
export interface ProblemBody {
  readonly type: string
  readonly title: string
  readonly status: number
  readonly detail: string
  readonly instance: string
  readonly code: ProblemCode
  readonly retryable: boolean
  readonly request_id: string
  readonly errors: readonly Fault[]
}

export interface ProblemDetails {
  /** What happened this time; the title of the code when left out. Never a secret, never a name of a host of ours. */
  readonly detail?: string
  readonly errors?: readonly Fault[]
  /** Only where a code is answered with more than one status. */
  readonly status?: number
  /** Only where it is another than that of the code. */
  readonly isRetryable?: boolean
  readonly retryAfterS?: number
}

export const problemType = 'application/problem+json'

/** Under this name the server keeps the URL that the world knows it by. */
export const publicUrlDecorator = 'publicUrl'

export const toProblem = (
  code: ProblemCode,
  { publicUrl, requestId }: { readonly publicUrl: string; readonly requestId: string },
  { detail, errors = [], status, isRetryable }: ProblemDetails = {},
): ProblemBody => {
  const kind = problemCatalog[code]
  return {
    type: `${publicUrl}/docs/problems/${code}`,
    title: kind.title,
    status: status ?? kind.status,
    detail: detail ?? (errors.length > 0 ? inOneSentence(errors) : `${kind.title}.`),
    instance: `urn:request:${requestId}`,
    code,
    retryable: isRetryable ?? kind.isRetryable,
    request_id: requestId,
    errors,
  }
}

/** Answers with a problem. Headers that were set before stay, so a caller may set `Allow` and its like first. */
export const sendProblem = (
  reply: FastifyReply,
  code: ProblemCode,
  details: ProblemDetails = {},
): FastifyReply => {
  const publicUrl = reply.server.getDecorator<string>(publicUrlDecorator)
  const body = toProblem(code, { publicUrl, requestId: reply.request.id }, details)
  const challenge = challenges[code]
  if (challenge !== undefined && !reply.hasHeader('www-authenticate'))
    reply.header('www-authenticate', challenge)
  if (details.retryAfterS !== undefined) reply.header('retry-after', String(details.retryAfterS))
  return reply
    .code(body.status)
    .header('content-type', problemType)
    .header('cache-control', 'no-store')
    .serializer(JSON.stringify)
    .send(body)
}

/** Every 401 says how to get in (RFC 9110 §11.6.1). */
const challenges: Partial<Record<ProblemCode, string>> = {
  unauthorized: 'Bearer realm="clipline"',
  invalid_token: 'Bearer realm="clipline", error="invalid_token"',
  invalid_signature: 'Signature realm="clipline"',
}

const longestDetail = 600

const inOneSentence = (errors: readonly Fault[]): string => {
  const sentence = errors
    .map(({ pointer, detail }) => `${pointer === '' ? 'The body' : pointer} ${detail}`)
    .join('; ')
  if (sentence.length > longestDetail) return `${sentence.slice(0, longestDetail)}…`
  return sentence.endsWith('.') ? sentence : `${sentence}.`
}
