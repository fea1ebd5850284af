/** Why a job is where it is, in words and numbers (api.md §1 "explain"): pure, from what the database says of it. */
import { type FailureCode, failureCatalog } from './failure.ts'
import type { JobState } from './lifecycle.ts'
import type { StageName } from './plan.ts'

/** What is known of a job and of what it waits behind. Times are on the database's clock. */
export interface JobFacts {
  readonly now: Date
  readonly state: JobState
  readonly stage: StageName
  readonly isCancelRequested: boolean
  /** Null for a line of a batch that is still open. */
  readonly dueAt: Date | null
  /** Why it was parked, as the stage put it. */
  readonly waitReason: string | null
  /** The lease of its holder has run out. */
  readonly isOrphaned: boolean
  /** An earlier job of its session has not ended. */
  readonly isBehindSession: boolean
  /** Queued jobs of the tenant that come first. */
  readonly ahead: number
  readonly tenant: Usage
  /** All workers together; a maximum of 0 means that there are none. */
  readonly fleet: Usage
  /** The account at the provider that the job is done with, and all jobs that are. */
  readonly account: Usage & { readonly pausedUntil: Date | null; readonly probeAt: Date | null }
  /** Credits that are limited: spent and reserved, of those there are. Only limits that there are. */
  readonly budgets: readonly (Usage & { readonly name: BudgetName })[]
  readonly lastFailure: LastFailure | null
  /** How long a job has held a slot lately, on average. */
  readonly slotMs: number
}

interface Usage {
  readonly used: number
  readonly max: number
}

export interface LastFailure {
  readonly code: FailureCode
  readonly message: string | null
  readonly stage: StageName
  readonly at: Date
}

export const waitKinds = [
  'schedule',
  'batch',
  'session',
  'tenant_concurrency',
  'account_concurrency',
  'workers',
  'turn',
  'work',
  'rescue',
  'cancel',
  'retry',
  'provider',
  'token',
  'outcome',
  'render',
] as const
export type WaitKind = (typeof waitKinds)[number]

export interface Waiting {
  readonly kind: WaitKind
  readonly detail: string
  readonly until: Date | null
}

const budgetNames = ['job_credits', 'batch_credits', 'day_credits'] as const
type BudgetName = (typeof budgetNames)[number]

export const limitNames = [
  'tenant_concurrency',
  'account_concurrency',
  'worker_slots',
  ...budgetNames,
] as const
type LimitName = (typeof limitNames)[number]

export interface Explanation {
  /** Null when the job has ended. */
  readonly waitingFor: Waiting | null
  readonly ahead: number
  readonly limits: readonly (Usage & { readonly name: LimitName })[]
  readonly nextAttemptAt: Date | null
  readonly lastFailure: LastFailure | null
  /** A guess; null for what has started, and where nobody can tell. */
  readonly predictedStartAt: Date | null
  readonly suggestions: readonly string[]
}

export const explain = (facts: JobFacts): Explanation => {
  const waitingFor = waitOf(facts)
  return {
    waitingFor,
    ahead: facts.state === 'queued' ? facts.ahead : 0,
    limits: limitsOf(facts, waitingFor !== null),
    nextAttemptAt: facts.state === 'queued' || facts.state === 'waiting' ? facts.dueAt : null,
    lastFailure: facts.lastFailure,
    predictedStartAt: predictStart(facts),
    suggestions: suggest(facts, waitingFor),
  }
}

/** A job that has ended stands under none; one that a budget has ended still shows its budgets. */
const limitsOf = ({ tenant, account, fleet, budgets, state, lastFailure }: JobFacts, isOpen: boolean) => {
  if (!isOpen) return state === 'failed' && lastFailure?.code === 'budget_exceeded' ? budgets : []
  return [
    { name: 'tenant_concurrency', ...tenant },
    { name: 'account_concurrency', used: account.used, max: account.max },
    { name: 'worker_slots', ...fleet },
    ...budgets,
  ] as const
}

const waitOf = (facts: JobFacts): Waiting | null => {
  switch (facts.state) {
    case 'queued':
      return waitOfQueued(facts)
    case 'waiting':
      return isDue(facts) ? waitOfDue(facts) : waitOfParked(facts)
    case 'running':
      return waitOfRunning(facts)
    case 'succeeded':
    case 'failed':
    case 'canceled':
      return null
  }
}

const isDue = ({ dueAt, now }: JobFacts): boolean => dueAt !== null && dueAt <= now

const isFull = ({ used, max }: Usage): boolean => used >= max

const waitOfQueued = (facts: JobFacts): Waiting => {
  if (facts.dueAt === null)
    return {
      kind: 'batch',
      detail: 'Its batch holds it back: it has not been closed, or the queue is full.',
      until: null,
    }
  if (!isDue(facts))
    return { kind: 'schedule', detail: 'It is to start at a time of its own.', until: facts.dueAt }
  if (facts.isBehindSession)
    return { kind: 'session', detail: 'An earlier job of its session goes first.', until: null }
  return waitOfDue(facts)
}

