/** Why a worker has to let go of a job before its stage is done. */
export type StopReason =
  /** The lease ran out, may have run out, or is somebody else's: nothing may be written any more. */
  | 'lost'
  /** The client wants the job canceled. */
  | 'canceled'
  /** The process stops. */
  | 'stopping'

/** The right to work on a job, as its holder sees it. */
export interface Lease {
  /** Fires with the reason to let go. */
  readonly signal: AbortSignal
  readonly stopReason: StopReason | null
  /** False from when the lease may have run out by the monotonic clock. */
  isHeld(): boolean
  /** A stage that must not be cut lightly is spared longer when the process stops. */
  enterStage(stage: string): void
  /** The job is recorded as let go; nothing is renewed any more. */
  end(): void
}

export interface LeaseBook {
  /** `sinceMs`: the monotonic time before the lease was asked for, from which its length is counted. */
  take(jobId: string, epoch: number, sinceMs: number): Lease
}

export class LeaseLost extends Error {
  override readonly name = 'LeaseLost'
}

/** Throws `LeaseLost` when the lease may have run out. */
export const assertHeld = (lease: Pick<Lease, 'isHeld'>): void => {
  if (!lease.isHeld()) throw new LeaseLost('the lease may have run out')
}
