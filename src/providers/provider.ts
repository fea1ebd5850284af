/**
 * Whom we ask: the contract between the stages and an outside service that makes videos.
 *
 * Reads and calls that are safe to repeat throw a `ProviderError` when they fail; sending a message, which may cost
 * money, never throws: each of its endings is a value that says what is known about the money
 * (guarantees.md §2.1-4). Ids are opaque strings. Durations are milliseconds, sizes bytes.
 */
import type { Readable } from 'node:stream'
import type { FailureCode } from '../job/failure.ts'

/** Names the calling skill on every request; without it the provider refuses exports (upstream-protocol.md §2.1). */
export interface Attribution {
  readonly source: string
  readonly version: string
  readonly platform: string
}

/** What a call is made with. */
export interface ProviderAccess {
  readonly token: string
  readonly attribution: Attribution
  /** Whose token it is, where known: for the link by which an account without credits can be registered. */
  readonly userId?: string | null
}

/** A call as it went, for people to see: nothing in it is secret, and bodies are cut short. */
export interface ProviderCall {
  /** In words. */
  readonly operation: string
  readonly method: 'GET' | 'POST'
  /** Without its query; of files elsewhere, the origin only. */
  readonly path: string
  /** On the monotonic clock. */
  readonly startedMs: number
  readonly ms: number
  readonly request: CallPart
  /** Null when no answer came. */
  readonly response: (CallPart & { readonly status: number }) | null
  readonly error: string | null
}

export interface CallPart {
  readonly contentType: string | null
  /** Null where nobody counted. */
  readonly sizeBytes: number | null
  readonly body: string | null
}

export interface IssuedToken {
  readonly token: string
  readonly userId: string | null
  readonly credits: number | null
  /** Milliseconds since the epoch, or null when the provider did not say. */
  readonly expiresAtMs: number | null
}

export interface ProviderSession {
  readonly sessionId: string
  readonly taskId: string | null
  readonly userId: string | null
}

export interface Credits {
  readonly available: number
  readonly frozen: number
  readonly total: number
}

/** A file for the provider; `open` may be called again for a second try. */
export interface MediaFile {
  readonly filename: string
  readonly contentType: string
  readonly sizeBytes: number
  open(): Promise<Readable>
}

/** A media file that a session holds, as far as the provider tells. */
export interface SessionMedia {
  readonly filename: string | null
  readonly kind: string | null
  readonly url: string | null
  readonly hash: string | null
  readonly durationMs: number | null
  readonly width: number | null
  readonly height: number | null
}

export interface TimelineSegment {
  readonly startMs: number
  readonly durationMs: number
  readonly label: string | null
  readonly url: string | null
}

export interface TimelineTrack {
  readonly kind: 'video' | 'audio' | 'text' | 'other'
  readonly segments: readonly TimelineSegment[]
  /** Percent, audio tracks only. */
  readonly volumePercent: number | null
}

export type SubtitleFormat = 'srt' | 'vtt'

/** Everything but `generate` is answered without the agent, and without credits. */
export type MessageIntent =
  | { readonly action: 'export' | 'credits' | 'status' | 'upload' | 'generate' }
  | { readonly action: 'subtitles'; readonly format: SubtitleFormat }

/** One look at a session. */
export interface SessionState {
  /** The draft exactly as the provider gave it, unknown keys included: it is posted back unmodified to render. */
  readonly draft: Readonly<Record<string, unknown>> | null
  /** SHA-256 of draft and media with sorted keys and without volatile ones: equal means nothing changed. */
  readonly fingerprint: string
  /** The draft has at least one track with a segment (upstream-protocol.md §4.4). */
  readonly isExportable: boolean
  readonly tracks: readonly TimelineTrack[]
  /** The summary line of upstream-protocol.md §4.5, or null for an empty draft. */
  readonly timelineLine: string | null
  readonly media: readonly SessionMedia[]
  readonly userId: string | null
}

/** What is seen on a message's stream, in order. Text is the provider's own; translate it before showing it. */
export type MessageEvent =
  | { readonly type: 'text'; readonly text: string }
  | { readonly type: 'tool_call'; readonly name: string }
  | { readonly type: 'tool_result'; readonly name: string }
  | { readonly type: 'heartbeat' }

/** What a message's stream said in the end. `silent`: tools ran, no text; `empty`: nothing but heartbeats. */
export interface Turn {
  readonly kind: 'answered' | 'silent' | 'empty' | 'error'
  /** The final text, noise removed; empty when there was none. */
  readonly text: string
  readonly toolNames: readonly string[]
  /** What an error frame said, for `error`. */
  readonly error: string | null
}

/** The evidence table of guarantees.md §2.1-4: what is known about a message after it was (perhaps) sent. */
export type SendResult =
  /** No byte left: the permit may be released and the message tried again. */
  | { readonly outcome: 'not_sent'; readonly cause: string }
  /** The provider said no, before any work. */
  | { readonly outcome: 'rejected'; readonly error: ProviderError }
  /** A complete 5xx answer: undecided, look at the session. */
  | { readonly outcome: 'undecided'; readonly httpStatus: number }
  /** Bytes left and no answer came: undecided, never to be sent again. */
  | { readonly outcome: 'unknown'; readonly cause: string }
  /** Accepted, and the stream came to its end. */
  | { readonly outcome: 'ended'; readonly turn: Turn }
  /** Accepted, and the stream broke, fell silent or ran over its time. */
  | { readonly outcome: 'broken'; readonly cause: string; readonly turn: Turn }

