import type { FailureCode } from './failure.ts'
import type { StageName } from './plan.ts'

/** Columns of the job that a stage may fill; what it leaves out stays as it is. */
export interface JobPatch {
  readonly accountId?: string | null
  readonly providerSessionId?: string | null
  readonly providerTaskId?: string | null
  readonly providerUserId?: string | null
  readonly renderId?: string | null
  readonly renderUrl?: string | null
  readonly artifactId?: string | null
  readonly timeline?: string | null
  readonly message?: string | null
  readonly warnings?: readonly Warning[]
  readonly creditsSpent?: number
  readonly creditsAtRisk?: number
  /** What the stage wants to find again on its next look, or leaves for the next stage; cleared when that is done. */
  readonly notes?: StageNotes
  /** Rows beside the job, written in the same statement as its change of state. */
  readonly rows?: readonly SideRow[]
}

/** How a permit ended, or that its message was accepted (guarantees.md §2.1-2, -4). */
export type PermitState =
  | 'open'
  | 'accepted'
  | 'not_sent'
  | 'rejected'
  | 'not_accepted'
  | 'unknown'
  | 'settled'

export type SideRow =
  | {
      readonly kind: 'session'
      readonly id: string
      readonly account_id: string
      readonly external_id: string
      readonly task_id: string | null
      readonly user_id: string | null
    }
  | {
      readonly kind: 'artifact'
      readonly id: string
      readonly storage_key: string
      readonly content_type: string
      readonly size_bytes: number
      readonly sha256: string
      readonly width: number | null
      readonly height: number | null
      readonly duration_s: number
      readonly video_codec: string | null
      readonly audio_codec: string | null
    }
  | {
      /** An input that the provider has taken. */
      readonly kind: 'input'
      readonly no: number
      readonly provider_session_id: string
      readonly provider_url: string | null
    }
  | {
      readonly kind: 'permit'
      readonly id: string
      readonly state: Exclude<PermitState, 'open' | 'accepted'>
      /** Credits charged for the message; null when it is not known to have cost anything. */
      readonly credits_settled: number | null
      readonly is_estimated: boolean
      readonly detail: Readonly<Record<string, string | number | boolean | null>>
    }

export type StageNotes = Readonly<Record<string, string | number | boolean | null>>

/** Something worth knowing that did not stop the job. */
export interface Warning {
  readonly code: string
  readonly message: string
}

/** How a stage ends: a value, one of four (architecture.md §1). A throw means "unexpected" and counts as a failure. */
export type StageOutcome =
  | { readonly kind: 'done'; readonly patch: JobPatch }
  | {
      readonly kind: 'wait'
      readonly forMs: number
      readonly reason: string
      /** The stage was kept from looking at all. Else it has looked, and its earlier failures no longer count. */
      readonly isHeld?: true
      readonly patch: JobPatch
    }
  | {
      readonly kind: 'fail'
      readonly code: FailureCode
      readonly message: string
      readonly retryAfterMs: number | null
      readonly patch: JobPatch
    }
  /** An earlier stage has to be done again, for the reason given; it uses up no try. */
  | { readonly kind: 'back'; readonly to: StageName; readonly reason: string; readonly patch: JobPatch }

export const done = (patch: JobPatch = {}): StageOutcome => ({ kind: 'done', patch })

export const wait = (forMs: number, reason: string, patch: JobPatch = {}): StageOutcome => ({
  kind: 'wait',
  forMs,
  reason,
  patch,
})

/** A wait before anything was tried. */
export const hold = (forMs: number, reason: string, patch: JobPatch = {}): StageOutcome => ({
  kind: 'wait',
  forMs,
  reason,
  isHeld: true,
  patch,
})

export const fail = (
  code: FailureCode,
  message: string,
  { retryAfterMs = null, patch = {} }: { retryAfterMs?: number | null; patch?: JobPatch } = {},
): StageOutcome => ({ kind: 'fail', code, message, retryAfterMs, patch })

export const back = (to: StageName, reason: string, patch: JobPatch = {}): StageOutcome => ({
  kind: 'back',
  to,
  reason,
  patch,
})
