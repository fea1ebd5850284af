import type { Fault } from '../actions/fault.ts'
import type { ProblemDetails } from './problem.ts'
import type { ProblemCode } from './problem-catalog.ts'

/**
 * A request that is refused before any handler sees it: by a parser or by a schema. Parsers and validators can hand an
 * error to fastify and nothing else, so this is one; the error handler answers it.
 */
export class RequestRefusal extends Error {
  override readonly name = 'RequestRefusal'
  readonly problem: ProblemCode
  readonly details: ProblemDetails

  constructor(problem: ProblemCode, details: ProblemDetails, cause?: unknown) {
    super(`the request was refused: ${problem}`, { cause })
    this.problem = problem
    this.details = details
  }
}

export const invalidRequest = (errors: readonly Fault[], cause?: unknown): RequestRefusal =>
  new RequestRefusal('invalid_request', { errors }, cause)
