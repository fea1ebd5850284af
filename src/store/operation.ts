/** What the writer is asked to write, and how that goes on the wire. */
import { randomUUID } from 'node:crypto'
import type { AttemptOutcome, RowPatch } from '../job/decide.ts'
import type { NewJobEvent } from '../job/events.ts'
import type { FailureCode } from '../job/failure.ts'
import { type JobState, lifecycle, type Verb } from '../job/lifecycle.ts'
import type { SideRow } from '../job/outcome.ts'
import type { StageName } from '../job/plan.ts'
import { patchColumns, type TransitionPart } from './transition-sql.ts'

export interface TransitionInput {
  readonly verb: Exclude<Verb, 'claim'>
  readonly jobId: string
  /** The lease's epoch; required by verbs that need the lease. */
  readonly epoch?: number
  /** The job's event number as the caller knows it; left out where any is fine. */
  readonly seq?: number
  readonly patch?: RowPatch & { readonly attempt?: number }
  readonly events?: readonly NewJobEvent[]
  readonly dueInMs?: number | null
  /** The caller answers the deliveries of the result at once; else the dispatcher rings them. */
  readonly answersDeliveries?: boolean
  /** Uploads that the job takes again: the transition is stale when one of them is gone. */
  readonly uploadIds?: readonly string[]
  /** The attempts that end with this transition, in order. */
  readonly attempts?: readonly EndedAttempt[]
}

export interface EndedAttempt {
  readonly outcome: AttemptOutcome
  readonly failureCode: FailureCode | null
  readonly note: string | null
  /** What was said to the provider, and what it answered. */
  readonly calls?: AttemptCalls
  /** How long it took. */
  readonly ms: number
  /** How long ago it ended; just now, when left out. */
  readonly endedMsAgo?: number
  /** What was tried; when left out, the stage that the row is in. */
  readonly position?: { readonly stage: StageName; readonly messageNo: number; readonly try: number }
}

/** Bounded by whoever records them: they go the way of every transition. */
export interface AttemptCalls {
  readonly calls: readonly AttemptCall[]
  /** Beyond those. */
  readonly omitted: number
}

/** A call as it stands in `attempts.detail`, and as clients see it. */
export interface AttemptCall {
  readonly operation: string
  readonly method: string
  readonly path: string
  /** From the beginning of the attempt. */
  readonly at_ms: number
  readonly ms: number
  readonly request: AttemptCallPart
  readonly response: (AttemptCallPart & { readonly status: number }) | null
  readonly error: string | null
}

interface AttemptCallPart {
  readonly content_type: string | null
  readonly size_bytes: number | null
  readonly body: string | null
}

/** One row's worth of a statement. */
export interface Operation {
  readonly id: string
  readonly jobId: string
  readonly row: Readonly<Record<string, unknown>>
  /** What the statement must have for it. */
  readonly parts: readonly TransitionPart[]
}

export const toOperation = (input: TransitionInput): Operation => {
  const { from, to, needsLease } = lifecycle[input.verb]
  const { rows = [], ...patch } = input.patch ?? {}
  const columns = toColumns(patch)
  const events = input.events ?? []
  const attempts = (input.attempts ?? []).map(toAttempt)
  const { uploadIds = [] } = input
  const id = randomUUID()
  return {
    id,
    jobId: input.jobId,
    parts: partsOf({ to, columns, events, attempts, rows, uploadIds }),
    row: {
      operation_id: id,
      job_id: input.jobId,
      verb: input.verb,
      from_states: from,
      to_state: to,
      needs_lease: needsLease,
      epoch: input.epoch ?? null,
      seq: input.seq ?? null,
      patch: columns,
      due_in_ms: input.dueInMs ?? null,
      events,
      attempts,
      rows,
      answers_deliveries: input.answersDeliveries === true,
      ...(uploadIds.length > 0 && { upload_ids: uploadIds }),
    },
  }
}

/** What has to be written besides the row of the job; nothing is counted of a job that goes on as it was. */
const partsOf = (change: {
  readonly to: JobState
  readonly columns: Readonly<Record<string, unknown>>
  readonly events: readonly unknown[]
  readonly attempts: readonly unknown[]
  readonly rows: readonly SideRow[]
  readonly uploadIds: readonly string[]
}): readonly TransitionPart[] => {
  const { to, columns, events, attempts, rows, uploadIds } = change
  const isCounted = to !== 'running' || 'credits_spent' in columns || 'credits_at_risk' in columns
  const movesConversation = to === 'failed' || 'provider_session_id' in columns
  return [
    ...(uploadIds.length > 0 ? (['uploads'] as const) : []),
    ...(isCounted ? (['tallies'] as const) : []),
    ...(movesConversation ? (['conversations'] as const) : []),
    ...(events.length > 0 ? (['events'] as const) : []),
    ...(attempts.length > 0 ? (['attempts'] as const) : []),
    ...rows.map(({ kind }) => kind),
  ]
}

const toAttempt = ({ outcome, failureCode, note, calls, ms, endedMsAgo = 0, position }: EndedAttempt) => ({
  outcome,
  failure_code: failureCode,
  ms,
  ended_ms_ago: endedMsAgo,
  detail: {
    ...(note !== null && { note }),
    ...(calls && calls.calls.length > 0 && { calls: calls.calls }),
    ...(calls && calls.omitted > 0 && { calls_omitted: calls.omitted }),
  },
  stage: position?.stage ?? null,
  message_no: position?.messageNo ?? null,
  try: position?.try ?? null,
})

/** Names of a patch's fields, by those of their columns. */
const columnsByField: ReadonlyMap<string, string> = new Map(
  patchColumns.map((column) => [
    column.replace(/_([a-z])/g, (_, letter: string) => letter.toUpperCase()),
    column,
  ]),
)

const toColumns = (patch: object): Record<string, unknown> => {
  const columns: Record<string, unknown> = {}
  for (const [field, value] of Object.entries(patch)) {
    const column = columnsByField.get(field)
    if (column === undefined) throw new Error(`a transition cannot fill the column of ${field}`)
    columns[column] = value
  }
  return columns
}
