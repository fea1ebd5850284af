/**
 * A stage looks, acts once and returns how it ended. It never sleeps, never loops to poll, never logs and never
 * touches a row: what it needs comes in its context, what it found goes out in its outcome.
 */
import type { Job } from '../job/job.ts'
import type { Lease } from '../job/leases.ts'
import type { SideRow, StageOutcome } from '../job/outcome.ts'
import type { Position, StageName } from '../job/plan.ts'
import type { Download, MediaFile, Provider, ProviderAccess, SessionState } from '../providers/provider.ts'

export interface Stage {
  readonly name: StageName
  /**
   * It only looks, and what the named stages do can be done again from here: how it ended may be written together with
   * how one of them ends.
   */
  readonly isWrittenWith?: readonly StageName[]
  /** How long one run may take before it is cut and counts as failed. */
  readonly timeoutMs: (timings: StageTimings) => number
  /** Delays before each retry; their number is the number of retries. Whether a code is retried, failure.ts says. */
  readonly retryDelaysMs: readonly number[]
  readonly run: (context: StageContext) => Promise<StageOutcome>
}

/** Settings of api.md §8 that stages read, in milliseconds. */
export interface StageTimings {
  readonly renderPollMs: number
  readonly renderTimeoutMs: number
  readonly messageMaxMs: number
  readonly recoveryFirstMs: number
  readonly recoveryEveryMs: number
  readonly recoveryChecks: number
  readonly rateLimitWaitMs: number
  /** Looks at the session after a stream that ended cleanly, counted from its end. */
  readonly confirmLooksMs: readonly number[]
}

export interface StageContext {
  readonly job: Job
  readonly plan: readonly Position[]
  readonly provider: Provider
  readonly accountId: string
  /** What the account of the job is called with. */
  readonly access: ProviderAccess
  readonly timings: StageTimings
  /** Fires when the job is canceled, its lease is in danger, the process stops, or the stage runs over its time. */
  readonly signal: AbortSignal
  /** Milliseconds since the job entered this stage, waits included. */
  readonly stageMs: number
  /** Lives as long as the lease: spares a stage what the one before it has just read. */
  readonly scratch: StageScratch
  readonly newSessionRowId: () => string
  /** The words of message `no` as they are sent: the text, text inputs, the wishes for the output. */
  readonly messageText: (no: number) => Promise<string>
  /** What message `no` will cost, as far as anyone knows, in credits. */
  readonly estimatedCredits: (no: number) => number
  readonly tell: StageVoice
  readonly permits: PermitDesk
  readonly inputs: InputDesk
  readonly artifacts: ArtifactDesk
  readonly sessions: SessionDesk
  readonly lease: Pick<Lease, 'isHeld'>
}

export interface StageScratch {
  session?: SessionState
  /** A render id that was given under this lease: nobody else can have asked for it. */
  freshRenderId?: string
}

/** What a stage says while it runs. Coalesced; losing some does no harm. */
export interface StageVoice {
  /** From 0 to 1 within the stage. */
  progress(fraction: number): void
  /** The provider's words, put for people. */
  message(text: string): void
}

/** The account's session state and balance before a message, against which its effect is judged. */
export interface Baseline {
  readonly fingerprint: string
  readonly available: number
  readonly frozen: number
}

export interface PermitRequest {
  readonly messageNo: number
  readonly providerSessionId: string
  /** SHA-256 of the message's text. */
  readonly messageDigest: string
  readonly baseline: Baseline
  readonly creditsReserved: number
}

export interface Permit {
  readonly id: string
  readonly try: number
  readonly state: string
  readonly baseline: Baseline
  readonly creditsReserved: number
}

export type OpenedPermit =
  /** Ours: we, and only we, may send on it, once. */
  | { readonly outcome: 'opened'; readonly permit: Permit }
  /** Somebody was here before: its message may be on its way, so it can only be looked for. */
  | { readonly outcome: 'found'; readonly permit: Permit }
  /** The lease is no longer ours, the job is to be canceled, or the session has another message open. */
  | { readonly outcome: 'denied' }
  | { readonly outcome: 'over_budget'; readonly limit: BudgetLimit }

