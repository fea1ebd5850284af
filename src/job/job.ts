import type { FailureCode } from './failure.ts'
import type { JobState } from './lifecycle.ts'
import type { StageNotes, Warning } from './outcome.ts'
import type { JobPurpose, StageName } from './plan.ts'

export const priorities = ['low', 'normal', 'high'] as const
export type Priority = (typeof priorities)[number]

/** Head start in the line, in seconds: a high job overtakes what came less than this before it; nothing starves. */
export const headStartSeconds: Record<Priority, number> = { low: -300, normal: 0, high: 300 }

export type JobInputSource =
  | { readonly upload_id: string }
  | { readonly url: string; readonly fetch: 'provider' | 'clipline' }

/** Wishes for the file. They reach the provider as words, except format and quality. */
export interface OutputWish {
  readonly format?: string
  readonly quality?: string
  readonly aspect_ratio?: string
  readonly resolution?: string
  readonly duration_s?: number
}

/** The job's own callback as stored; its secret is sealed. */
export interface JobCallback {
  readonly url: string
  readonly events: readonly string[]
  readonly headers: Readonly<Record<string, string>>
  readonly secretSealed: string | null
}

export const onUnknownChoices = ['fail', 'resend_if_proven_absent'] as const

/** What the client asked for; never changes. */
export interface JobRequest {
  readonly purpose: JobPurpose
  readonly skill: string
  readonly prompt: string
  readonly steps: readonly string[]
  readonly inputs: readonly JobInputSource[]
  readonly output: OutputWish
  readonly language: string | null
  readonly callback: JobCallback | null
  readonly onUnknown: (typeof onUnknownChoices)[number]
  readonly maxCredits: number | null
  readonly metadata: Readonly<Record<string, string>>
  readonly tags: readonly string[]
}

/** A job as its holder sees it. Times are on the database's clock. */
export interface Job {
  readonly id: string
  readonly tenantId: string
  readonly state: JobState
  readonly stage: StageName
  readonly messageNo: number
  readonly seq: number
  readonly epoch: number
  readonly attempt: number
  readonly tries: number
  readonly crashCount: number
  readonly sessionId: string | null
  readonly accountId: string | null
  readonly providerSessionId: string | null
  readonly providerTaskId: string | null
  readonly providerUserId: string | null
  readonly renderId: string | null
  readonly renderUrl: string | null
  readonly artifactId: string | null
  readonly notes: StageNotes
  readonly progress: number
  readonly timeline: string | null
  readonly message: string | null
  readonly warnings: readonly Warning[]
  readonly failureCode: FailureCode | null
  readonly creditsSpent: number
  readonly creditsAtRisk: number
  readonly timings: Readonly<Record<string, number>>
  readonly request: JobRequest
}

/** Every message of the job, in order: the prompt, then the steps. */
export const messagesOf = (request: JobRequest): readonly string[] => [request.prompt, ...request.steps]
