import type { PermitTries } from '../../src/store/permit-tries.ts'
import type { StrayMessage } from '../../src/store/stray-messages.ts'
import type { Database } from './database.ts'
import type { PermitModelRow } from './rows.ts'
import type { World } from './world.ts'

/** What the statements of `permits.ts` do to the table of permits. */
export interface PermitTable {
  open(operations: readonly OpenRow[], writtenBy: string): OpenedRow[]
  accept(ids: readonly string[]): void
  disclaim(id: string, state: string): boolean
  isDisclaimed(id: string): boolean
  countTries(id: string): PermitTries
  wasAlone(id: string): boolean
  /** Was a message of another job sent in its session since? */
  hasMovedOn(jobId: string, id: string): boolean
  /** The last message of another job of the session that was given up. */
  findStray(jobId: string, providerSessionId: string | null): StrayMessage | null
  listOpen(jobId: string): PermitModelRow[]
}

export type OpenRow = Pick<
  PermitModelRow,
  | 'id'
  | 'job_id'
  | 'epoch'
  | 'attempt'
  | 'message_no'
  | 'account_id'
  | 'provider_session_id'
  | 'baseline'
  | 'credits_reserved'
>

export interface OpenedRow
  extends Pick<PermitModelRow, 'id' | 'try' | 'state' | 'baseline' | 'credits_reserved'> {
  readonly op_id: string
  readonly is_opened: boolean
}

const allowsAnother: readonly string[] = ['not_sent', 'rejected', 'not_accepted']
const isUnderWay = ({ state }: PermitModelRow): boolean => state === 'open' || state === 'accepted'

/** For how long after its end another message may still change the balance that a permit is judged by. */
const shadowMs = (permit: PermitModelRow, other: PermitModelRow): number => {
  if (other.state === 'unknown' || other.detail['interrupted'] === true) return 20 * 60_000
  return other.job_id === permit.job_id ? 0 : 30_000
}

export const createPermitTable = (world: World, { jobs, permits }: Database): PermitTable => {
  const { scheduler } = world

  const isHeld = ({ job_id, epoch }: OpenRow): boolean => {
    const job = jobs.get(job_id)
    const isOurs = job?.epoch === epoch && job.state === 'running' && (job.lease_until ?? 0) > scheduler.nowMs
    if (isOurs && job.cancel_requested_at !== null) return world.bug === 'permit_after_cancel'
    if (isOurs || world.bug !== 'permit_without_lease') return isOurs
    world.violate('I7', 'a permit was opened by somebody without the lease')
    return true
  }

  const newestOf = (operation: OpenRow): PermitModelRow | undefined =>
    permits
      .filter(
        ({ job_id, message_no, attempt }) =>
          job_id === operation.job_id && message_no === operation.message_no && attempt === operation.attempt,
      )
      .sort((a, b) => b.try - a.try)
      .at(0)

  const openOne = (operation: OpenRow, writtenBy: string): OpenedRow[] => {
    if (!isHeld(operation)) return []
    const newest = newestOf(operation)
    if (newest !== undefined && !allowsAnother.includes(newest.state))
      return [{ ...newest, op_id: operation.id, is_opened: false }]
    const isTaken = permits.some(
      (permit) => permit.provider_session_id === operation.provider_session_id && isUnderWay(permit),
    )
    if (isTaken && world.bug !== 'permit_one_per_session_off') return []
    if (isTaken) world.violate('I2', 'a session has two open permits')
    const permit: PermitModelRow = {
      ...operation,
      try: (newest?.try ?? 0) + 1,
      state: 'open',
      credits_settled: null,
      is_estimated: false,
      detail: {},
      created_at: scheduler.nowMs,
      closed_at: null,
      writtenBy,
      sends: 0,
    }
    permits.push(permit)
    return [{ ...permit, op_id: permit.id, is_opened: true }]
  }

  return {
    open: (operations, writtenBy) => operations.flatMap((operation) => openOne(operation, writtenBy)),
    accept(ids) {
      for (const permit of permits)
        if (ids.includes(permit.id) && permit.state === 'open') permit.state = 'accepted'
    },
    disclaim(id, state) {
      const permit = permits.find((one) => one.id === id && one.state === 'open')
      if (permit === undefined) return false
      Object.assign(permit, { state, closed_at: scheduler.nowMs })
      world.count('permit disclaimed')
      return true
    },
    isDisclaimed: (id) =>
      permits.some((one) => one.id === id && (one.state === 'not_sent' || one.state === 'rejected')),
    countTries(id) {
      const permit = permits.find((one) => one.id === id)
      const siblings = permits.filter(
        (one) =>
          one.job_id === permit?.job_id &&
          one.message_no === permit.message_no &&
          one.attempt === permit.attempt,
      )
      const count = (state: string) => siblings.filter((one) => one.state === state).length
      return { notAccepted: count('not_accepted'), notSent: count('not_sent') }
    },
    wasAlone(id) {
      const permit = permits.find((one) => one.id === id)
      if (permit === undefined) return false
      return !permits.some(
        (other) =>
          other.id !== id &&
          other.account_id === permit.account_id &&
          (other.closed_at === null || other.closed_at >= permit.created_at - shadowMs(permit, other)) &&
          other.state !== 'not_sent' &&
          other.state !== 'rejected',
      )
    },
    hasMovedOn(jobId, id) {
      const permit = permits.find((one) => one.id === id)
      return permits.some(
        (other) =>
          other.job_id !== jobId &&
          other.provider_session_id === permit?.provider_session_id &&
          other.created_at >= permit.created_at &&
          !allowsAnother.includes(other.state),
      )
    },
    findStray(jobId, providerSessionId) {
      const [stray] = permits
        .filter(
          (one) =>
            one.job_id !== jobId &&
            one.provider_session_id === providerSessionId &&
            (one.state === 'unknown' || 'interrupted' in one.detail),
        )
        .sort((a, b) => (b.closed_at ?? 0) - (a.closed_at ?? 0))
      const ageMs = scheduler.nowMs - (stray?.closed_at ?? 0)
      return stray === undefined ? null : { fingerprint: stray.baseline.fingerprint, ageMs }
    },
    listOpen: (jobId) =>
      permits
        .filter(
          (permit) =>
            permit.job_id === jobId &&
            (isUnderWay(permit) || (world.bug === 'settle_twice' && permit.state === 'settled')),
        )
        .sort((a, b) => b.created_at - a.created_at),
  }
}