export interface MessageListener {
  /** Asked right before the first byte; false: none leaves. */
  mayLeave(): boolean
  /** Told with the first frame. */
  onAccepted(): void
  onEvent(event: MessageEvent): void
}

/**
 * One connection for one message: the baseline is read over it, which also warms it, then the message goes out on
 * the same connection, once (guarantees.md §2.1-3).
 */
export interface MessageChannel {
  readSession(signal: AbortSignal): Promise<SessionState>
  readCredits(signal: AbortSignal): Promise<Credits>
  /** Never throws, never retries. */
  send(text: string, listener: MessageListener, signal: AbortSignal): Promise<SendResult>
  close(): Promise<void>
}

export type RenderStatus =
  | { readonly status: 'unknown' }
  | { readonly status: 'pending' | 'processing'; readonly progressPercent: number }
  /** `url` may be missing for a while; `download` has a fallback. */
  | { readonly status: 'completed'; readonly url: string | null }
  | { readonly status: 'failed' | 'canceled'; readonly reason: string }

export interface RenderRequest {
  /** Chosen by us; unique at the provider. */
  readonly renderId: string
  readonly sessionId: string
  readonly draft: Readonly<Record<string, unknown>>
  readonly output: Readonly<Record<string, string>>
}

export interface Download {
  readonly body: Readable
  /** From Content-Length; null when the provider did not say. */
  readonly sizeBytes: number | null
  readonly contentType: string | null
}

export interface Provider {
  /** Every call that `work` makes is told to `onCall` when it has ended, as far as the provider tells of its calls. */
  observeCalls<T>(onCall: (call: ProviderCall) => void, work: () => Promise<T>): Promise<T>
  requestToken(clientId: string, attribution: Attribution, signal: AbortSignal): Promise<IssuedToken>
  createSession(
    access: ProviderAccess,
    session: { readonly taskName: string; readonly language: string },
    signal: AbortSignal,
  ): Promise<ProviderSession>
  uploadFile(
    access: ProviderAccess,
    sessionId: string,
    file: MediaFile,
    signal: AbortSignal,
  ): Promise<SessionMedia[]>
  uploadUrl(
    access: ProviderAccess,
    sessionId: string,
    url: string,
    signal: AbortSignal,
  ): Promise<SessionMedia[]>
  readSession(access: ProviderAccess, sessionId: string, signal: AbortSignal): Promise<SessionState>
  readCredits(access: ProviderAccess, signal: AbortSignal): Promise<Credits>
  openChannel(access: ProviderAccess, sessionId: string): MessageChannel
  /** `duplicate`: the provider has a render of that id already, which is as good as submitted. */
  submitRender(
    access: ProviderAccess,
    render: RenderRequest,
    signal: AbortSignal,
  ): Promise<{ readonly outcome: 'submitted' | 'duplicate' }>
  readRender(access: ProviderAccess, renderId: string, signal: AbortSignal): Promise<RenderStatus>
  cancelRender(access: ProviderAccess, renderId: string, signal: AbortSignal): Promise<void>
  /** From `url` first, then from the provider's own download route. The caller consumes or destroys the body. */
  download(
    access: ProviderAccess,
    render: { readonly renderId: string; readonly url: string | null },
    signal: AbortSignal,
  ): Promise<Download>
  /** The text tracks of a timeline as a file; one without cues where they hold no text. */
  writeSubtitles(tracks: readonly TimelineTrack[], format: SubtitleFormat): string
  /** Where a message of a conversation belongs; what is none of the agent's business never goes to it. */
  routeMessage(text: string): MessageIntent
  /** The provider's prose with instructions for its own web page put into what a client here can do. */
  translateText(text: string, language: string): string
  close(): Promise<void>
}

/** What is known of a failed call: nothing went out, the provider said no, it broke down, or nobody knows. */
export type CallEvidence = 'not_sent' | 'rejected' | 'answered' | 'unknown'

/** A call to the provider that failed. `code` is the failure the job would end with. */
export class ProviderError extends Error {
  override readonly name = 'ProviderError'
  readonly code: FailureCode
  readonly evidence: CallEvidence
  readonly httpStatus: number | null
  /** The provider's own code (1001, 2001, …) when it gave one. */
  readonly providerCode: number | null
  /** From `Retry-After`. */
  readonly retryAfterMs: number | null

  constructor(
    code: FailureCode,
    message: string,
    details: {
      readonly evidence: CallEvidence
      readonly httpStatus?: number | null
      readonly providerCode?: number | null
      readonly retryAfterMs?: number | null
      readonly cause?: unknown
    },
  ) {
    super(message, details.cause === undefined ? undefined : { cause: details.cause })
    this.code = code
    this.evidence = details.evidence
    this.httpStatus = details.httpStatus ?? null
    this.providerCode = details.providerCode ?? null
    this.retryAfterMs = details.retryAfterMs ?? null
  }
}
