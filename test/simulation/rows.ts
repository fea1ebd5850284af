import type { NewJobEvent } from '../../src/job/events.ts'
import type { JobState } from '../../src/job/lifecycle.ts'
import type { PermitState, StageNotes, Warning } from '../../src/job/outcome.ts'
import type { StageName } from '../../src/job/plan.ts'
import type { ClaimedRow } from '../../src/store/job-row.ts'
import type { PermitBaseline } from '../../src/store/permits.ts'

/** The columns of `jobs` by their names in the database; times are milliseconds of the world. */
export interface JobRow {
  readonly id: string
  readonly tenant_id: string
  state: JobState
  stage: StageName
  message_no: number
  seq: number
  epoch: number
  lease_owner: string | null
  lease_until: number | null
  due_at: number
  rung_at: number | null
  ring_no: number
  attempt: number
  tries: number
  crash_count: number
  operation_id: string | null
  cancel_requested_at: number | null
  start_deadline_at: number | null
  deadline_at: number | null
  session_id: string | null
  account_id: string | null
  provider_session_id: string | null
  provider_task_id: string | null
  provider_user_id: string | null
  render_id: string | null
  render_url: string | null
  artifact_id: string | null
  notes: StageNotes
  progress: number
  timeline: string | null
  message: string | null
  warnings: Warning[]
  failure_code: string | null
  failure_message: string | null
  failure_stage: string | null
  credits_spent: number
  credits_at_risk: number
  timings: Record<string, number>
  readonly created_at: number
  stage_started_at: number | null
  finished_at: number | null
  readonly request: RequestRow
}

export type RequestRow = Pick<
  ClaimedRow,
  | 'purpose'
  | 'skill'
  | 'prompt'
  | 'steps'
  | 'inputs'
  | 'output'
  | 'language'
  | 'callback'
  | 'on_unknown'
  | 'max_credits'
  | 'metadata'
  | 'tags'
>

export type EventRow = NewJobEvent & {
  readonly seq: number
  readonly epoch: number
  readonly attempt: number
}

export interface PermitModelRow {
  readonly id: string
  readonly job_id: string
  readonly message_no: number
  readonly attempt: number
  readonly try: number
  readonly epoch: number
  readonly account_id: string
  readonly provider_session_id: string
  state: PermitState
  readonly baseline: PermitBaseline
  readonly credits_reserved: number
  credits_settled: number | null
  is_estimated: boolean
  detail: Readonly<Record<string, unknown>>
  readonly created_at: number
  closed_at: number | null
  /** Not in the database: which process wrote it, and how often a message left on it. */
  readonly writtenBy: string
  sends: number
}

export interface DeliveryModelRow {
  readonly id: string
  readonly job_id: string
  readonly event_id: string
  readonly event_type: string
  readonly event_seq: number
  state: 'waiting' | 'delivered' | 'failed' | 'exhausted'
  epoch: number
  tries: number
  body: string | null
  due_at: number
  lease_until: number | null
  rung_at: number | null
  readonly created_at: number
}

export interface InputRow {
  state: 'started' | 'acknowledged'
}

/** An operation as the writer puts it on the wire. */
export interface TransitionRow {
  readonly operation_id: string
  readonly job_id: string
  readonly verb: string
  readonly from_states: readonly JobState[]
  readonly to_state: JobState
  readonly needs_lease: boolean
  readonly epoch: number | null
  readonly seq: number | null
  readonly patch: Readonly<Record<string, unknown>>
  readonly due_in_ms: number | null
  readonly events: readonly NewJobEvent[]
  readonly attempts: readonly Readonly<Record<string, unknown>>[]
  readonly rows: readonly SideRowOnWire[]
}

export type SideRowOnWire =
  | { readonly kind: 'session'; readonly external_id: string }
  | { readonly kind: 'artifact'; readonly id: string; readonly sha256: string }
  | { readonly kind: 'input'; readonly no: number; readonly provider_session_id: string }
  | {
      readonly kind: 'permit'
      readonly id: string
      readonly state: PermitState
      readonly credits_settled: number | null
      readonly is_estimated: boolean
      readonly detail: Readonly<Record<string, unknown>>
    }
