import { isTerminalEvent } from '../../src/job/events.ts'
import { isFinished } from '../../src/job/lifecycle.ts'
import type { ExpiredJob } from '../../src/store/dispatch.ts'
import { patchColumns } from '../../src/store/transition-sql.ts'
import { acknowledgeInput } from './input-table.ts'
import type { DeliveryModelRow, EventRow, InputRow, JobRow, PermitModelRow, TransitionRow } from './rows.ts'
import type { TrafficRow } from './traffic-store.ts'
import type { World } from './world.ts'

/**
 * The tables, and what the statements of `transition-sql.ts` and `lease-sql.ts` do to them, one at a time: the same
 * fences, the same unique keys, one clock. `changed` is told of every job that a statement has touched.
 */
export interface Database {
  readonly jobs: Map<string, JobRow>
  readonly events: Map<string, EventRow[]>
  readonly permits: PermitModelRow[]
  readonly deliveries: DeliveryModelRow[]
  readonly inputs: Map<string, InputRow>
  /** Provider sessions and artifacts, by job. */
  readonly sessions: { readonly job_id: string; readonly external_id: string }[]
  readonly artifacts: { readonly job_id: string; readonly id: string; readonly sha256: string }[]
  /** The job of every render id that was ever recorded. */
  readonly renderIds: Map<string, string>
  /** The account's token as it is kept. */
  readonly account: { token: string }
  readonly traffic: TrafficRow
  insertJob(row: JobRow): void
  /** `has` says whether the statement has a part that begins like this: what it has not, it does not write. */
  transition(operations: readonly TransitionRow[], has: (change: string) => boolean): AppliedRow[]
  claim(operations: readonly ClaimRow[], owner: string, leaseMs: number, localNowMs: number): ClaimResult[]
  renew(jobIds: readonly string[], epochs: readonly number[], leaseMs: number): RenewedRow[]
  findApplied(jobIds: readonly string[], operationIds: readonly string[]): AppliedRow[]
  listExpired(): ExpiredJob[]
  /** Is no other job of its session at work? */
  hasFreeSession(row: JobRow): boolean
}

export interface AppliedRow {
  readonly id: string
  readonly operation_id: string
  readonly seq: number
  readonly epoch: number
  readonly is_cancel_requested: boolean
  readonly deliveries: readonly string[]
}

export interface ClaimRow {
  readonly operation_id: string
  readonly job_id: string
}

export interface ClaimResult {
  readonly row: JobRow
  readonly operation_id: string
  readonly wasStolen: boolean
}

export interface RenewedRow {
  readonly id: string
  readonly is_cancel_requested: boolean
}

const sideChanges: Record<TransitionRow['rows'][number]['kind'], string> = {
  session: 'INSERT INTO provider_sessions',
  artifact: 'INSERT INTO artifacts',
  input: 'UPDATE job_inputs',
  permit: 'UPDATE permits',
}