/** The budget that a message would exceed; what is left is neither spent nor reserved. */
export interface BudgetLimit {
  readonly kind: 'job' | 'batch' | 'day'
  readonly maxCredits: number
  readonly leftCredits: number
  /** Null: it is never renewed. */
  readonly renewsAt: Date | null
}

export interface PermitDisclaimer {
  readonly state: 'not_sent' | 'rejected'
  readonly detail: Readonly<Record<string, string | number | null>>
}

export interface PermitDesk {
  open(request: PermitRequest): Promise<OpenedPermit>
  /** The last question before the first byte: false when the message has been given up by somebody else. */
  mayLeave(permitId: string): boolean
  /**
   * Says with the first frame of its answer that a message was accepted. Recorded beside the reading of the rest: what is
   * known at the end is written with the ending, and supersedes it.
   */
  accept(permitId: string): void
  /** Says that nothing came of a permit that we opened, whoever holds the job by now. Recorded in the background. */
  disclaim(permitId: string, disclaimer: PermitDisclaimer): void
  /** Gives the message up if it has not left. True when nothing came of it, and nothing will. */
  giveUp(permitId: string): Promise<boolean>
  /** How often, in this attempt of the job, the message of the permit was sent without effect, and how often it never left. */
  countTries(permitId: string): Promise<{ readonly notAccepted: number; readonly notSent: number }>
  /** The permit of a message of the job that is under way or undecided. */
  findOpen(): Promise<Permit | null>
  /** Was no other message of the account under way between the permit's opening and now? */
  wasAlone(permitId: string): Promise<boolean>
}

/** An input on its way to a provider session. */
export type InputState = 'fresh' | 'started' | 'acknowledged'

export interface InputDesk {
  /** Records the intent to hand over input `no` and says what was recorded before. */
  start(
    no: number,
    providerSessionId: string,
    input: { filename: string | null; hash: string | null },
  ): Promise<InputState>
  /** Records that an input has arrived. That of the last one goes with the end of the stage instead. */
  acknowledge(input: Extract<SideRow, { kind: 'input' }>): Promise<void>
  /** How many files of that name earlier jobs of the conversation have put into its provider session. */
  countEarlier(filename: string): Promise<number>
  /** An upload as a file for the provider (a HEIC one as JPEG), or what keeps it from being one. */
  openUpload(uploadId: string): Promise<OpenedInput>
  /** Fetches a URL through the guarded client, checks it against the skill and keeps it. */
  fetchUrl(url: string, signal: AbortSignal): Promise<OpenedInput>
}

export type OpenedInput =
  | {
      readonly outcome: 'file'
      readonly file: MediaFile
      readonly sha256: string
      /** Forgets a copy that was made for this hand-over only. */
      discard(): Promise<void>
    }
  /** A text upload: its words belong to the prompt. */
  | { readonly outcome: 'text'; readonly text: string }
  | {
      readonly outcome: 'refused'
      readonly code: 'invalid_input' | 'unsupported_media_type' | 'media_too_large' | 'input_unreachable'
      readonly detail: string
    }

export type StoredArtifact =
  | { readonly outcome: 'stored'; readonly row: Extract<SideRow, { kind: 'artifact' }> }
  | { readonly outcome: 'invalid'; readonly reason: string }
  | { readonly outcome: 'storage_failed'; readonly reason: string }

export interface ArtifactDesk {
  /** Streams a download to storage while hashing it, then probes it; nothing is kept of an invalid one. */
  store(download: Download, signal: AbortSignal): Promise<StoredArtifact>
}

export interface StrayMessage {
  /** Of the session before the message. */
  readonly fingerprint: string
  /** Milliseconds since it was given up. */
  readonly ageMs: number
}

export interface SessionDesk {
  /** How many provider sessions were made for this job. */
  countMade(): Promise<number>
  /** Has no message that may count been sent in the job's provider session, and no file by another job? */
  isUnused(): Promise<boolean>
  /** A message of an earlier job of the conversation that was given up. */
  findStray(): Promise<StrayMessage | null>
  /** Has another job of the conversation sent something that may have changed the session since that permit was opened? */
  hasMovedOn(permitId: string): Promise<boolean>
}
