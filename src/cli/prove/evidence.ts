/**
 * What an audit reads: what clients were promised, the service's rows, the provider's ledger, what a receiver caught,
 * and what was done to the service meanwhile. Nothing in it is the service's opinion of itself (guarantees.md §3.5).
 */
import type { NewJobEvent } from '../../job/events.ts'
import type { LedgerRow } from '../../sandbox/ledger-entry.ts'

export interface Evidence {
  readonly submits: readonly Submit[]
  readonly jobs: readonly JobFact[]
  readonly events: readonly EventFact[]
  readonly permits: readonly PermitFact[]
  readonly attempts: readonly AttemptFact[]
  readonly deliveries: readonly DeliveryFact[]
  readonly artifacts: readonly ArtifactFact[]
  readonly ledger: readonly LedgerRow[]
  readonly calls: readonly ReceiverCall[]
  readonly disturbances: readonly Disturbance[]
  /** Could a killed process leave word, on this machine, of the messages that it had not sent yet? */
  readonly areMarksKept: boolean
}

/** One request for a job, over all the times that it was sent with its key. */
export interface Submit {
  readonly key: string
  /** The job that the client was promised; null when every try ended without an answer or in a refusal. */
  readonly jobId: string | null
  readonly tries: number
  /** Statuses of the answers, 0 for a try that got none. */
  readonly statuses: readonly number[]
}

export interface JobFact {
  readonly id: string
  /** The key it was submitted with, which the load also puts into the job's metadata. */
  readonly key: string | null
  readonly state: string
  readonly stage: string
  readonly messageNo: number
  readonly seq: number
  readonly attempt: number
  readonly progress: number
  readonly failureCode: string | null
  readonly failureMessage: string | null
  readonly creditsSpent: number
  readonly creditsAtRisk: number
  readonly renderId: string | null
  readonly artifactId: string | null
  /** The events that its client is to be told of; null without a callback. */
  readonly callbackEvents: readonly string[] | null
}

export type EventFact = {
  readonly jobId: string
  readonly seq: number
  readonly id: string
  readonly epoch: number
  readonly atMs: number
} & NewJobEvent

export interface PermitFact {
  readonly jobId: string
  readonly messageNo: number
  readonly try: number
  readonly epoch: number
  readonly state: string
  readonly messageDigest: string
  readonly creditsSettled: number | null
  readonly isEstimated: boolean
  readonly createdAtMs: number
}

export interface AttemptFact {
  readonly jobId: string
  readonly stage: string
  readonly epoch: number
  /** Who held the lease. */
  readonly owner: string | null
  readonly outcome: string
  readonly failureCode: string | null
  readonly note: string | null
  readonly finishedAtMs: number
}

export interface DeliveryFact {
  readonly jobId: string
  readonly eventId: string
  readonly eventType: string
  readonly state: string
  readonly tries: number
}

export interface ArtifactFact {
  readonly id: string
  readonly jobId: string
  readonly sha256: string
  /** SHA-256 of the bytes that are stored; null when there is no such file. */
  readonly storedSha256: string | null
}

/** A callback as it arrived. */
export interface ReceiverCall {
  readonly webhookId: string
  readonly jobId: string | null
  readonly type: string | null
  readonly atMs: number
  /** How far its time stamp was from the receiver's clock. */
  readonly skewMs: number
  readonly bodySha256: string
  readonly isVerified: boolean
  /** The status that it was answered with. */
  readonly status: number
}

/** Something that was done to the service on purpose. */
export interface Disturbance {
  readonly name: string
  readonly detail: string
  readonly fromMs: number
  readonly untilMs: number
}