export const createDatabase = (world: World, changed: (row: JobRow, verb: string) => void): Database => {
  const { scheduler } = world
  const jobs = new Map<string, JobRow>()
  const events = new Map<string, EventRow[]>()
  const permits: PermitModelRow[] = []
  const deliveries: DeliveryModelRow[] = []
  const sessions: Database['sessions'] = []
  const artifacts: Database['artifacts'] = []
  const inputs: Database['inputs'] = new Map()
  const renderIds = new Map<string, string>()

  const tell = (row: JobRow, told: TransitionRow['events']): void => {
    const log = events.get(row.id) ?? []
    for (const event of told) {
      row.seq += 1
      log.push({ ...event, seq: row.seq, epoch: row.epoch, attempt: row.attempt })
      if (isTerminalEvent(event.type)) deliveries.push(toDelivery(row, event.type, scheduler.nowMs))
    }
    events.set(row.id, log)
  }

  const writeSideRows = (row: JobRow, rows: TransitionRow['rows']): void => {
    for (const side of rows) {
      if (side.kind === 'session') sessions.push({ job_id: row.id, external_id: side.external_id })
      else if (side.kind === 'artifact') artifacts.push({ job_id: row.id, id: side.id, sha256: side.sha256 })
      else if (side.kind === 'input') acknowledgeInput(inputs, { ...side, job_id: row.id })
      else {
        const permit = permits.find(({ id }) => id === side.id)
        if (permit === undefined) continue
        permit.state = side.state
        permit.credits_settled = side.credits_settled
        permit.is_estimated = side.is_estimated
        permit.detail = { ...permit.detail, ...side.detail }
        permit.closed_at = scheduler.nowMs
      }
    }
  }

  const apply = (row: JobRow, operation: TransitionRow, has: (change: string) => boolean): AppliedRow => {
    const { verb, to_state, patch, due_in_ms } = operation
    const now = scheduler.nowMs
    const isTold = has('INSERT INTO job_events') && !(world.bug === 'event_dropped' && verb === 'park')
    tell(row, isTold ? operation.events : [])
    for (const column of patchColumns) if (column in patch) Object.assign(row, { [column]: patch[column] })
    if (row.render_id !== null) renderIds.set(row.render_id, row.id)
    if (due_in_ms !== null) {
      const isDueNow = row.cancel_requested_at !== null && verb !== 'redrive'
      row.due_at = isDueNow ? now : Math.min(now + due_in_ms, row.deadline_at ?? Number.POSITIVE_INFINITY)
    }
    if (verb === 'redrive')
      Object.assign(row, { cancel_requested_at: null, deadline_at: null, start_deadline_at: null })
    if (to_state !== 'running') Object.assign(row, { lease_owner: null, lease_until: null })
    if ('stage' in patch) row.stage_started_at = now
    Object.assign(row, {
      state: to_state,
      operation_id: operation.operation_id,
      rung_at: null,
      finished_at: isFinished(to_state) ? now : null,
    })
    writeSideRows(
      row,
      operation.rows.filter(({ kind }) => has(sideChanges[kind])),
    )
    return toApplied(row, operation.operation_id)
  }

  const toApplied = (row: JobRow, operationId: string): AppliedRow => ({
    id: row.id,
    operation_id: operationId,
    seq: row.seq,
    epoch: row.epoch,
    is_cancel_requested: row.cancel_requested_at !== null && world.bug !== 'cancel_ignored',
    deliveries: isFinished(row.state) ? [`dlv of ${row.id}`] : [],
  })

  const passesFences = (row: JobRow, operation: TransitionRow): boolean =>
    (world.bug === 'expiry_unfenced' && operation.verb === 'expire' && row.finished_at === null) ||
    ((operation.from_states.includes(row.state) || world.bug === 'state_ignored') &&
      (!operation.needs_lease || row.epoch === operation.epoch || world.bug === 'epoch_ignored') &&
      (operation.seq === null || row.seq === operation.seq || ignoresSeq))
  const ignoresSeq =
    world.bug === 'seq_ignored' || world.bug === 'epoch_ignored' || world.bug === 'state_ignored'

  /** Without one permit per session at a time there would be no line either: this one comes before it. */
  const hasFreeSession = ({ id, session_id }: JobRow): boolean =>
    session_id === null ||
    world.bug === 'permit_one_per_session_off' ||
    ![...jobs.values()].some(
      (other) =>
        other.id !== id &&
        other.session_id === session_id &&
        (other.state === 'running' || other.state === 'waiting'),
    )

  /** Whether the fences held or not: an operation that was applied must have been the holder's. */
  const judge = (row: JobRow, operation: TransitionRow): void => {
    if (operation.needs_lease && row.epoch !== operation.epoch)
      world.violate('I7', `${operation.verb} of epoch ${operation.epoch} was applied at epoch ${row.epoch}`)
    if (!operation.from_states.includes(row.state))
      world.violate('I8', `${operation.verb} was applied to a job that is ${row.state}`)
  }

  return {
    jobs,
    events,
    permits,
    deliveries,
    inputs,
    sessions,
    artifacts,
    renderIds,
    account: { token: 'token-1' },
    traffic: { pausedUntil: 0, down: new Map() },
    insertJob(row) {
      jobs.set(row.id, row)
      tell(row, [{ type: 'job.queued', data: { skill: row.request.skill } }])
      changed(row, 'create')
    },
    transition(operations, has) {
      const locked = new Set<string>()
      return operations.flatMap((operation) => {
        const row = jobs.get(operation.job_id)
        if (row === undefined || locked.has(row.id) || !passesFences(row, operation)) return []
        locked.add(row.id)
        judge(row, operation)
        const applied = apply(row, operation, has)
        changed(row, operation.verb)
        return [applied]
      })
    },
    claim(operations, owner, leaseMs, localNowMs) {
      const now = scheduler.nowMs
      const judgedAt = world.bug === 'lease_by_local_clock' ? localNowMs : now
      return operations.flatMap(({ operation_id, job_id }) => {
        const row = jobs.get(job_id)
        if (row === undefined) return []
        const isDue =
          (row.state === 'waiting' || (row.state === 'queued' && hasFreeSession(row))) && row.due_at <= now
        const isLost = row.state === 'running' && (row.lease_until ?? 0) < judgedAt
        if (!isDue && !isLost) return []
        const wasStolen = row.state === 'running' && (row.lease_until ?? 0) >= now
        const { state: before, stage, message_no, progress } = row
        Object.assign(row, {
          state: 'running',
          epoch: row.epoch + 1,
          operation_id,
          lease_owner: owner,
          lease_until: now + leaseMs,
          rung_at: null,
        })
        if (before === 'running') row.crash_count += 1
        if (before === 'queued') row.stage_started_at = now
        tell(row, toldAtClaim(before, { stage, message_no, progress }))
        if (wasStolen) world.violate('I7', 'a lease that had not run out was taken')
        changed(row, 'claim')
        return [{ row, operation_id, wasStolen }]
      })
    },
    renew(jobIds, epochs, leaseMs) {
      return jobIds.flatMap((id, index) => {
        const row = jobs.get(id)
        if (row === undefined || row.state !== 'running') return []
        if (row.epoch !== epochs[index]) {
          if (world.bug !== 'heartbeat_ignores_epoch') return []
          world.violate('I7', 'a heartbeat renewed the lease of somebody else')
        }
        row.lease_until = scheduler.nowMs + leaseMs
        const isCanceled = row.cancel_requested_at !== null && world.bug !== 'cancel_ignored'
        return [{ id, is_cancel_requested: isCanceled }]
      })
    },
    findApplied(jobIds, operationIds) {
      if (world.bug === 'seq_ignored') return []
      return jobIds.flatMap((id) => {
        const row = jobs.get(id)
        const operationId = row?.operation_id
        return row && operationId && operationIds.includes(operationId) ? [toApplied(row, operationId)] : []
      })
    },
    hasFreeSession,
    listExpired: () =>
      [...jobs.values()].flatMap(({ id, seq, state, start_deadline_at, deadline_at }): ExpiredJob[] => {
        const hasPassed = (atMs: number | null) => atMs !== null && atMs <= scheduler.nowMs
        if (state !== 'queued') return []
        if (hasPassed(start_deadline_at)) return [{ id, seq, code: 'start_deadline_exceeded' }]
        return hasPassed(deadline_at) ? [{ id, seq, code: 'deadline_exceeded' }] : []
      }),
  }
}

const toDelivery = ({ id, seq }: JobRow, type: string, nowMs: number): DeliveryModelRow => ({
  id: `dlv-${id}-${seq}`,
  job_id: id,
  event_id: `evt-${id}-${seq}`,
  event_type: type,
  event_seq: seq,
  state: 'waiting',
  epoch: 0,
  tries: 0,
  body: null,
  due_at: nowMs,
  lease_until: null,
  rung_at: null,
  created_at: nowMs,
})

const toldAtClaim = (
  before: JobRow['state'],
  { stage, message_no, progress }: Pick<JobRow, 'stage' | 'message_no' | 'progress'>,
): TransitionRow['events'] => {
  if (before === 'running') return [{ type: 'job.rescued', data: { stage } }]
  if (before === 'waiting') return []
  return [
    { type: 'job.started', data: { stage } },
    { type: 'job.stage_started', data: { stage, message_no, progress } },
  ]
}
