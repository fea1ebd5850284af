import type { StageOutcome } from '../job/outcome.ts'
import type { Provider, ProviderCall } from '../providers/provider.ts'
import type { AttemptCall, AttemptCalls } from '../store/writer.ts'

/** A stage that is well makes a handful; one with twenty inputs makes more. */
const mostCalls = 20

export interface ObservedAttempt {
  /** Null when the attempt was interrupted and said nothing that could be recorded. */
  readonly outcome: StageOutcome | null
  readonly calls: AttemptCalls
}

/** Runs an attempt and keeps what it says to the provider, as far as the provider tells. */
export const observeAttempt = async (
  provider: Pick<Provider, 'observeCalls'>,
  startedMs: number,
  attempt: () => Promise<StageOutcome | null>,
): Promise<ObservedAttempt> => {
  const calls: AttemptCall[] = []
  let omitted = 0
  const onCall = (call: ProviderCall): void => {
    if (calls.length < mostCalls) calls.push(toAttemptCall(call, startedMs))
    else omitted += 1
  }
  const outcome = await provider.observeCalls(onCall, attempt)
  return { outcome, calls: { calls, omitted } }
}

const toAttemptCall = (
  { operation, method, path, startedMs, ms, request, response, error }: ProviderCall,
  attemptStartedMs: number,
): AttemptCall => ({
  operation,
  method,
  path,
  at_ms: Math.round(startedMs - attemptStartedMs),
  ms: Math.round(ms),
  request: toPart(request),
  response: response && { status: response.status, ...toPart(response) },
  error,
})

const toPart = ({ contentType, sizeBytes, body }: ProviderCall['request']) => ({
  content_type: contentType,
  size_bytes: sizeBytes,
  body,
})
