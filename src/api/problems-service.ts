/** Problems of the service: what it has no room for at the moment, or cannot do. */
import type { ProblemKind } from './problem-kind.ts'

export const serviceProblems = {
  rate_limited: {
    status: 429,
    title: 'Too many requests',
    isRetryable: true,
    advice:
      'Wait as long as Retry-After says. RateLimit and RateLimit-Policy say what is left and what is allowed.',
  },
  queue_full: {
    status: 429,
    title: 'The queue of the tenant is full',
    isRetryable: true,
    advice: 'Nothing was stored. Send it again when some of the queued jobs have started.',
  },
  session_full: {
    status: 429,
    title: 'The conversation has as many unfinished jobs as it may have',
    isRetryable: true,
    advice: 'Nothing was stored. Send it again when some of its 100 jobs have ended.',
  },
  failures_full: {
    status: 429,
    title: 'The intake keeps too many failed events',
    isRetryable: true,
    advice:
      'This one is not kept. Mend the mapping, then retry or delete what GET /v1/intakes/{id}/failures lists: 1,000 events or 64 MiB are kept.',
  },
  too_many_streams: {
    status: 429,
    title: 'Too many streams are open',
    isRetryable: true,
    advice:
      'Close some, or read the events as pages with ?after=. Send lines of batches in fewer streams at once.',
  },
  provider_unavailable: {
    status: 502,
    title: 'The provider gave no answer that can be used',
    isRetryable: true,
    advice:
      'Try again later. Accepted jobs wait for the provider by themselves. Where retryable is false, the provider refused the token of the account: give it another one (PUT /v1/provider-account, or NEMO_TOKEN).',
  },
  internal: {
    status: 500,
    title: 'Something went wrong inside Clipline',
    isRetryable: true,
    advice: 'Try again with the same idempotency key. If it stays, report it with the request_id.',
  },
  unavailable: {
    status: 503,
    title: 'The service cannot do this now',
    isRetryable: true,
    advice:
      'A store is away, or the service is stopping. Send the same request again, with the same idempotency key.',
  },
} as const satisfies Record<string, ProblemKind>
