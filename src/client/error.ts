import type { Problem } from './shapes.ts'

/** The code of a problem (docs/errors.md), or what is wrong when no problem was answered at all. */
export type ErrorCode =
  | Problem['code']
  /** No answer came: the service is down, or the connection broke. */
  | 'unreachable'
  /** What came is no answer of Clipline's, such as the page of a proxy. */
  | 'unexpected_answer'

export interface CliplineErrorDetails {
  readonly status?: number
  readonly problem?: Problem | null
  readonly retryAfterMs?: number | null
  readonly cause?: unknown
}

/** A call that did not do what it was asked for. Branch on `code`; `message` is for people. */
export class CliplineError extends Error {
  override readonly name = 'CliplineError'
  readonly code: ErrorCode
  /** The HTTP status; null when no answer came. */
  readonly status: number | null
  /** May the very same call succeed later? */
  readonly retryable: boolean
  /** Every field that is wrong, by JSON pointer. */
  readonly errors: Problem['errors']
  /** Names the request in the logs of the service. */
  readonly requestId: string | null
  /** The whole problem document (RFC 9457); null when none came. */
  readonly problem: Problem | null
  /** How long the service asks to wait before the next try; null when it does not say. */
  readonly retryAfterMs: number | null

  constructor(code: ErrorCode, message: string, details: CliplineErrorDetails = {}) {
    super(message, details.cause === undefined ? undefined : { cause: details.cause })
    const { status = null, problem = null, retryAfterMs = null } = details
    this.code = code
    this.status = status
    this.problem = problem
    this.retryable = problem?.retryable ?? isPassing(status)
    this.errors = problem?.errors ?? []
    this.requestId = problem?.request_id ?? null
    this.retryAfterMs = retryAfterMs
  }
}

/** Without a problem that says so: what a proxy answers for a service that is away, and no answer at all. */
const isPassing = (status: number | null): boolean =>
  status === null || status === 429 || (status >= 502 && status <= 504)

/** The error for an answer that is not a success; reads its body. */
export const toCliplineError = async (response: Response): Promise<CliplineError> => {
  const text = await response.text().catch(() => '')
  return errorOf(response, text)
}

/** The error for an answer whose body is at hand, as text or as the JSON that was in it. */
export const errorOf = (response: Response, body: unknown): CliplineError => {
  const { status } = response
  const retryAfterMs = readRetryAfter(response.headers)
  const problem = findProblem(body)
  if (problem === null)
    return new CliplineError('unexpected_answer', `the service answered with status ${status}`, {
      status,
      retryAfterMs,
    })
  return new CliplineError(problem.code, wordsOf(problem), {
    status,
    problem,
    retryAfterMs,
  })
}

/** The detail of many a problem says no more than its title. */
const wordsOf = ({ title, detail }: Problem): string => {
  const isSame = detail === undefined || detail.replace(/\.$/, '') === title.replace(/\.$/, '')
  return isSame ? (detail ?? title) : `${title}: ${detail}`
}

const findProblem = (body: unknown): Problem | null => {
  const parsed = typeof body === 'string' ? parseJson(body) : body
  const isProblem = typeof parsed === 'object' && parsed !== null && 'code' in parsed && 'title' in parsed
  return isProblem ? (parsed as Problem) : null
}

const parseJson = (text: string): unknown => {
  try {
    return JSON.parse(text)
  } catch (error) {
    if (error instanceof SyntaxError) return null
    throw error
  }
}

/** `Retry-After` in milliseconds, when it is given in seconds, as Clipline does. */
export const readRetryAfter = (headers: Headers): number | null => {
  const value = headers.get('retry-after') ?? ''
  return /^\d{1,9}$/.test(value) ? Number(value) * 1_000 : null
}
