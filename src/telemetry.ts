/** The facts that code states about itself, and what becomes of them: log lines, and whatever else is told. */
import type { Logger } from 'pino'

interface BalanceChange {
  readonly accountId: string
  readonly credits: number
  readonly since: Date
  readonly until: Date
}

export interface Facts {
  'attempt.finished': {
    readonly jobId: string
    readonly stage: string
    readonly messageNo: number
    readonly outcome: string
    readonly ms: number
    readonly failureCode: string | null
    readonly note: string | null
  }
  'attempt.crashed': { readonly jobId: string; readonly stage: string; readonly error: unknown }
  'job.claimed': { readonly jobId: string; readonly stage: string; readonly epoch: number }
  'job.finished': {
    readonly jobId: string
    /** Null where whoever ended it did not know. */
    readonly attempt: number | null
    readonly state: string
    readonly failureCode: string | null
  }
  'job.stale': { readonly jobId: string; readonly stage: string }
  'job.lease_lost': { readonly jobId: string; readonly stage: string }
  'job.write_failed': { readonly jobId: string; readonly error: unknown }
  'render.cancel_failed': { readonly jobId: string; readonly error: unknown }
  'provider.answered': {
    readonly operation: string
    /** `ok`, how a message ended, or the code of the failure. */
    readonly outcome: string
    readonly ms: number
  }
  'provider.paused': { readonly accountId: string; readonly forMs: number }
  'provider.down': { readonly accountId: string; readonly operation: string; readonly openings: number }
  'provider.up': { readonly accountId: string; readonly operation: string }
  /** A token was to be renewed before its end; the kept one does for now. */
  'token.renewal_refused': {
    readonly accountId: string
    readonly failureCode: string
    readonly note: string
    readonly retryInMs: number
  }
  'traffic.failed': { readonly error: unknown }
  'dispatch.rang': { readonly jobs: number; readonly deliveries: number }
  'dispatch.failed': { readonly error: unknown }
  'books.failed': { readonly error: unknown }
  /** What a balance lost between two readings beyond what the messages of the account have cost. */
  'credits.unexplained': BalanceChange
  /** What it gained, or what its messages have cost less than they were booked with. */
  'credits.added': BalanceChange
  'batch.ended': { readonly batchId: string; readonly state: string }
  /** Null: none of the batches could be looked at. */
  'batches.failed': { readonly batchId: string | null; readonly error: unknown }
  'heartbeat.failed': { readonly error: unknown; readonly leases: number }
  'listener.replaced': { readonly queue: string; readonly reason: 'away' | 'deaf' }
  'delivery.attempted': {
    readonly deliveryId: string
    readonly jobId: string | null
    readonly outcome: string
    readonly httpStatus: number | null
    readonly ms: number
  }
  'delivery.failed': { readonly deliveryId: string; readonly error: unknown }
  /** `rows` of a table, and the files that they named. */
  'sweep.removed': { readonly what: string; readonly rows: number; readonly files: number }
  'sweep.failed': { readonly error: unknown }
  'endpoint.disabled': { readonly endpointId: string; readonly reason: string }
  'http.answered': {
    readonly method: string
    /** The pattern of the path; `none` where no route fits. */
    readonly route: string
    readonly status: number
    readonly ms: number
  }
  'metrics.unreadable': { readonly figure: string; readonly error: unknown }
  'traces.dropped': { readonly spans: number; readonly error: unknown }
}

export type FactName = keyof Facts

export interface Telemetry {
  state<N extends FactName>(fact: N, details: Facts[N]): void
}

type Level = 'debug' | 'info' | 'warn' | 'error'

const levels: Record<FactName, Level> = {
  'attempt.finished': 'debug',
  'attempt.crashed': 'error',
  'job.claimed': 'debug',
  'job.finished': 'info',
  'job.stale': 'info',
  'job.lease_lost': 'warn',
  'job.write_failed': 'error',
  'render.cancel_failed': 'info',
  'provider.answered': 'debug',
  'provider.paused': 'warn',
  'provider.down': 'warn',
  'provider.up': 'info',
  'batch.ended': 'info',
  'batches.failed': 'error',
  'token.renewal_refused': 'warn',
  'traffic.failed': 'warn',
  'dispatch.rang': 'debug',
  'dispatch.failed': 'warn',
  'books.failed': 'warn',
  'credits.unexplained': 'warn',
  'credits.added': 'info',
  'heartbeat.failed': 'warn',
  'listener.replaced': 'warn',
  'delivery.attempted': 'debug',
  'delivery.failed': 'error',
  'endpoint.disabled': 'warn',
  'http.answered': 'debug',
  'metrics.unreadable': 'warn',
  'traces.dropped': 'warn',
  'sweep.removed': 'info',
  'sweep.failed': 'warn',
}

/** Logs every fact at its level, with its details as fields; an `error` field goes through pino's serializer. */
export const logTelemetry = (log: Logger): Telemetry => ({
  state: (fact, details) => {
    if (!log.isLevelEnabled(levels[fact])) return
    const { error, ...fields } = details as { error?: unknown }
    log[levels[fact]](error === undefined ? fields : { ...fields, err: error }, fact)
  },
})

/** Facts that an operator should hear of. */
export const isIncident = (fact: FactName): boolean => levels[fact] === 'warn' || levels[fact] === 'error'

/** Tells each fact to all of them, in their order. */
export const tellAll = (subscribers: readonly Telemetry[]): Telemetry => ({
  state: (fact, details) => {
    for (const subscriber of subscribers) subscriber.state(fact, details)
  },
})
