/** The provider's misbehavior, by probability and endpoint. */
import type { SandboxFault } from '../../src/cli/prove/provider-ledger.ts'

/** Calls that may be made any number of times. */
const safeEndpoints = [
  'create_session',
  'balance',
  'state',
  'render_submit',
  'render_poll',
  'render_download',
  'cdn_render',
] as const

export const at = (
  endpoint: string,
  probability: number,
  set: Readonly<Record<string, unknown>>,
): SandboxFault => ({
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

/** Longer than a message may be silent in the runs' settings. */
const beyondPatienceMs = 7_000

/** Answers that do not tell what was done: charged and an error, charged and silence, broken and lying streams. */
export const lies: readonly SandboxFault[] = [
  at('run_sse', 0.03, { 'http.statusAfter': 500 }),
  at('run_sse', 0.03, { 'http.noAnswer': 'after' }),
  at('run_sse', 0.01, { 'http.delayMs': beyondPatienceMs }),
  at('run_sse', 0.05, { 'http.errorIn200': 500 }),
  at('run_sse', 0.2, { 'turn.lateMs': 30 }),
  at('run_sse', 0.1, { 'stream.cutAfterFrames': 1 }),
  at('run_sse', 0.03, { 'stream.halfOpenAfterFrames': 1 }),
  at('run_sse', 0.03, { 'stream.garbled': true }),
  at('run_sse', 0.05, { 'stream.duplicateFrames': true }),
  at('run_sse', 0.05, { 'stream.noClose': true }),
  at('run_sse', 0.05, { 'stream.trailingNoise': true }),
  at('run_sse', 0.5, { 'stream.heartbeat': 'mixed' }),
  ...safeEndpoints.map((endpoint) => at(endpoint, 0.05, { 'http.errorIn200': 500 })),
  at('cdn_render', 0.05, { 'download.mode': 'truncated' }),
  at('cdn_render', 0.02, { 'download.mode': 'html' }),
  at('render_poll', 0.05, { 'render.completedNoUrl': true }),
  at('render_submit', 0.05, { 'render.duplicate': 'errorIn200' }),
]

/** Every turn ends when its client is gone, as with an unmodified ADK server. */
export const cancelOnDrop: readonly SandboxFault[] = [{ set: { 'stream.cancelOnDrop': true } }]
