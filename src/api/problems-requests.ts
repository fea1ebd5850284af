/** Problems with the request itself: how it is written, who sends it, and whether it was sent before. */
import type { ProblemKind } from './problem-kind.ts'

export const requestProblems = {
  invalid_request: {
    status: 400,
    title: 'The request cannot be read or does not fit the schema',
    isRetryable: false,
    advice:
      'Every bad field is named in errors, with what is accepted there. Correct them all and send it again.',
  },
  unauthorized: {
    status: 401,
    title: 'A valid API key is required',
    isRetryable: false,
    advice: 'Send Authorization: Bearer clk_… with a key that is neither expired nor revoked.',
  },
  invalid_token: {
    status: 401,
    title: 'The token in the URL is not valid',
    isRetryable: false,
    advice: 'It is forged, cut off, over, or for something else. Ask whoever gave it to you for another one.',
  },
  forbidden: {
    status: 403,
    title: 'The API key lacks the scope for this',
    isRetryable: false,
    advice:
      'The WWW-Authenticate header names the scope. Use a key that has it; a key can grant only scopes it has.',
  },
  not_found: {
    status: 404,
    title: 'There is nothing here',
    isRetryable: false,
    advice: 'Check the path and the id. What belongs to another tenant is not found either.',
  },
  method_not_allowed: {
    status: 405,
    title: 'The method is not allowed here',
    isRetryable: false,
    advice: 'The Allow header lists the methods of this path.',
  },
  not_acceptable: {
    status: 406,
    title: 'Nothing here can be answered in an accepted type',
    isRetryable: false,
    advice: 'Accept application/json, or text/event-stream for events.',
  },
  request_timeout: {
    status: 408,
    title: 'The request came too slowly',
    isRetryable: true,
    advice: 'Send it again over a faster connection: at least 1 kB/s.',
  },
  idempotency_in_flight: {
    status: 409,
    title: 'A request with this idempotency key is under way',
    isRetryable: true,
    advice:
      'Wait as long as Retry-After says, then send the same request again: it answers what the first one made.',
  },
  length_required: {
    status: 411,
    title: 'The length of the body is required',
    isRetryable: false,
    advice: 'Send Content-Length, or a chunked body.',
  },
  payload_too_large: {
    status: 413,
    title: 'The body is too large',
    isRetryable: false,
    advice: 'A JSON body may have 1 MiB. Larger things are uploads or batches, which are streams.',
  },
  expectation_failed: {
    status: 417,
    title: 'The expectation cannot be met',
    isRetryable: false,
    advice: 'Of the Expect header, 100-continue alone is understood. Leave it out, or send that.',
  },
  unsupported_content_type: {
    status: 415,
    title: 'This type of body is not accepted here',
    isRetryable: false,
    advice: 'JSON routes take application/json without a content encoding.',
  },
  not_supported: {
    status: 422,
    title: 'This is not supported',
    isRetryable: false,
    advice:
      'The field is part of the contract, but this deployment cannot honor it. It is never ignored silently.',
  },
  out_of_range: {
    status: 422,
    title: 'A value is outside of what is possible',
    isRetryable: false,
    advice: 'The errors say which value and what is possible.',
  },
  idempotency_key_reused: {
    status: 422,
    title: 'The idempotency key was used with another body',
    isRetryable: false,
    advice: 'A key stands for one request for 24 hours. Use a new key for a new request.',
  },
  headers_too_large: {
    status: 431,
    title: 'The headers are too large',
    isRetryable: false,
    advice: 'All headers together may have 16 KiB.',
  },
} as const satisfies Record<string, ProblemKind>
