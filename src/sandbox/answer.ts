import type { ServerResponse } from 'node:http'

/** What a route says to a call. */
export type Answer = JsonAnswer | TakeoverAnswer | Refusal

interface JsonAnswer {
  readonly kind: 'json'
  readonly status: number
  readonly body: unknown
  readonly headers?: Readonly<Record<string, string>>
}

/** The route writes the response itself: streams and files. */
export interface TakeoverAnswer {
  readonly kind: 'takeover'
  readonly open: (response: ServerResponse) => void | Promise<void>
}

/** An answer that says no. Nothing was done; the ledger notes the reason. */
export interface Refusal extends Omit<JsonAnswer, 'kind'> {
  readonly kind: 'refusal'
  readonly reason: string
  /** The status instead of 200 when errors are mapped to HTTP. */
  readonly mappedStatus?: number
}

export const json = (body: unknown, status = 200): JsonAnswer => ({ kind: 'json', status, body })

/** The business envelope. */
export const success = (payload: unknown): JsonAnswer => json({ code: 0, data: payload })

/** The codes that travel in the body of an HTTP 200 (upstream-protocol.md §5). */
const bodyCodes = {
  1001: { message: 'token is invalid or expired', mappedStatus: 401 },
  1002: { message: 'session not found', mappedStatus: 404 },
  2001: { message: 'credits are exhausted', mappedStatus: 402 },
  4001: { message: 'file type is not supported', mappedStatus: 415 },
  4002: { message: 'file is too large', mappedStatus: 413 },
} as const

export const refuseByCode = (code: keyof typeof bodyCodes): Refusal => {
  const { message, mappedStatus } = bodyCodes[code]
  return { kind: 'refusal', status: 200, mappedStatus, reason: String(code), body: { code, message } }
}

/** An error code other than those above in the body of an HTTP 200. */
export const refuseInBody = (code: number): Refusal =>
  code in bodyCodes
    ? refuseByCode(code as keyof typeof bodyCodes)
    : { kind: 'refusal', status: 200, reason: String(code), body: { code, message: 'the request failed' } }

/** The errors that are HTTP statuses carry the same number as code. */
export const refuseByStatus = (
  status: number,
  message: string,
  headers: Record<string, string> = {},
): Refusal => ({
  kind: 'refusal',
  status,
  reason: String(status),
  body: { code: status, message },
  headers,
})

/** The render envelope's error. */
export const refuseRender = (status: number, error: string): Refusal => ({
  kind: 'refusal',
  status,
  reason: error,
  body: { success: false, error },
})
