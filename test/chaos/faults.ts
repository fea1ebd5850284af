/** The provider's misbehavior, by probability and endpoint. */
import type { SandboxFault } from '../../src/cli/prove/provider-ledger.ts'

const safeEndpoints = [
  'create_session',
  'balance',
  'state',
  'render_submit',
  'render_poll',
  'render_download',
  'cdn_render',
] as const

const at = (endpoint: string, probability: number, set: Readonly<Record<string, unknown>>): SandboxFault => ({
  set,
  endpoint,
  probability,
})

/** One call in five goes wrong, in mixed ways. Of two faults that strike one call, the first thing to happen counts. */
export const oneInFive: readonly SandboxFault[] = [
  ...safeEndpoints.flatMap((endpoint) => [
    at(endpoint, 0.06, { 'http.status': 503 }),
    at(endpoint, 0.05, { 'http.reset': 'before' }),
    at(endpoint, 0.04, { 'http.errorIn200': 500 }),
    at(endpoint, 0.03, { 'http.statusAfter': 502 }),
    at(endpoint, 0.03, { 'http.reset': 'after' }),
  ]),
  // A message: a complete answer of an error, nothing done or everything done.
  at('run_sse', 0.08, { 'http.status': 503 }),
  at('run_sse', 0.05, { 'http.statusAfter': 500 }),
  at('run_sse', 0.03, { 'http.errorIn200': 500 }),
  at('run_sse', 0.05, { 'stream.cutAfterFrames': 2 }),
  at('balance', 0.002, { 'http.rateLimit': { retryAfterS: null } }),
]
