import { z } from 'zod'
import { dialects } from '../stream/dialects.ts'
import { errorFrames } from '../stream/error-frames.ts'
import { heartbeatSpellings } from '../stream/heartbeats.ts'

const status = z.number().int().min(400).max(599)
const milliseconds = z.number().min(0).max(86_400_000)
const frames = z.number().int().min(0).max(1000)
const on = z.literal(true)

/**
 * Every way in which the sandbox can misbehave, and what each switch takes (upstream-protocol.md Appendix A and
 * guarantees.md §3.4). `http.*` may hit any endpoint of the protocol; the others belong to the one they are named for.
 */
export const switches = {
  /** Answers this HTTP status with the same number as code; nothing is done. */
  'http.status': status,
  /** Does the work, then answers this status: charged-then-500. */
  'http.statusAfter': status,
  /** Answers HTTP 200 with this code in the body; nothing is done. */
  'http.errorIn200': z.number().int().min(1).max(9999),
  /** Answers 429, with `Retry-After` unless it is null; nothing is done. */
  'http.rateLimit': z.strictObject({ retryAfterS: z.number().int().min(0).max(86_400).nullable() }),
  /** Resets the connection, before or after the work was done. */
  'http.reset': z.enum(['before', 'after']),
  /** Never answers, before or after the work was done: charged-and-no-answer is `after`. */
  'http.noAnswer': z.enum(['before', 'after']),
  /** Lets the call wait this long before anything is done, even when its client has gone by then. */
  'http.delayMs': milliseconds,
  /** Does the work at once and answers this much later. */
  'http.delayAnswerMs': milliseconds,

  'stream.dialect': z.enum(dialects),
  'stream.heartbeat': z.enum(heartbeatSpellings),
  /** Ends the connection without a word after this many frames; the work goes on. */
  'stream.cutAfterFrames': frames,
  /** Ends the answer early, but properly, after this many frames; the work goes on. */
  'stream.endAfterFrames': frames,
  /** Says nothing more after this many frames and keeps the connection open; the work goes on. */
  'stream.halfOpenAfterFrames': frames,
  /** Keeps the connection open after the last frame. */
  'stream.noClose': on,
  /** Ends with "I encountered a temporary issue". */
  'stream.trailingNoise': on,
  /** Sends every frame but the first as broken JSON and broken UTF-8; the work goes on. */
  'stream.garbled': on,
  'stream.duplicateFrames': on,
  /** The turn dies in the middle with this error frame; nothing is charged that was not delivered. */
  'stream.errorFrame': z.enum(errorFrames),
  /** The turn dies in the middle with an event that has `errorCode` and no content. */
  'stream.modelError': z.string().min(1).max(64),
  /** The turn ends when its client disconnects, as with an unmodified ADK server. */
  'stream.cancelOnDrop': on,

  /** The generation is refused by its tool: it says so, and is refunded. */
  'generation.fail': on,
  /** The agent asks a question instead of generating. */
  'generation.asksQuestion': on,
  /** What a turn does shows in the session state only this many real milliseconds after its stream has ended. */
  'turn.lateMs': milliseconds,

  'edit.silent': z.enum(['always', 'never']),
  /** The agent says that it is done and changes nothing. */
  'edit.noop': on,
  'edit.asksQuestion': on,

  'session.expired': on,
  'credits.exhausted': on,

  'render.shape': z.enum(['R1', 'R2', 'R3']),
  'render.fail': on,
  'render.completedNoUrl': on,
  /** Adds virtual milliseconds to the time that a render takes. */
  'render.slowMs': milliseconds,
  /** What a second submit of an id gets. */
  'render.duplicate': z.enum(['conflict', 'badRequest', 'errorIn200', 'existing']),
  /** A poll finds its render gone, as if it had never been submitted. */
  'render.forgetful': on,

  'download.mode': z.enum(['truncated', 'empty', 'notFound', 'html']),
  /** Spreads the bytes over this many real milliseconds. */
  'download.slowMs': milliseconds,
  'download.redirectTo': z.union([z.literal('self'), z.url()]),

  'upload.limitBytes': z.number().int().min(0),

  'errors.httpMapped': on,
  attribution: z.enum(['off', 'onlyIfBroke']),

  'token.neverExpires': on,
  'token.hourlyIpLimit': on,
  'token.expired': on,
  /** How far the provider's clock is ahead of ours, for the life of tokens and their quotas. */
  'token.clockOffsetMs': z.number().min(-1e12).max(1e12),
} as const

export type SwitchName = keyof typeof switches
export type SwitchValue<S extends SwitchName> = z.infer<(typeof switches)[S]>

export const isSwitchName = (name: string): name is SwitchName => Object.hasOwn(switches, name)
