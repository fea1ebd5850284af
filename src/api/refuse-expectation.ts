import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Clock } from '../clock.ts'
import { problemType, toProblem } from './problem.ts'
import { problemCatalog } from './problem-catalog.ts'
import { toRequestId } from './request-guard.ts'

/** Answers an `Expect` that means nothing to us (RFC 9110 §10.1.1). Node would do so without a body. */
export const createExpectationHandler =
  ({ publicUrl, clock }: { readonly publicUrl: string; readonly clock: Clock }) =>
  ({ headers }: IncomingMessage, response: ServerResponse): void => {
    const requestId = toRequestId(headers['x-request-id'], clock.nowMs())
    const body = JSON.stringify(toProblem('expectation_failed', { publicUrl, requestId }))
    response
      .writeHead(problemCatalog.expectation_failed.status, {
        'content-type': problemType,
        'content-length': Buffer.byteLength(body),
        'x-request-id': requestId,
        'cache-control': 'no-store',
        // Whether a body follows, nobody can say.
        connection: 'close',
      })
      .end(body)
  }
