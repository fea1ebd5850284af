/** How a call out may end without an answer. Expected, therefore values (style.md §2). */
export type EgressFailure =
  /** The target, or a target that it redirects to, is not allowed. No connection was made to it. */
  | { outcome: 'refused' }
  /** The time for connecting, for the next bytes, or for the whole call ran out. */
  | { outcome: 'timeout'; during: 'connect' | 'answer' }
  /** No usable answer: name, connection, TLS or HTTP failed. `cause` is a short code such as `ECONNREFUSED`. */
  | { outcome: 'unreachable'; cause: string }
  /** The answer is larger than the caller takes, on the wire or decoded. */
  | { outcome: 'too_large'; limitBytes: number }
  /** The caller's own signal fired. */
  | { outcome: 'interrupted' }

/** A failure on its way through a stream or an abort signal, where values cannot go. Bodies are destroyed with it. */
export class EgressError extends Error {
  override readonly name = 'EgressError'
  readonly failure: EgressFailure

  constructor(failure: EgressFailure, options?: ErrorOptions) {
    super(`The call ended: ${failure.outcome}`, options)
    this.failure = failure
  }
}

const timeoutCodes: Readonly<Record<string, 'connect' | 'answer'>> = {
  UND_ERR_CONNECT_TIMEOUT: 'connect',
  ETIMEDOUT: 'connect',
  UND_ERR_HEADERS_TIMEOUT: 'answer',
  UND_ERR_BODY_TIMEOUT: 'answer',
}

/** Names what undici, the socket or a decoder threw. Only the error's code is kept: messages hold addresses. */
export const failureOf = (error: unknown): EgressFailure => {
  if (error instanceof EgressError) return error.failure
  const code = codeOf(error)
  const during = timeoutCodes[code]
  return during === undefined ? { outcome: 'unreachable', cause: code } : { outcome: 'timeout', during }
}

const codeOf = (error: unknown): string => {
  if (!(error instanceof Error)) return 'unknown'
  return 'code' in error && typeof error.code === 'string' ? error.code : error.name
}
