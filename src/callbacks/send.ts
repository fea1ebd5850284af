import type { Clock } from '../clock.ts'
import type { Egress, EgressResponse } from '../egress/client.ts'
import type { EgressFailure } from '../egress/failure.ts'
import { excerptOf } from './excerpt.ts'
import { withoutReserved } from './headers.ts'
import { retryAfterMs } from './retry-after.ts'
import { signCallback } from './signature.ts'
import type { SigningKey } from './signing-key.ts'

const defaultTimeoutMs = 15_000
const mostAnswerBytes = 65_536

/** One callback as it is to be sent now. */
export interface CallbackCall {
  /** The event's id: the `webhook-id` of every attempt. */
  readonly id: string
  readonly url: string
  /** The stored bytes of `renderCallbackBody`. */
  readonly body: Buffer
  /** The client's own headers, as `checkCallbackHeaders` gave them. */
  readonly headers: Readonly<Record<string, string>>
  /** The current secret, then the previous ones while they overlap. */
  readonly secrets: readonly string[]
  readonly signingKeys?: readonly SigningKey[]
  readonly timeoutMs?: number
  readonly signal?: AbortSignal
}

/** How an attempt ended, with what is recorded of it. */
export type CallbackResult = CallbackEnding & {
  readonly durationMs: number
  /** Null when no answer came. */
  readonly statusCode: number | null
  /** The first KiB of the answer as text; null when no answer came. */
  readonly excerpt: string | null
}

export type CallbackEnding =
  /** 2xx. */
  | { readonly outcome: 'delivered' }
  /** 410: the receiver wants no more, ever. */
  | { readonly outcome: 'gone' }
  /** Any other status, or none. `detail` is short and safe to show. */
  | {
      readonly outcome: 'retry'
      readonly cause: 'status' | 'timeout' | 'unreachable'
      readonly detail: string
      readonly retryAfterMs: number | null
    }
  /** The target is not allowed any more. Nothing was sent. */
  | { readonly outcome: 'refused' }
  /** We stopped it ourselves; it may or may not have arrived. */
  | { readonly outcome: 'interrupted' }

/**
 * Sends one attempt and says how it ended: prepare, call, classify. The status line is the answer; a body that is
 * long, slow or broken off changes nothing. Redirects are not followed (guarantees.md §1).
 */
export const sendCallback = async (
  { egress, clock }: { egress: Egress; clock: Clock },
  call: CallbackCall,
): Promise<CallbackResult> => {
  const startedMs = clock.monotonicMs()
  const answer = await egress.request({
    url: call.url,
    method: 'POST',
    headers: headersOf(call, clock.nowMs()),
    body: call.body,
    timeoutMs: call.timeoutMs ?? defaultTimeoutMs,
    maxResponseBytes: mostAnswerBytes,
    partialBody: 'accept',
    ...(call.signal && { signal: call.signal }),
  })
  const durationMs = Math.round(clock.monotonicMs() - startedMs)
  return answer.outcome === 'response'
    ? {
        ...classifyAnswer(answer, clock.nowMs()),
        durationMs,
        statusCode: answer.statusCode,
        excerpt: excerptOf(answer.body),
      }
    : { ...classifyFailure(answer), durationMs, statusCode: null, excerpt: null }
}

/** Nothing that a client gave can replace what is ours. */
const headersOf = (call: CallbackCall, nowMs: number): Record<string, string> => ({
  'user-agent': 'Clipline',
  ...withoutReserved(call.headers),
  'content-type': 'application/json',
  ...signCallback({
    id: call.id,
    timestampS: Math.floor(nowMs / 1_000),
    body: call.body,
    secrets: call.secrets,
    signingKeys: call.signingKeys ?? [],
  }),
})

const classifyAnswer = ({ statusCode, headers }: EgressResponse, nowMs: number): CallbackEnding => {
  if (statusCode >= 200 && statusCode < 300) return { outcome: 'delivered' }
  if (statusCode === 410) return { outcome: 'gone' }
  return {
    outcome: 'retry',
    cause: 'status',
    detail: `HTTP ${statusCode}`,
    retryAfterMs: retryAfterMs(headers['retry-after'], nowMs),
  }
}

const classifyFailure = (failure: EgressFailure): CallbackEnding => {
  const retry = (cause: 'timeout' | 'unreachable', detail: string): CallbackEnding => ({
    outcome: 'retry',
    cause,
    detail,
    retryAfterMs: null,
  })
  switch (failure.outcome) {
    case 'refused':
    case 'interrupted':
      return { outcome: failure.outcome }
    case 'timeout':
      return retry('timeout', failure.during === 'connect' ? 'no connection in time' : 'no answer in time')
    case 'unreachable':
      return retry('unreachable', failure.cause)
    case 'too_large':
      return retry('unreachable', 'answer too large')
  }
}