const waitOfDue = (facts: JobFacts): Waiting => {
  if (facts.fleet.max === 0) return { kind: 'workers', detail: 'No worker is there to take it.', until: null }
  if (facts.state === 'queued' && isFull(facts.tenant))
    return {
      kind: 'tenant_concurrency',
      detail: `The tenant has ${facts.tenant.used} jobs at work, as many as it may.`,
      until: null,
    }
  if (facts.state === 'queued' && isFull(facts.account))
    return {
      kind: 'account_concurrency',
      detail: `The provider account has ${facts.account.used} jobs at work, as many as it may.`,
      until: null,
    }
  if (isFull(facts.fleet))
    return { kind: 'workers', detail: 'Every slot of every worker is taken.', until: null }
  return { kind: 'turn', detail: 'It is due; a worker takes it in its turn.', until: null }
}

const waitOfRunning = ({ stage, isOrphaned, isCancelRequested }: JobFacts): Waiting => {
  if (isOrphaned)
    return { kind: 'rescue', detail: 'Its worker was lost; another one takes it over.', until: null }
  if (isCancelRequested) return { kind: 'cancel', detail: 'Its worker is stopping it.', until: null }
  return { kind: 'work', detail: `A worker is at the stage ${stage}.`, until: null }
}

const later = (...dates: readonly (Date | null)[]): Date | null =>
  dates.reduce((latest, date) => (latest === null || (date !== null && date > latest) ? date : latest), null)

const waitOfParked = ({ dueAt, waitReason, stage, account, lastFailure }: JobFacts): Waiting => {
  switch (waitReason) {
    case 'retry':
      return {
        kind: 'retry',
        detail: `The stage ${stage} failed${lastFailure === null ? '' : ` (${lastFailure.code})`} and is tried again.`,
        until: dueAt,
      }
    case 'provider_paused':
      return {
        kind: 'provider',
        detail: 'The provider asked for a pause of its account.',
        until: later(dueAt, account.pausedUntil),
      }
    case 'provider_down':
      return {
        kind: 'provider',
        detail: `The stage ${stage} does not work at the provider; a probe finds out when it does again.`,
        until: later(dueAt, account.probeAt),
      }
    case 'token':
      return { kind: 'token', detail: 'A token of the provider is being asked for.', until: dueAt }
    case 'recovery':
    case 'settling':
      return { kind: 'outcome', detail: 'What became of its message is looked for.', until: dueAt }
    case 'session_busy':
      return {
        kind: 'outcome',
        detail: 'An earlier message of its conversation may still be at work.',
        until: dueAt,
      }
    case 'render_pending':
    case 'rendering':
    case 'render_url':
      return { kind: 'render', detail: 'The provider is rendering.', until: dueAt }
    default:
      return { kind: 'turn', detail: 'It goes on in a moment.', until: dueAt }
  }
}

/** Everything that comes first takes its turn on the slots that there are. */
const predictStart = (facts: JobFacts): Date | null => {
  const { state, now, dueAt, ahead, tenant, account, fleet, slotMs } = facts
  const limits = [tenant, account, fleet]
  const slots = Math.min(...limits.map(({ max }) => max))
  if (state !== 'queued' || dueAt === null || facts.isBehindSession || slots === 0) return null
  const free = Math.max(0, Math.min(...limits.map(({ max, used }) => max - used)))
  const rounds = ahead < free ? 0 : Math.ceil((ahead - free + 1) / slots)
  const readyMs = now.getTime() + rounds * slotMs
  return new Date(Math.max(readyMs, dueAt.getTime()))
}

const suggest = (facts: JobFacts, waitingFor: Waiting | null): readonly string[] => {
  const hint = facts.lastFailure === null ? [] : [failureCatalog[facts.lastFailure.code].hint]
  if (facts.state === 'failed') return hint
  switch (waitingFor?.kind) {
    case 'workers':
      return facts.fleet.max === 0
        ? ['Start a worker: no process has taken jobs in the last minute.']
        : ['Start more workers, or give each more slots (WORKER_CONCURRENCY).']
    case 'tenant_concurrency':
      return ['Wait for the jobs at work, or raise max_concurrency of the tenant.']
    case 'account_concurrency':
      return [
        'Wait for the jobs at work, raise max_concurrency of the provider account, or give the tenant one of its own.',
      ]
    case 'batch':
      return ['Close the batch.']
    case 'provider':
      return ['Nothing is lost: it goes on by itself. Lower the concurrency if the provider pauses it often.']
    case 'retry':
      return hint
    default:
      return []
  }
}
