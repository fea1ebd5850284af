/** What the API answers, as far as the console shows it (see `openapi/openapi.json`). */

export const stages = [
  'auth',
  'session',
  'upload',
  'generate',
  'confirm',
  'export',
  'render',
  'deliver',
] as const
export const jobStates = ['queued', 'running', 'waiting', 'succeeded', 'failed', 'canceled'] as const

export type Stage = (typeof stages)[number]
export type JobState = (typeof jobStates)[number]

export interface Artifact {
  readonly id: string
  readonly content_type: string
  readonly size_bytes: number
  readonly sha256: string
  readonly width: number | null
  readonly height: number | null
  readonly duration_s: number
  readonly video_codec: string | null
  readonly audio_codec: string | null
  readonly expires_at: string | null
}

export interface Failure {
  readonly code: string
  readonly message: string
  readonly stage: string | null
  readonly retryable: boolean
  readonly hint: string
}

export interface Credits {
  readonly estimated: number
  readonly spent: number
  readonly at_risk: number
}

export interface Warning {
  readonly code: string
  readonly message: string
}

export interface Job {
  readonly id: string
  readonly state: JobState
  readonly stage: Stage
  readonly purpose: string
  readonly skill: string
  readonly prompt: string
  readonly steps: readonly string[]
  readonly inputs: readonly ({ readonly upload_id: string } | { readonly url: string })[]
  readonly output: Readonly<Record<string, string | number>>
  readonly priority: string
  readonly attempt: number
  readonly progress: number
  readonly timeline: string | null
  readonly message: string | null
  readonly artifact: Artifact | null
  readonly failure: Failure | null
  readonly credits: Credits
  readonly warnings: readonly Warning[]
  readonly session_id: string | null
  readonly batch_id: string | null
  readonly custom_id: string | null
  readonly metadata: Readonly<Record<string, string>>
  readonly tags: readonly string[]
  readonly timings: Readonly<Record<string, number>>
  readonly created_at: string
  readonly started_at: string | null
  readonly finished_at: string | null
  readonly links: { readonly cancel: string | null; readonly redrive: string | null }
}

export interface JobEvent {
  readonly id: string
  readonly seq: number
  readonly type: string
  readonly job_id: string | null
  readonly at: string
  readonly data: Readonly<Record<string, unknown>>
}

export interface ProviderCall {
  readonly operation: string
  readonly method: string
  readonly path: string
  readonly ms: number
  readonly request: Exchanged
  readonly response: (Exchanged & { readonly status: number }) | null
  readonly error: string | null
}

export interface Exchanged {
  readonly content_type: string | null
  readonly size_bytes: number | null
  readonly body: string | null
}

export interface Attempt {
  readonly attempt: number
  readonly stage: string
  readonly message_no: number
  readonly try: number
  readonly outcome: string
  readonly failure_code: string | null
  readonly calls: readonly ProviderCall[]
  readonly calls_omitted: number
  readonly started_at: string
  readonly ms: number
}

export interface Explanation {
  readonly waiting_for: {
    readonly kind: string
    readonly detail: string
    readonly until: string | null
  } | null
  readonly ahead: number
  readonly limits: readonly { readonly name: string; readonly used: number; readonly max: number }[]
  readonly next_attempt_at: string | null
  readonly last_failure: { readonly code: string; readonly message: string | null } | null
  readonly predicted_start_at: string | null
  readonly suggestions: readonly string[]
}

export interface Timeline {
  readonly summary: string | null
  readonly exportable: boolean
  readonly duration_s: number
  readonly tracks: readonly {
    readonly kind: string
    readonly volume_percent: number | null
    readonly segments: readonly {
      readonly start_s: number
      readonly duration_s: number
      readonly label: string | null
    }[]
  }[]
}

export interface Skill {
  readonly name: string
  readonly title: string
  readonly summary: string
  readonly accepts: readonly { readonly kind: string; readonly extensions: readonly string[] }[]
  readonly max_size_bytes: number
  readonly required_inputs: readonly { readonly kind: string; readonly min: number }[]
  readonly typical_seconds: { readonly min: number; readonly max: number }
}

export interface Upload {
  readonly id: string
  readonly filename: string
  readonly content_type: string
  readonly size_bytes: number
}

export interface Preview {
  readonly estimate: { readonly credits: number; readonly start_at: string; readonly seconds: number }
  readonly warnings: readonly Warning[]
}

export type JobCounts = Readonly<Record<JobState | 'held', number>>

export interface Batch {
  readonly id: string
  readonly name: string | null
  readonly state: string
  readonly lines: { readonly accepted: number; readonly rejected: number; readonly total: number }
  readonly jobs: JobCounts
  readonly credits: Credits
  readonly progress: number
  readonly eta: string | null
  readonly redrive: { readonly redriven: number; readonly skipped: number; readonly done: boolean } | null
  readonly created_at: string
  readonly finished_at: string | null
  readonly links: {
    readonly close: string | null
    readonly cancel: string | null
    readonly redrive: string | null
  }
}

export interface BatchError {
  readonly line: number
  readonly custom_id: string | null
  readonly job_id: string | null
  readonly problem: { readonly code: string; readonly title: string; readonly detail: string } | null
  readonly failure: Failure | null
}

export interface Delivery {
  readonly id: string
  readonly job_id: string | null
  readonly batch_id: string | null
  readonly endpoint_id: string | null
  readonly url: string | null
  readonly event: { readonly type: string; readonly sequence: number }
  readonly state: string
  readonly next_try_at: string | null
  readonly created_at: string
  readonly tries: readonly {
    readonly no: number
    readonly started_at: string
    readonly ms: number
    readonly outcome: string
    readonly http_status: number | null
    readonly error: string | null
    readonly response: string | null
  }[]
}

export interface Endpoint {
  readonly id: string
  readonly url: string
  readonly events: readonly string[]
  readonly description: string | null
  readonly state: 'enabled' | 'disabled'
  readonly disabled_reason: string | null
  readonly failures: number
  readonly created_at: string
}
